# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Recordings: what comes back, and what is left after a crash at any moment."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.recording import Recording, RecordingWriter, durable
from adu_depth_core.recording.pictures import (
    decode_depth,
    decode_scale,
    encode_depth,
    encode_teacher,
)
from adu_depth_core.samples.sample import StereoSample
from adu_depth_core.synthetic.drive import KITTI_CAMERA
from full_disk import little_space

NAN, INF = np.nan, np.inf
CAMERA = replace(KITTI_CAMERA, width=4, height=2)
RIG = StereoRig(CAMERA, replace(CAMERA, cx=611.25), 0.532725)
MAPS = ('depth_m', 'right_depth_m', 'teacher_depth_m', 'teacher_scale')


def left_only(name='drive/0'):
    rng = np.random.default_rng(len(name))
    return StereoSample(name, 1_700_000_000_123_456_789, image(rng), CAMERA)


def complete(name='drive/0'):
    """A sample of everything, in values that the files hold exactly."""
    rng = np.random.default_rng(len(name))
    return replace(
        left_only(name),
        right=image(rng),
        rig=RIG,
        depth_m=depth([[1.5, NAN, INF, 255.0], [1 / 256, 2, 3, 4]]),
        right_depth_m=depth([[2.5, INF, NAN, 80.25], [5, 6, 7, 8]]),
        teacher_depth_m=depth([[NAN, 20.5, 30.0, 125.0], [5, 6, 7, 8]]),
        teacher_scale=depth([[NAN, 0.125, 0.5, 0.25], [0.5, 0.25, 0.125, 0.0625]]),
    )


def image(rng):
    return rng.integers(0, 255, (2, 4, 3), np.uint8)


def depth(values):
    return np.array(values, np.float32)


def record(folder, *samples, **options):
    with RecordingWriter(folder, **options) as writer:
        for sample in samples:
            writer.add(sample)


def names(folder):
    recording = Recording(folder)
    assert recording.names == [recording[i].name for i in range(len(recording))]
    return recording.names


def assert_same(found, expected):
    assert (found.name, found.stamp_ns) == (expected.name, expected.stamp_ns)
    assert (found.camera, found.rig) == (expected.camera, expected.rig)
    for field in ('left', 'right', *MAPS):
        np.testing.assert_equal(getattr(found, field), getattr(expected, field), err_msg=field)


@pytest.mark.parametrize('sample', [complete(), left_only()], ids=['complete', 'left only'])
def test_sample_comes_back_as_it_was(tmp_path, sample):
    record(tmp_path / 'new' / 'folder', sample)
    recording = Recording(tmp_path / 'new' / 'folder')
    assert len(recording) == 1
    assert recording.missing.summary() == 'nothing missing'
    assert_same(recording[0], sample)


def test_kittis_baseline_and_both_principal_points_survive(tmp_path):
    record(tmp_path, complete())
    rig = Recording(tmp_path)[0].rig
    assert (rig.baseline_m, rig.left.cx, rig.right.cx) == (0.532725, KITTI_CAMERA.cx, 611.25)


def test_every_sample_has_its_own_camera(tmp_path):
    wide = Camera(6, 2, 3.0, 3.5, 2.5, 0.5)
    other = replace(left_only('b'), camera=wide, left=np.zeros((2, 6, 3), np.uint8))
    record(tmp_path, left_only('a'), other)
    assert [Recording(tmp_path)[i].camera for i in (0, 1)] == [CAMERA, wide]


def test_numbers_of_numpy_in_a_calibration_are_plain_numbers(tmp_path):
    camera = Camera(np.int64(4), np.int64(2), np.float32(2.5), np.float64(2.5), 1.5, 0.5)
    record(tmp_path, replace(left_only(), camera=camera))
    assert Recording(tmp_path)[0].camera == Camera(4, 2, 2.5, 2.5, 1.5, 0.5)


def test_jpeg_is_smaller_and_nearly_the_same(tmp_path):
    y, x = np.mgrid[:64, :96]
    picture = np.stack([x * 2, y * 3, x + y], axis=2).astype(np.uint8)
    sample = replace(left_only(), left=picture, camera=Camera(96, 64, 9.0, 9.0, 48.0, 32.0))
    record(tmp_path, sample, jpeg_quality=90)
    assert (tmp_path / 'left' / '0000000.jpg').exists()
    found = Recording(tmp_path)[0].left
    assert 0 < np.abs(found.astype(int) - picture).mean() < 4


