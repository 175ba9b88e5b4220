# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What `check-data` finds in data sets, sound ones and spoilt ones."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
import yaml

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.commands import check_data
from adu_depth_core.datasets.checking import check_dataset, shared_drives, text
from adu_depth_core.datasets.checking.baseline import best_baseline_factor
from adu_depth_core.datasets.checking.consistency import calibration_contradiction, contradictions
from adu_depth_core.errors import InputError
from adu_depth_core.recording import RecordingWriter
from adu_depth_core.samples.sample import Missing, StereoSample

NAN = np.nan
WIDTH, HEIGHT, DISPARITY = 160, 40, 8
CAMERA = Camera(WIDTH, HEIGHT, 100.0, 100.0, 79.5, 19.5)
RIG = StereoRig(CAMERA, CAMERA, 0.5)


def pair(name='drive/0'):
    """A wall at 100 * 0.5 / 8 m, seen by both cameras."""
    noise = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH + DISPARITY, 3), np.uint8)
    wall = cv2.GaussianBlur(noise, (0, 0), 1.5)
    depth = np.full((HEIGHT, WIDTH), 100 * 0.5 / DISPARITY, np.float32)
    depth[:10], depth[10:20] = np.inf, NAN
    return StereoSample(
        name,
        0,
        left=wall[:, :WIDTH],
        camera=CAMERA,
        right=wall[:, DISPARITY:],
        rig=RIG,
        depth_m=depth,
        teacher_depth_m=depth,
        teacher_scale=depth,
    )


class Several:
    """Samples from a list, in which an error stands for a file that cannot be read."""

    def __init__(self, *samples, missing=None):
        self.samples = samples
        self.missing = Missing(missing or {})
        self.names = [getattr(s, 'name', f'drive/spoilt{i}') for i, s in enumerate(samples)]

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        if isinstance(self.samples[index], Exception):
            raise self.samples[index]
        return self.samples[index]


def check(*samples, **options):
    dataset = Several(*samples, **options)
    return check_dataset(dataset, range(len(dataset)))


def test_sound_pair_is_described():
    report = check(pair('a/0'), pair('b/0'), missing={'truth': ['a/1']})
    assert report.is_sound
    assert (report.frames, report.checked, report.pairs) == (2, 2, 2)
    assert report.drives == {'a': 1, 'b': 1}
    assert report.cameras == {'160x40, fx 100.00, baseline 0.5000 m': 2}
    assert report.missing == {'truth': ['a/1']}
    assert report.baseline_factors == {1.0: 2}
    assert (report.truth.frames, report.right_truth.frames) == (2, 0)
    assert (report.truth.density_mean, report.truth.sky_mean) == (0.75, 0.25)
    assert (report.truth.nearest_m, report.truth.farthest_m) == (6.25, 6.25)


def test_density_and_range_are_over_all_frames():
    sparse = np.full((HEIGHT, WIDTH), NAN, np.float32)
    empty = sparse.copy()
    sparse[0, :64], sparse[1, 0] = 3.0, 70.0
    report = check(
        pair('a/0'), replace(pair('a/1'), depth_m=sparse), replace(pair('a/2'), depth_m=empty)
    )
    truth = report.truth
    assert truth.frames == 2
    assert (truth.density_min, truth.density_max) == (65 / 6400, 0.75)
    assert truth.density_mean == pytest.approx((65 / 6400 + 0.75) / 2)
    assert (truth.nearest_m, truth.farthest_m) == (3, 70)


def test_only_the_frames_that_are_asked_for_are_read():
    report = check_dataset(Several(pair('a/0'), InputError('x'), pair('a/2')), [0, 2])
    assert report.is_sound
    assert (report.frames, report.checked) == (3, 2)


def test_unreadable_frame_is_named_and_the_others_are_read():
    report = check(pair(), InputError('a.png: spoilt'), pair('drive/2'))
    assert report.unreadable == ['drive/spoilt1: a.png: spoilt']
    assert not report.is_sound
    assert report.pairs == 2


