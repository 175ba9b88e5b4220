# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth label`: what it writes of bags and data sets, how it goes on, what it refuses."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from adu_depth_core.bags import bag_writer, open_bag, write_bag
from adu_depth_core.bags.bag_stereo import StereoTopics, find_stereo_topics, pairs_of_bag
from adu_depth_core.bags.sample_messages import BagFormat
from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.commands import label
from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_file import write_model_file
from adu_depth_core.inference.model_info import TeacherInfo
from adu_depth_core.inference.stereo_predictor import StereoPredictor
from adu_depth_core.messages.stamped import camera_info_message, image_message
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, IMAGE_TYPE
from adu_depth_core.models.teacher import Teacher
from adu_depth_core.recording import Recording, RecordingWriter
from adu_depth_core.samples.sample import StereoSample

INFO = TeacherInfo('tiny', 360.0, max_disparity_px=48, pixels=64 * 64)
CAMERA = Camera(64, 32, 60.0, 60.0, 31.5, 15.5)
RIG = StereoRig(CAMERA, replace(CAMERA, cx=30.0), 0.25)
LEFT, RIGHT = '/stereo/left/image_rect', '/stereo/right/image_rect'


@pytest.fixture(scope='module')
def teacher(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp('teacher') / 'teacher.safetensors'
    write_model_file(path, Teacher(INFO.architecture()), INFO)
    return path


def pair(number, brightness=None):
    """A pair of noise, or of one grey level."""
    rng = np.random.default_rng(number)
    shape = (CAMERA.height, CAMERA.width, 3)
    left = rng.integers(0, 255, shape, np.uint8)
    if brightness is not None:
        left = np.full(shape, 50, np.uint8)
        left[:, :32] = brightness
    depth = np.full(shape[:2], 7.0, np.float32)
    right = np.roll(left, -3, 1)
    return StereoSample(
        f'drive/{number:03d}', 10**9 + number * 10**8, left, CAMERA, right, RIG, depth
    )


@pytest.fixture
def recording(tmp_path):
    return record(tmp_path / 'pairs', [pair(number) for number in range(6)])


@pytest.fixture
def bag(tmp_path):
    write_bag(tmp_path / 'drive', [pair(number) for number in range(6)])
    return f'bag:{tmp_path / "drive"}'


def record(folder, samples):
    with RecordingWriter(folder) as writer:
        for sample in samples:
            writer.add(sample)
    return f'recording:{folder}'


def run(data, teacher, output, *more):
    words = ['--data', data, '--teacher', str(teacher), '--output', str(output), '--device', 'cpu']
    return label.main([*words, *more])


def names(folder):
    return Recording(folder).names


@pytest.mark.parametrize(('words', 'pooled'), [([], True), (['--no-block-matching'], False)])
def test_data_set_is_kept_and_gets_the_word_of_the_teacher(
    recording, teacher, tmp_path, capsys, words, pooled
):
    assert run(recording, teacher, tmp_path / 'out', *words) == 0
    found, given = Recording(tmp_path / 'out'), Recording(tmp_path / 'pairs')
    assert found.names == given.names
    sample, before = found[2], given[2]
    np.testing.assert_array_equal(sample.left, before.left)
    np.testing.assert_array_equal(sample.right, before.right)
    np.testing.assert_array_equal(sample.depth_m, before.depth_m)
    assert (sample.rig, sample.stamp_ns) == (RIG, before.stamp_ns)
    options = {'device': 'cpu', 'block_matching': pooled}
    predict = StereoPredictor.load(str(teacher), **options).without_limits()
    said = predict(before.left, before.right, RIG)
    np.testing.assert_allclose(sample.teacher_depth_m, said.depth_m, atol=1 / 500)
    scale = said.std_m / (2**0.5 * said.depth_m)
    np.testing.assert_allclose(sample.teacher_scale, scale, atol=1e-5)
    assert 'out: 6 samples (nothing missing)' in capsys.readouterr().out


def test_block_matching_labels_without_a_model_file(tmp_path):
    rng = np.random.default_rng(4)
    camera = Camera(160, 96, 100.0, 100.0, 79.5, 47.5)
    left = cv2.resize(rng.integers(0, 255, (48, 80, 3), np.uint8), (160, 96))
    # What stands at x is at x - 8 in the right image: 100 px 0.4 m / 8 px = 5 m.
    sample = StereoSample(
        'drive/0', 1, left, camera, np.roll(left, -8, 1), StereoRig(camera, camera, 0.4)
    )
    data = record(tmp_path / 'pairs', [sample])
    words = ['--data', data, '--matcher', 'sgbm', '--output', str(tmp_path / 'out')]
    assert label.main(words) == 0
    said = Recording(tmp_path / 'out')[0].teacher_depth_m[:, 40:]
    assert np.isfinite(said).mean() > 0.8
    assert np.nanmedian(said) == pytest.approx(5.0, rel=0.01)
    assert json.loads((tmp_path / 'out' / 'labelled_by.json').read_text())['matcher'] == 'sgbm'


def test_bag_gives_its_pairs_with_stamps_and_rig(bag, teacher, tmp_path):
    run(bag, teacher, tmp_path / 'out')
    found = Recording(tmp_path / 'out')
    assert found.names == [f'drive/{pair(number).stamp_ns:019d}' for number in range(6)]
    sample = found[3]
    assert (sample.stamp_ns, sample.rig) == (pair(3).stamp_ns, RIG)
    np.testing.assert_array_equal(sample.left, pair(3).left)
    np.testing.assert_array_equal(sample.right, pair(3).right)
    assert sample.teacher_depth_m is not None
    assert sample.depth_m is None


def test_first_frames_of_a_bag_alone(bag, teacher, tmp_path):
    run(bag, teacher, tmp_path / 'out', '--frames', '3')
    assert Recording(tmp_path / 'out').names == [
        f'drive/{pair(number).stamp_ns:019d}' for number in range(3)
    ]


def test_going_on_with_a_bag_in_another_way_is_refused(bag, teacher, tmp_path):
    run(bag, teacher, tmp_path / 'out', '--frames', '3')
    note = tmp_path / 'out' / 'labelled_by.json'
    with pytest.raises(InputError, match='begun with another slop'):
        run(bag, teacher, tmp_path / 'out', '--slop', '0.01')
    before = json.loads(note.read_text())
    note.write_text(json.dumps({k: v for k, v in before.items() if k != 'slop'}))  # of old
    run(bag, teacher, tmp_path / 'out')
    assert len(Recording(tmp_path / 'out')) == 6


@pytest.mark.parametrize(
    ('data', 'words', 'message'),
    [
        ('bag:x', ['--drives', 'a'], '--drives: is of data sets'),
        ('bag:x', ['--disparity-std', '3'], '--disparity-std: is of another sensor'),
        ('recording:x', ['--left-topic', '/left'], '--left-topic: is of bags'),
        ('recording:x', ['--slop', '0.1'], '--slop: is of bags, and recording:x is none'),
    ],
)
def test_what_would_be_ignored_is_refused(tmp_path, data, words, message):
    with pytest.raises(InputError, match=message):
        label.main(['--data', data, *words, '--output', str(tmp_path / 'out')])


def test_compressed_bag_is_read_as_well(teacher, tmp_path):
    jpeg = BagFormat('jpeg', 95, '32FC1')
    write_bag(tmp_path / 'drive', [pair(n, 90 + n) for n in range(3)], bag_format=jpeg)
    run(f'bag:{tmp_path / "drive"}', teacher, tmp_path / 'out')
    found = Recording(tmp_path / 'out')
    assert len(found) == 3
    assert abs(found[2].left.astype(int) - pair(2, 92).left).max() <= 5
    assert found[2].rig == RIG


def test_message_cut_short_is_left_out_and_counted(teacher, tmp_path, capsys):
    path = write_pairs(tmp_path / 'bag', cut=2)
    run(f'bag:{path}', teacher, tmp_path / 'out')
    assert len(names(tmp_path / 'out')) == 5
    said = capsys.readouterr().out
    assert '/cam_right/image_raw: a message of 8 bytes is too short' in said
    assert '5 samples (1 frames without usable pair' in said


@pytest.mark.parametrize('kind', ['recording', 'bag'])
def test_parts_are_disjoint_and_together_all(kind, request, teacher, tmp_path):
    data, out = request.getfixturevalue(kind), tmp_path / 'out'
    run(data, teacher, tmp_path / 'whole')
    for part in ('2/4', '1/4', '4/4', '3/4'):
        run(data, teacher, out, '--shard', part)
    parts = [names(out / f'part_{index:04d}_of_0004') for index in range(1, 5)]
    assert [name for part in parts for name in part] == names(tmp_path / 'whole')
    assert all(1 <= len(part) <= 2 for part in parts)


@pytest.mark.parametrize('kind', ['recording', 'bag'])
def test_interrupted_run_goes_on_as_if_it_had_not_been(
    kind, request, teacher, tmp_path, monkeypatch
):
    data = request.getfixturevalue(kind)
    asked = []

    def interrupted(self, left, right, rig):
        if len(asked) == 2:
            raise KeyboardInterrupt
        return predict(self, left, right, rig)

    def predict(self, left, right, rig):
        asked.append(left)
        return original(self, left, right, rig)

    original = StereoPredictor.__call__
    monkeypatch.setattr(StereoPredictor, '__call__', interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(data, teacher, tmp_path / 'out', '--every', '2')
    assert len(names(tmp_path / 'out')) == 2
    monkeypatch.setattr(StereoPredictor, '__call__', predict)
    run(data, teacher, tmp_path / 'out', '--every', '2')
    assert len(asked) == 3
    found = names(tmp_path / 'out')
    run(data, teacher, tmp_path / 'out', '--every', '2')
    assert len(asked) == 3
    run(data, teacher, tmp_path / 'at_once', '--every', '2')
    assert names(tmp_path / 'at_once') == found
    assert len(found) == 3


def test_frames_that_look_alike_are_left_out(teacher, tmp_path):
    greys = [50, 52, 54, 90, 92, 140]
    data = record(tmp_path / 'pairs', [pair(*item) for item in enumerate(greys)])
    run(data, teacher, tmp_path / 'out', '--min-change', '10')
    assert names(tmp_path / 'out') == ['drive/000', 'drive/003', 'drive/005']


@pytest.mark.parametrize(
    ('more', 'changed'), [(['--every', '3'], 'every'), (['--min-change', '3'], 'min_change')]
)
def test_going_on_in_another_way_is_refused(recording, teacher, tmp_path, more, changed):
    run(recording, teacher, tmp_path / 'out')
    with pytest.raises(InputError, match=f'was begun with another {changed}; go on'):
        run(recording, teacher, tmp_path / 'out', *more)


def test_going_on_with_another_teacher_is_refused(recording, teacher, tmp_path):
    run(recording, teacher, tmp_path / 'out')
    other = tmp_path / 'other.safetensors'
    torch.manual_seed(1)
    write_model_file(other, Teacher(INFO.architecture()), INFO)
    with pytest.raises(InputError, match='another teacher_sha256'):
        run(recording, other, tmp_path / 'out')


def test_recording_of_something_else_is_refused(recording, teacher, tmp_path):
    record(tmp_path / 'out', [pair(0)])
    with pytest.raises(
        InputError, match=r'out: holds samples, and labelled_by\.json does not say'
    ):
        run(recording, teacher, tmp_path / 'out')


def test_data_set_that_has_changed_is_refused(recording, teacher, tmp_path):
    run(recording, teacher, tmp_path / 'out')
    lines = (tmp_path / 'pairs' / 'samples.jsonl').read_text().splitlines(keepends=True)
    (tmp_path / 'pairs' / 'samples.jsonl').write_text(''.join(lines[:-1]))
    with pytest.raises(InputError, match='ends with "drive/005", which is none of these frames'):
        run(recording, teacher, tmp_path / 'out')


def test_spoilt_note_is_named(recording, teacher, tmp_path):
    run(recording, teacher, tmp_path / 'out')
    (tmp_path / 'out' / label.NOTE).write_text('[]')
    with pytest.raises(InputError, match=r'labelled_by\.json does not say'):
        run(recording, teacher, tmp_path / 'out')


def test_note_says_what_labelled(recording, teacher, tmp_path):
    run(recording, teacher, tmp_path / 'out', '--shard', '1/2')
    note = json.loads((tmp_path / 'out' / 'part_0001_of_0002' / label.NOTE).read_text())
    assert note['part'] == [1, 2]
    assert len(note['teacher_sha256']) == 64


def test_frame_that_cannot_be_read_is_left_out_and_counted(recording, teacher, tmp_path, capsys):
    (tmp_path / 'pairs' / 'right' / '0000002.png').write_bytes(b'spoilt')
    run(recording, teacher, tmp_path / 'out')
    assert len(names(tmp_path / 'out')) == 5
    assert '5 samples (1 frames without usable pair (first: drive/002))' in capsys.readouterr().out


def test_samples_that_are_no_pairs_are_refused(teacher, tmp_path):
    single = replace(pair(0), right=None, rig=None)
    with pytest.raises(InputError, match='drive/000: has no right image'):
        run(record(tmp_path / 'mono', [single]), teacher, tmp_path / 'out')


def test_jpeg_is_written_where_asked_for(recording, teacher, tmp_path):
    run(recording, teacher, tmp_path / 'out', '--jpeg-quality', '90')
    assert {p.suffix for p in (tmp_path / 'out' / 'left').iterdir()} == {'.jpg'}
    assert {p.suffix for p in (tmp_path / 'out' / 'teacher_depth').iterdir()} == {'.png'}


@pytest.mark.parametrize('text', ['0/4', '5/4', '4', 'a/b', '-1/4', '1/0'])
def test_impossible_part_is_a_usage_error(text, capsys):
    with pytest.raises(SystemExit):
        label.main(['--data', 'a:b', '--teacher', 't', '--output', 'o', f'--shard={text}'])
    assert 'the second of eight parts is 2/8' in capsys.readouterr().err


def test_model_that_is_missing_is_one_sentence(recording, tmp_path):
    with pytest.raises(InputError, match='no_such'):
        run(recording, tmp_path / 'no_such.safetensors', tmp_path / 'out')
    assert not (tmp_path / 'out').exists()


# Pairs in bags of others


def info(camera, stamp_ns, baseline_m=0.0):
    return camera_info_message(camera, stamp_ns=stamp_ns, frame_id='c', baseline_m=baseline_m)


def picture(sample, stamp_ns):
    return image_message(sample, encoding='rgb8', stamp_ns=stamp_ns, frame_id='c')


def write_pairs(
    path, prefixes=('/cam_{}',), *, image='image_raw', delay_ns=0, infos=True, cut=None
):
    """Write six pairs a camera; the right image is `delay_ns` later; one calibration each."""
    with bag_writer(path) as bag:
        for prefix in prefixes:
            left, right = prefix.format('left'), prefix.format('right')
            if infos:
                first = pair(0).stamp_ns
                bag.write(f'{left}/camera_info', CAMERA_INFO_TYPE, info(RIG.left, first), first)
                message = info(RIG.right, first, RIG.baseline_m)
                bag.write(f'{right}/camera_info', CAMERA_INFO_TYPE, message, first)
        for number in range(6):
            sample = pair(number)
            for prefix in prefixes:
                for side, pixels, delay in (
                    ('left', sample.left, 0),
                    ('right', sample.right, delay_ns),
                ):
                    stamp_ns = sample.stamp_ns + delay
                    topic = f'{prefix.format(side)}/{image}'
                    data = picture(pixels, stamp_ns)
                    if cut == number and side == 'right':
                        data = data[:8]
                    bag.write(topic, IMAGE_TYPE, data, sample.stamp_ns)
    return path


def found(path, **named):
    with open_bag(path) as opened:
        return find_stereo_topics(opened, **named)


def test_pair_of_a_foreign_bag_is_found_by_left_and_right(tmp_path):
    path = write_pairs(tmp_path / 'bag')
    assert found(path) == StereoTopics(
        '/cam_left/image_raw',
        '/cam_right/image_raw',
        '/cam_left/camera_info',
        '/cam_right/camera_info',
    )


def test_several_stereo_cameras_are_asked_about(tmp_path):
    path = write_pairs(tmp_path / 'bag', ['/front/{}', '/back/{}'])
    with pytest.raises(InputError, match=r'which stereo camera .*/back/left.*/front/left'):
        found(path)
    left, right = '/back/left/image_raw', '/back/right/image_raw'
    wanted = StereoTopics(left, right, '/back/left/camera_info', '/back/right/camera_info')
    assert found(path, left=left) == found(path, right=right) == wanted


def test_bag_without_a_pair_is_refused(tmp_path):
    write_bag(tmp_path / 'mono', [replace(pair(0), right=None, rig=None)])
    with pytest.raises(InputError, match='holds no pair of image topics named left and right'):
        found(tmp_path / 'mono')


def test_pair_without_calibration_is_refused(tmp_path):
    path = write_pairs(tmp_path / 'bag', infos=False)
    with pytest.raises(InputError, match='camera_info is not there; name it with --left-info'):
        found(path)


def test_named_topic_must_be_an_image(tmp_path):
    path = write_pairs(tmp_path / 'bag')
    with pytest.raises(InputError, match='camera_info is sensor_msgs/msg/CameraInfo, no image'):
        found(path, left='/cam_left/camera_info', right='/cam_right/image_raw')


def test_rectified_images_go_before_raw_ones(tmp_path):
    path = tmp_path / 'bag'
    with bag_writer(path) as bag:
        for side in ('left', 'right'):
            bag.write(f'/{side}/camera_info', CAMERA_INFO_TYPE, info(CAMERA, 1), 1)
            for image in ('image_raw', 'image_rect_color'):
                bag.write(f'/{side}/{image}', IMAGE_TYPE, picture(pair(0).left, 1), 1)
    topics = found(path)
    assert (topics.left, topics.right) == ('/left/image_rect_color', '/right/image_rect_color')


@pytest.mark.parametrize(
    ('image', 'calibration'),
    [
        ('/zed/{}/color/rect/image', '/zed/{}/color/rect/image/camera_info'),
        ('/{}/image_rect', '/{}/camera_info_rect'),
        ('/stereo/{}_image', '/stereo/{}_camera_info'),
        ('/zed/{}/image_rect_color', '/zed/{}/camera_info'),
        ('/camera/{}/image_rect_raw', '/camera/{}/camera_info'),
    ],
)
@pytest.mark.parametrize('sides', [('left', 'right'), ('infra1', 'infra2')])
def test_calibrations_are_found_where_drivers_publish_them(tmp_path, image, calibration, sides):
    names = [*map(image.format, sides), *map(calibration.format, sides)]
    with bag_writer(tmp_path / 'bag') as bag:
        for name in names:
            is_info = name in names[2:]
            data = info(CAMERA, 1) if is_info else picture(pair(0).left, 1)
            bag.write(name, CAMERA_INFO_TYPE if is_info else IMAGE_TYPE, data, 1)
        # That of another camera stands nearer to some of them.
        bag.write('/stereo/camera_info', CAMERA_INFO_TYPE, info(CAMERA, 1), 1)
    assert found(tmp_path / 'bag') == StereoTopics(*names)


def test_calibrations_under_any_name_can_be_given(tmp_path, teacher):
    with bag_writer(tmp_path / 'bag') as bag:
        for side, baseline_m in (('left', 0.0), ('right', 0.25)):
            bag.write(f'/calibration/{side[0]}', CAMERA_INFO_TYPE, info(CAMERA, 1, baseline_m), 1)
            bag.write(f'/{side}_raw/image', IMAGE_TYPE, picture(pair(0).left, 1), 1)
    with pytest.raises(InputError, match=r'no camera_info .* name it with --left-info'):
        found(tmp_path / 'bag')
    words = ['--left-info', '/calibration/l', '--right-info', '/calibration/r']
    run(f'bag:{tmp_path / "bag"}', teacher, tmp_path / 'out', *words)
    assert Recording(tmp_path / 'out')[0].rig == StereoRig(CAMERA, CAMERA, 0.25)


def write_stamped(path, stamps_ns, delay_ns=0):
    """Write a pair every 0.1 s of recording, with these stamps."""
    with bag_writer(path) as bag:
        for number, stamp_ns in enumerate(stamps_ns):
            time_ns = 10**9 + number * 10**8
            for side, baseline_m in (('left', 0.0), ('right', 0.25)):
                delayed_ns = time_ns + delay_ns * (side == 'right')
                data = info(CAMERA, stamp_ns, baseline_m)
                bag.write(f'/{side}/camera_info', CAMERA_INFO_TYPE, data, delayed_ns)
                data = picture(pair(number % 3).left, stamp_ns)
                bag.write(f'/{side}/image', IMAGE_TYPE, data, delayed_ns)
    return f'bag:{path}'


def test_time_of_recording_stands_in_for_stamps_of_zero(tmp_path, teacher, capsys):
    data = write_stamped(tmp_path / 'bag', [0, 0, 0, 0], delay_ns=6_000_000)
    run(data, teacher, tmp_path / 'out')
    recording = Recording(tmp_path / 'out')
    times_ns = [10**9 + number * 10**8 for number in range(4)]
    assert [recording[index].stamp_ns for index in range(4)] == times_ns
    assert len(recording) == 4
    assert '8 images have no stamp' in capsys.readouterr().out


def test_rounds_after_the_first_are_left_out_and_counted(tmp_path, teacher, capsys):
    data = write_stamped(tmp_path / 'bag', [5, 6, 7, 5, 6, 7])
    for _ in range(2):
        run(data, teacher, tmp_path / 'out')
        assert [n.rpartition('/')[2] for n in names(tmp_path / 'out')] == [
            f'{stamp_ns:019d}' for stamp_ns in (5, 6, 7)
        ]
        assert '3 images have the stamp of one before' in capsys.readouterr().out


def test_baseline_in_millimetres_is_refused(tmp_path):
    with bag_writer(tmp_path / 'bag') as bag:
        for side, baseline_m in (('left', 0.0), ('right', 60.0)):
            bag.write(f'/{side}/camera_info', CAMERA_INFO_TYPE, info(CAMERA, 1, baseline_m), 1)
            bag.write(f'/{side}/image', IMAGE_TYPE, picture(pair(0).left, 1), 1)
    with open_bag(tmp_path / 'bag') as opened:
        (frame,) = pairs_of_bag(opened, find_stereo_topics(opened))
        with pytest.raises(InputError, match=r'a baseline of 60 m; .* look like millimetres'):
            frame.read()


def test_calibration_that_was_sent_once_holds_for_every_part(tmp_path):
    path = write_pairs(tmp_path / 'bag')
    with open_bag(path) as opened:
        last = list(pairs_of_bag(opened, find_stereo_topics(opened), (2, 3)))
        assert last[-1].read().rig == RIG


def test_near_stamps_are_paired_within_the_slop(tmp_path):
    path = write_pairs(tmp_path / 'bag', delay_ns=3_000_000)
    with open_bag(path) as opened:
        topics = find_stereo_topics(opened)
        exact, near = pairs_of_bag(opened, topics), pairs_of_bag(opened, topics, slop_ns=5_000_000)
        with pytest.raises(InputError, match=r'none of 6 images .* more with --slop'):
            list(exact)
        assert len(list(near)) == 6
        assert [frame.read().stamp_ns for frame in near] == [pair(n).stamp_ns for n in range(6)]
        assert near.unmatched == 0


def test_pair_that_is_not_rectified_says_so(tmp_path):
    with bag_writer(tmp_path / 'bag') as bag:
        for side in ('left', 'right'):
            bag.write(f'/{side}/camera_info', CAMERA_INFO_TYPE, info(CAMERA, 1), 1)
            bag.write(f'/{side}/image', IMAGE_TYPE, picture(pair(0).left, 1), 1)
    with open_bag(tmp_path / 'bag') as opened:
        (frame,) = pairs_of_bag(opened, find_stereo_topics(opened))
        with pytest.raises(InputError, match=r'/right/camera_info: P\[3\] .* gives no baseline'):
            frame.read()


@pytest.mark.real_data
def test_baseline_of_a_kitti_bag_is_that_between_its_cameras(data_root, teacher, tmp_path):
    from adu_depth_core.commands import make_bag

    kitti = f'kitti_raw:{data_root}/kitti_raw'
    words = ['--data', kitti, '--drives', '0005[0-1]', '--output', str(tmp_path / 'bag')]
    assert make_bag.main(words) == 0
    run(f'bag:{tmp_path / "bag"}', teacher, tmp_path / 'out')
    rig = Recording(tmp_path / 'out')[0].rig
    assert rig.baseline_m == pytest.approx(0.5327, abs=5e-5)