def test_depth_rounds_and_what_is_too_far_to_write_is_sky():
    metres = depth([[10 + 0.6 / 256, NAN, INF, 300, 255.996, 255.99, 0.0005, -1, 0]])
    expected = depth([[10 + 1 / 256, NAN, INF, INF, INF, 255.98828125, NAN, NAN, NAN]])
    np.testing.assert_array_equal(decode_depth(encode_depth(metres)), expected)


def test_scale_keeps_its_value_within_one_percent_where_networks_give_it():
    scale = np.geomspace(0.0025, 0.5, 1000, dtype=np.float32)[None]
    _, stored = encode_teacher(np.ones_like(scale), scale)
    np.testing.assert_allclose(decode_scale(stored), scale, rtol=0.0031)


def test_teacher_is_unknown_in_both_maps_alike():
    metres = depth([[10, NAN, INF, 300, 20, 30, 40]])
    scale = depth([[0.25, 0.25, 0.25, 0.25, NAN, 0, 7]])
    stored_depth, stored_scale = encode_teacher(metres, scale)
    np.testing.assert_array_equal(stored_depth, [[2560, 0, 0, 0, 0, 0, 40 * 256]])
    np.testing.assert_array_equal(stored_scale, [[16384, 0, 0, 0, 0, 0, 65535]])


def test_second_writer_goes_on_after_the_last_sample(tmp_path):
    record(tmp_path, complete('a'))
    record(tmp_path, complete('b'), left_only('c'), jpeg_quality=95)
    assert names(tmp_path) == ['a', 'b', 'c']
    assert_same(Recording(tmp_path)[0], complete('a'))
    with RecordingWriter(tmp_path) as writer:
        assert len(writer) == 3


def test_lines_may_be_taken_out_by_hand(tmp_path):
    record(tmp_path, left_only('a'), left_only('bb'), left_only('ccc'))
    lines = (tmp_path / 'samples.jsonl').read_text().splitlines()
    (tmp_path / 'samples.jsonl').write_text('\n'.join([lines[0], lines[2]]))
    record(tmp_path, left_only('dddd'))
    assert names(tmp_path) == ['a', 'ccc', 'dddd']
    for index, name in enumerate(['a', 'ccc', 'dddd']):
        assert_same(Recording(tmp_path)[index], left_only(name))


def test_recording_can_be_read_while_it_is_written(tmp_path):
    with RecordingWriter(tmp_path) as writer:
        writer.add(left_only('a'))
        assert names(tmp_path) == ['a']
        writer.add(left_only('b'))
        assert names(tmp_path) == ['a', 'b']


def test_line_torn_anywhere_is_no_sample_and_is_written_over(tmp_path):
    record(tmp_path, complete('a'), complete('b'))
    lines = (tmp_path / 'samples.jsonl').read_bytes()
    second = lines.index(b'\n') + 1
    for length in range(second, len(lines) - 1):
        (tmp_path / 'samples.jsonl').write_bytes(lines[:length])
        assert names(tmp_path) == ['a']
    for length in range(second, len(lines) - 1, 60):
        (tmp_path / 'samples.jsonl').write_bytes(lines[:length])
        record(tmp_path, left_only('cc'))
        assert names(tmp_path) == ['a', 'cc']
    assert_same(Recording(tmp_path)[1], left_only('cc'))


class PowerLoss(BaseException):
    """What nothing in the writer catches."""


@pytest.mark.parametrize('sync', range(16))
def test_loss_of_power_between_any_two_steps_leaves_whole_samples(tmp_path, monkeypatch, sync):
    record(tmp_path, complete('a'))
    steps = iter(range(100))

    def lose_power(descriptor):
        if next(steps) == sync:
            raise PowerLoss

    with monkeypatch.context() as patch, RecordingWriter(tmp_path) as writer:
        patch.setattr(durable.os, 'fsync', lose_power)
        try:
            writer.add(complete('b'))
        except PowerLoss:
            assert sync < 13  # six pictures, their folders, and the line
    assert names(tmp_path) == (['a'] if sync < 12 else ['a', 'b'])
    record(tmp_path, left_only('cc'))
    assert_same(Recording(tmp_path)[len(Recording(tmp_path)) - 1], left_only('cc'))
    assert_same(Recording(tmp_path)[0], complete('a'))


def test_half_written_picture_without_its_line_is_written_over(tmp_path):
    record(tmp_path, left_only('a'))
    (tmp_path / 'left' / '0000001.png').write_bytes(b'half')
    assert names(tmp_path) == ['a']
    record(tmp_path, left_only('bb'))
    assert_same(Recording(tmp_path)[1], left_only('bb'))