def test_name_must_be_unique():
    assert check(pair(), pair()).inconsistent == ['drive/0: 2 frames have this name']


SMALL = np.ones((2, 3), np.float32)
NEGATIVE = np.full((HEIGHT, WIDTH), -1, np.float32)


@pytest.mark.parametrize(
    ('changes', 'reason'),
    [
        ({'camera': replace(CAMERA, width=80), 'rig': None, 'right': None}, 'its camera 80x40'),
        ({'right': np.zeros((2, 3, 3), np.uint8)}, 'right image is 3x2, the left image 160x40'),
        ({'depth_m': SMALL}, 'truth is 3x2'),
        ({'right_depth_m': SMALL}, 'right truth is 3x2'),
        ({'teacher_scale': SMALL}, 'teacher scale is 3x2'),
        ({'rig': None}, 'without a rig'),
        ({'rig': StereoRig(replace(CAMERA, cx=9), CAMERA, 0.5)}, 'not the left one of the rig'),
        ({'depth_m': NEGATIVE}, 'truth is not positive at 6400 pixels'),
        ({'teacher_scale': None}, 'do not come together'),
        ({'teacher_depth_m': np.abs(NEGATIVE)}, 'not unknown alike'),
        ({'teacher_depth_m': -pair().depth_m}, 'is not positive'),
    ],
)
def test_contradiction_is_named(changes, reason):
    found = contradictions(replace(pair(), **changes))
    assert len(found) == 1
    assert reason in found[0]


@pytest.mark.parametrize(
    ('camera', 'reason'),
    [
        (replace(CAMERA, cx=200.0), r'principal point (200.0, 19.5) lies outside'),
        # 1242x375 px of one fx and fy, cropped to 1216x352 and not calibrated anew.
        (replace(CAMERA, fx=706.4, fy=677.3), 'fx 706.4 and fy 677.3 differ, so pixels are not'),
        (replace(CAMERA, fx=10.0, fy=10.0), 'fx 10.0 px means a field of view of 165.7 degrees'),
        (replace(CAMERA, fx=9000.0, fy=9000.0), 'field of view of 1.0 degrees'),
    ],
)
def test_calibration_of_another_image_is_noticed(camera, reason):
    (found,) = contradictions(replace(pair(), camera=camera, rig=StereoRig(camera, camera, 0.5)))
    assert reason in found


def test_sound_samples_do_not_contradict_themselves():
    assert contradictions(pair()) == []
    assert contradictions(StereoSample('a', 0, pair().left, CAMERA)) == []


@pytest.mark.parametrize('factor', [0.5, 2.0])
def test_wrong_baseline_is_seen_in_the_images(factor):
    rig = replace(RIG, baseline_m=RIG.baseline_m / factor)
    report = check(replace(pair(), rig=rig))
    assert report.baseline_factors == {factor: 1}
    assert f'the baseline seems {"twice" if factor < 1 else "half"}' in report.inconsistent[0]


def test_exchanged_images_are_seen():
    sample = pair()
    report = check(replace(sample, left=sample.right, right=sample.left))
    assert report.inconsistent == ['left and right images seem exchanged: so in 1 of 1 frames']


def test_one_odd_frame_among_several_is_no_wrong_calibration():
    odd = replace(pair('drive/2'), rig=replace(RIG, baseline_m=1.0))
    report = check(pair(), pair('drive/1'), odd)
    assert report.baseline_factors == {1.0: 2, 0.5: 1}
    assert report.is_sound


@pytest.mark.parametrize('field', ['right', 'depth_m', 'rig'])
def test_baseline_is_not_judged_without_pair_and_truth(field):
    assert best_baseline_factor(replace(pair(), **{field: None})) is None


def test_baseline_is_not_judged_by_far_or_few_points():
    far = np.full((HEIGHT, WIDTH), 20.0, np.float32)
    assert best_baseline_factor(replace(pair(), depth_m=far)) is None
    few = np.full((HEIGHT, WIDTH), NAN, np.float32)
    few[0, :100] = 6.25
    assert best_baseline_factor(replace(pair(), depth_m=few)) is None


@pytest.mark.parametrize(('factor', 'problems'), [(1.01, 0), (0.5, 1), (1.1, 1)])
def test_maps_are_compared_with_the_calibration(factor, problems):
    class WithDisparity(Several):
        def disparity_px(self, index):
            return np.full((HEIGHT, WIDTH), factor * DISPARITY, np.float32)

    report = check_dataset(WithDisparity(pair()), [0])
    assert len(report.inconsistent) == problems
    assert all(f'is {factor:.3f} times f b' in reason for reason in report.inconsistent)


def test_nothing_is_said_where_maps_have_no_common_pixel():
    assert calibration_contradiction(NAN) == []


def test_shared_drives_are_those_of_which_any_frame_is_tested():
    assert shared_drives(['a', 'b', 'x/y'], ['a/9', 'c/0', 'x/y/7']) == ['a', 'x/y']
    assert shared_drives(['a'], []) == []


def test_set_that_does_not_know_its_names_is_not_read_for_them():
    class Nameless(Several):
        names = property(lambda self: None, lambda self, names: None)

    report = check_dataset(Nameless(pair('a/0'), InputError('x'), pair('b/0')), [0, 1])
    assert report.drives == {'a': 1, 'frame 1': 1}
    assert report.unreadable == ['frame 1: x']


def test_report_is_short_however_much_is_wrong():
    errors = [InputError(f'{i}.png: spoilt') for i in range(50)]
    cameras = [
        replace(
            pair(f'drive/{i}'),
            camera=replace(CAMERA, fx=100.0 + i, fy=100.0 + i),
            rig=None,
            right=None,
        )
        for i in range(9)
    ]
    lines = text(check(*errors, *cameras)).splitlines()
    assert len(lines) < 25
    assert any('… and 47 more' in line for line in lines)
    assert any('6 others: 6 frames' in line for line in lines)


@pytest.fixture
def recording(tmp_path):
    with RecordingWriter(tmp_path / 'recording') as writer:
        for index in range(4):
            writer.add(pair(f'street_{index % 2}/{index}'))
    return tmp_path / 'recording'


def test_command_reports_a_sound_set_in_words_and_numbers(recording, tmp_path, capsys):
    arguments = ['--data', f'recording:{recording}', '--json', str(tmp_path / 'x.json')]
    assert check_data.main(arguments) == 0
    printed = capsys.readouterr().out
    assert 'fits images and truth in 4 of 4 frames' in printed
    assert 'tested on' not in printed
    written = json.loads((tmp_path / 'x.json').read_text())
    assert written['sound'] is True
    assert written['truth']['frames'] == written['frames'] == 4


@pytest.mark.parametrize(
    ('options', 'checked'),
    [(['--every', '2'], 2), (['--limit', '3'], 3), (['--every', '2', '--limit', '1'], 1)],
)
def test_command_checks_some_frames(recording, capsys, options, checked):
    assert check_data.main(['--data', f'recording:{recording}', *options]) == 0
    assert f'4, {checked} checked' in capsys.readouterr().out


def test_command_fails_on_a_spoilt_file(recording, tmp_path):
    (recording / 'left' / '0000002.png').write_bytes(b'spoilt')
    arguments = ['--data', f'recording:{recording}', '--json', str(tmp_path / 'x.json')]
    assert check_data.main(arguments) == 1
    written = json.loads((tmp_path / 'x.json').read_text())
    assert written['sound'] is False
    assert 'street_0/2: ' in written['unreadable'][0]
    assert check_data.main(['--data', f'recording:{recording}', '--limit', '2']) == 0