def test_killed_writer_leaves_all_that_it_reported(tmp_path):
    program = (
        'import itertools, sys, test_recording as t\n'
        'with t.RecordingWriter(sys.argv[1]) as writer:\n'
        '    for number in itertools.count():\n'
        '        writer.add(t.complete(str(number)))\n'
        '        print(number, flush=True)\n'
    )
    imports = os.pathsep.join([os.path.dirname(__file__), *sys.path])
    child = subprocess.Popen(
        [sys.executable, '-c', program, tmp_path / 'r'],
        stdout=subprocess.PIPE,
        env={**os.environ, 'PYTHONPATH': imports},
    )
    for _ in range(5):
        child.stdout.readline()
    child.kill()
    reported = 4 + len(child.communicate()[0].splitlines())
    found = names(tmp_path / 'r')
    assert found == [str(i) for i in range(len(found))]
    assert len(found) in (reported + 1, reported + 2)
    assert_same(Recording(tmp_path / 'r')[len(found) - 1], complete(found[-1]))
    record(tmp_path / 'r', complete('after'))
    assert names(tmp_path / 'r')[-1] == 'after'


@pytest.mark.parametrize('room', [40, 700])
def test_full_disk_tears_nothing(tmp_path, room):
    """The first size refuses the pictures, the second one the line."""
    with RecordingWriter(tmp_path) as writer:
        writer.add(complete('a'))
        before = sorted(tmp_path.rglob('*'))
        lines = (tmp_path / 'samples.jsonl').read_bytes()
        assert max(p.stat().st_size for p in tmp_path.glob('*/*')) < 700 < 2 * len(lines)
        with little_space(room), pytest.raises(InputError, match='cannot be written'):
            writer.add(complete('b'))
        assert (tmp_path / 'samples.jsonl').read_bytes() == lines
        assert sorted(tmp_path.rglob('*')) == before
        writer.add(complete('c'))
    assert names(tmp_path) == ['a', 'c']


def test_two_writers_do_not_share_a_folder(tmp_path):
    with RecordingWriter(tmp_path), pytest.raises(InputError, match='another process'):
        RecordingWriter(tmp_path)
    record(tmp_path, left_only())


def test_refused_folder_is_let_go(tmp_path):
    record(tmp_path, left_only('a'))
    good = (tmp_path / 'recording.json').read_text()
    (tmp_path / 'recording.json').write_text(good.replace('1', '2'))
    with pytest.raises(InputError, match='version 2'):
        RecordingWriter(tmp_path)
    (tmp_path / 'recording.json').write_text(good)
    record(tmp_path, left_only('b'))


def test_name_is_recorded_once(tmp_path):
    record(tmp_path, left_only('a'))
    with pytest.raises(InputError, match='"a" is recorded already'):
        record(tmp_path, left_only('a'))


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'depth_m': np.ones((3, 4), np.float32)}, 'depth_m is 4x3, its camera 4x2'),
        ({'rig': None}, 'needs a calibrated rig'),
        ({'rig': StereoRig(replace(CAMERA, cx=1.0), CAMERA, 0.5)}, 'not the left one'),
        ({'teacher_scale': None}, 'come together'),
    ],
)
def test_sample_whose_parts_do_not_fit_is_refused(tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        record(tmp_path, replace(complete(), **changes))
    assert not list(tmp_path.glob('*/*'))


@pytest.mark.parametrize('quality', [0, 101])
def test_impossible_jpeg_quality_is_refused(tmp_path, quality):
    with pytest.raises(InputError, match='between 1 and 100'):
        RecordingWriter(tmp_path / 'new', jpeg_quality=quality)
    assert not (tmp_path / 'new').exists()


def test_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / 'samples.jsonl').write_text('{"of": "others"')
    with pytest.raises(InputError, match=r'holds samples\.jsonl and is not a recording'):
        RecordingWriter(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ['samples.jsonl']


def test_first_writer_that_died_at_once_is_no_obstacle(tmp_path):
    (tmp_path / 'samples.jsonl').touch()
    (tmp_path / '.part-x.json').touch()
    record(tmp_path, left_only())
    assert len(Recording(tmp_path)) == 1


def test_sample_that_lost_a_file_is_counted(tmp_path):
    record(tmp_path, complete('a'), complete('b'))
    (tmp_path / 'teacher_depth' / '0000000.png').unlink()
    recording = Recording(tmp_path)
    assert recording.missing.names == {'teacher depth': ['a']}
    assert [recording[0].name, len(recording)] == ['b', 1]


def test_spoilt_picture_is_named(tmp_path):
    record(tmp_path, complete())
    (tmp_path / 'depth' / '0000000.png').write_bytes(b'spoilt')
    with pytest.raises(InputError, match=r'depth/0000000\.png: not a picture'):
        Recording(tmp_path)[0]


def test_picture_from_outside_the_recording_is_refused(tmp_path):
    folder, secret = tmp_path / 'recording', tmp_path / 'secret.png'
    record(folder, complete())
    (folder / 'depth' / '0000000.png').rename(secret)
    (folder / 'depth' / '0000000.png').symlink_to(secret)
    with pytest.raises(InputError, match=r'depth/0000000\.png: is a link that leads out of'):
        Recording(folder)[0]


@pytest.mark.parametrize('target', ['/dev/zero', None])
def test_picture_that_never_ends_is_refused(tmp_path, target):
    record(tmp_path, complete())
    path = tmp_path / 'left' / '0000000.png'
    path.unlink()
    if target:
        path.symlink_to(target)
    else:
        os.mkfifo(path)
    with pytest.raises(InputError, match=r'leads out of|is a pipe or a device'):
        Recording(tmp_path)[0]


@pytest.mark.parametrize('name', ['samples.jsonl', 'recording.json'])
def test_pipe_in_place_of_a_file_is_refused(tmp_path, name):
    record(tmp_path, complete())
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    with pytest.raises(InputError, match=r'is a pipe or a device|not a recording'):
        Recording(tmp_path)


def test_recording_may_be_a_link_itself(tmp_path):
    record(tmp_path / 'there', complete())
    (tmp_path / 'here').symlink_to(tmp_path / 'there')
    assert Recording(tmp_path / 'here')[0].name == complete().name


def test_picture_of_another_size_is_named(tmp_path):
    record(tmp_path, complete())
    lines = (tmp_path / 'samples.jsonl').read_text()
    (tmp_path / 'samples.jsonl').write_text(lines.replace('"width": 4', '"width": 8'))
    with pytest.raises(InputError, match='size 4x2, its camera has 8x2'):
        Recording(tmp_path)[0]


@pytest.mark.parametrize(
    ('old', 'new', 'message'),
    [
        ('{', '', 'line 1 is not JSON'),
        (f'"fx": {KITTI_CAMERA.fx}', '"fx": -1', 'line 1 lacks or spoils camera: focal length'),
        ('"name"', '"title"', "line 1 lacks or spoils 'name'"),
        ('left/0000000.png', '../../secret.png', 'line 1 lacks or spoils the file'),
        ('1700000000123456789', '1' + '0' * 40, r'line 1 lacks or spoils the stamp 1e\+40 ns'),
        ('1700000000123456789', '-1', 'line 1 lacks or spoils the stamp -1 ns'),
        ('1700000000123456789', '1e999', 'line 1 lacks or spoils cannot convert'),
        ('{', '[' * 20_000 + '{', 'line 1 is not JSON'),
        ('"left":', '"middle":', 'line 1 lacks or spoils the file'),
    ],
)
def test_spoilt_line_is_named(tmp_path, old, new, message):
    record(tmp_path, left_only('a'), left_only('b'))
    lines = (tmp_path / 'samples.jsonl').read_text()
    (tmp_path / 'samples.jsonl').write_text(lines.replace(old, new, 1))
    for opened in (Recording, RecordingWriter):
        with pytest.raises(InputError, match=message):
            opened(tmp_path)


@pytest.mark.parametrize('head', [None, '', '[]', '{"format": "adu_depth_recording"}'])
def test_folder_without_a_head_is_no_recording(tmp_path, head):
    if head is not None:
        (tmp_path / 'recording.json').write_text(head)
    with pytest.raises(InputError, match='not a recording'):
        Recording(tmp_path)


def test_recording_without_a_sample_is_refused(tmp_path):
    record(tmp_path)
    with pytest.raises(InputError, match='no whole sample'):
        Recording(tmp_path)


def test_lines_are_json_for_everybody(tmp_path):
    record(tmp_path, complete('a'))
    line = json.loads((tmp_path / 'samples.jsonl').read_text())
    assert line['rig'] == {'baseline_m': 0.532725, 'right_cx': 611.25}
    assert line['files']['teacher_scale'] == 'teacher_scale/0000000.png'