def test_missing_file_is_counted_and_no_failure(recording, capsys):
    (recording / 'left' / '0000002.png').unlink()
    assert check_data.main(['--data', f'recording:{recording}']) == 0
    assert '1 frames without left (first: street_0/2)' in capsys.readouterr().out


def test_command_fails_where_a_drive_is_tested_on(recording, tmp_path, capsys):
    with RecordingWriter(tmp_path / 'test') as writer:
        writer.add(pair('street_1/77'))
        writer.add(pair('street_2/78'))
    arguments = ['--data', f'recording:{recording}', '--test', f'recording:{tmp_path / "test"}']
    assert check_data.main(arguments) == 1
    assert capsys.readouterr().out.splitlines()[-1].split() == ['tested', 'on', 'too', 'street_1']


def test_command_compares_with_split_files(tmp_path, capsys):
    drive = '2011_09_26_drive_0002_sync'
    with RecordingWriter(tmp_path / 'recording') as writer:
        writer.add(pair(f'{drive}/0000000005'))
    for name, number in (('same', 2), ('other', 9)):
        line = f'2011_09_26/2011_09_26_drive_{number:04d}_sync 0000000069 l\n'
        (tmp_path / name).write_text(line)
    arguments = ['--data', f'recording:{tmp_path / "recording"}', '--split']
    assert check_data.main([*arguments, str(tmp_path / 'other')]) == 0
    assert 'no drive' in capsys.readouterr().out
    assert check_data.main([*arguments, str(tmp_path / 'other'), str(tmp_path / 'same')]) == 1
    assert drive in capsys.readouterr().out


def training(tmp_path, train, validation):
    config = {
        'data': {
            'train': [{'spec': f'recording:{train}', 'drives': ['street_0', 'street_1']}],
            'validation': [{'spec': f'recording:{validation}'}],
        }
    }
    path = tmp_path / 'training.yaml'
    path.write_text(yaml.safe_dump(config))
    return str(path)


def test_drive_that_a_training_learns_from_and_is_judged_by_is_named(recording, tmp_path, capsys):
    for name, drive in (('apart', 'street_9'), ('overlapping', 'street_1')):
        with RecordingWriter(tmp_path / name) as writer:
            writer.add(pair(f'{drive}/77'))
    config = training(tmp_path, recording, tmp_path / 'apart')
    arguments = ['--config', config, '--json', str(tmp_path / 'x.json')]
    assert check_data.main(arguments) == 0
    config = training(tmp_path, recording, tmp_path / 'overlapping')
    assert check_data.main(arguments) == 1
    assert 'validated too street_1' in ' '.join(capsys.readouterr().out.split())
    written = json.loads((tmp_path / 'x.json').read_text())
    assert (written['validated_too'], written['tested_on_too']) == (['street_1'], [])
    config = training(tmp_path, recording, tmp_path / 'apart')
    test = ['--test', f'recording:{tmp_path / "overlapping"}']
    assert check_data.main([*arguments, *test]) == 1
    assert 'tested on too street_1' in ' '.join(capsys.readouterr().out.split())


@pytest.mark.real_data
def test_real_drives_are_sound_and_an_eigen_test_drive_is_noticed(data_root, capsys):
    data = ['--data', f'kitti_raw:{data_root / "kitti_raw"}', '--every', '20']
    split = ['--split', str(data_root / 'splits' / 'eigen_test_files.txt')]
    assert check_data.main([*data, '--drives', '0005', *split]) == 0
    assert check_data.main([*data, '--drives', '0002', *split]) == 1
    assert '2011_09_26_drive_0002_sync' in capsys.readouterr().out.splitlines()[-1]
    test = ['--test', data[1], '--test-drives', '0005[114-153]']
    assert check_data.main([*data, '--drives', '0001', *test]) == 0
    assert check_data.main([*data, '--drives', '0005[0-103]', *test]) == 1
