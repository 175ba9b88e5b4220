# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth label` with another sensor of the bag as the teacher, from the bag to a training."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from adu_depth_core.bags import bag_writer, open_bag
from adu_depth_core.bags.sample_messages import Scan, sample_messages, scan_message
from adu_depth_core.bags.sensor_topics import find_sensor_topics
from adu_depth_core.bags.topics import LEFT_FRAME, SCANNER_FRAME, TF_STATIC
from adu_depth_core.bags.transforms import transform_message
from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.commands import label, make_bag, train
from adu_depth_core.datasets.block_matching import agreed_disparity
from adu_depth_core.datasets.kitti_calibration import read_calibration
from adu_depth_core.datasets.kitti_raw import KittiRaw
from adu_depth_core.errors import InputError
from adu_depth_core.messages.cdr import deserialised, serialised
from adu_depth_core.messages.disparity import disparity_image_message
from adu_depth_core.messages.stamped import camera_info_message, image_message
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, DISPARITY_TYPE, IMAGE_TYPE, TF_TYPE
from adu_depth_core.recording import Recording
from adu_depth_core.samples.projection import project_scan, read_scan
from adu_depth_core.samples.sample import StereoSample
from adu_depth_core.weights import shipped_model

CAMERA = Camera(64, 32, 60.0, 60.0, 31.5, 15.5)
RIG = StereoRig(CAMERA, CAMERA, 0.25)
FRAMES, STEP_NS = 6, 10**8
DISPARITY, DEPTH, CONFIDENCE = '/other/disparity', '/other/depth', '/other/confidence'
POINTS, RIGHT = '/stereo/points', '/stereo/right/image_rect'
# What x ahead, y left, z up is to a camera, whose x is right and y down.
FROM_SCANNER = np.array([[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1]], np.float64)
# None of them falls on the border of two pixels, where rounding would decide.
POINTS_M = [8, 0.02, 0.02], [9, -1, 0.03], [7, 2, 0.5]
WALL = Scan(np.array([(*point, 1) for point in POINTS_M], np.float32), FROM_SCANNER)


def pair(number: int) -> StereoSample:
    rng = np.random.default_rng(number)
    left = rng.integers(0, 255, (32, 64, 3), np.uint8)
    stamp_ns = 10**9 + number * STEP_NS
    return StereoSample(f'd/{number}', stamp_ns, left, CAMERA, np.roll(left, -3, 1), RIG)


def written(path: Path, *, late_ns: int = 0, sees: Any = range(FRAMES), right: bool = True) -> str:
    """Write a bag of pairs with all sensors: disparity 3 px, depth 5 m, confidence, points."""
    with bag_writer(path) as bag:
        transform = transform_message(
            FROM_SCANNER, parent=LEFT_FRAME, child=SCANNER_FRAME, stamp_ns=1
        )
        bag.write(TF_STATIC, TF_TYPE, transform, 10**9, latched=True)
        for number in range(FRAMES):
            sample = pair(number)
            for message in sample_messages(sample):
                if right or '/right/' not in message.topic:
                    bag.write(*message, sample.stamp_ns)
            if number in sees:
                write_sensors(bag, sample.stamp_ns + late_ns)
    return f'bag:{path}'


def write_sensors(bag: Any, stamp_ns: int) -> None:
    stamped = {'stamp_ns': stamp_ns, 'frame_id': LEFT_FRAME}
    disparity = np.full((32, 64), 3.0, np.float32)
    disparity[:, :8] = -1.0
    data = disparity_image_message(disparity, focal_px=60.0, baseline_m=0.25, **stamped)
    bag.write(DISPARITY, DISPARITY_TYPE, data, stamp_ns)
    depth = np.full((32, 64), 5000, np.uint16)
    depth[:4] = 0
    bag.write(DEPTH, IMAGE_TYPE, image_message(depth, encoding='16UC1', **stamped), stamp_ns)
    sure = np.full((32, 64), 255, np.uint8)
    sure[:, 32:], sure[:, 60:] = 51, 0
    bag.write(CONFIDENCE, IMAGE_TYPE, image_message(sure, encoding='mono8', **stamped), stamp_ns)
    bag.write(*scan_message(WALL, stamp_ns, '/stereo'), stamp_ns)


@pytest.fixture
def bag(tmp_path: Path) -> str:
    return written(tmp_path / 'bag')


def run(data: str, output: Path, *words: str) -> Recording:
    assert label.main(['--data', data, '--output', str(output), *words]) == 0
    return Recording(output)


def test_disparity_is_a_word_beside_both_images(bag: str, tmp_path: Path) -> None:
    found = run(bag, tmp_path / 'out', '--disparity-topic', DISPARITY, '--disparity-std', '0.6')
    assert found.names == [f'bag/{pair(number).stamp_ns:019d}' for number in range(FRAMES)]
    sample = found[2]
    assert (sample.stamp_ns, sample.rig, sample.depth_m) == (pair(2).stamp_ns, RIG, None)
    np.testing.assert_array_equal(sample.left, pair(2).left)
    np.testing.assert_array_equal(sample.right, pair(2).right)
    assert np.isnan(sample.teacher_depth_m[:, :8]).all()
    # 60 px 0.25 m / 3 px
    assert (sample.teacher_depth_m[:, 8:] == 5.0).all()
    # 5 m 0.6 px / 15 px m = 0.2 of the depth; where noise is matched otherwise it is more.
    assert np.median(sample.teacher_scale[:, 12:]) == pytest.approx(0.2 / 2**0.5, abs=1e-4)


def test_depth_is_a_word_with_its_confidence(bag: str, tmp_path: Path) -> None:
    scale = '--confidence-best', '255', '--confidence-worst', '0'
    words = '--depth-topic', DEPTH, '--confidence-topic', CONFIDENCE, '--relative-std', '0.04'
    sample = run(bag, tmp_path / 'out', *words, *scale)[0]
    assert (sample.right, sample.rig) == (None, None)
    unknown = np.isnan(sample.teacher_depth_m)
    assert unknown[:4].all()
    assert unknown[:, 60:].all()
    assert (sample.teacher_depth_m[4:, :60] == 5.0).all()
    full, fifth = 0.04 / 2**0.5, 0.2 / 2**0.5
    np.testing.assert_allclose(sample.teacher_scale[4:, :32], full, atol=1e-5)
    np.testing.assert_allclose(sample.teacher_scale[4:, 32:60], fifth, atol=1e-5)


def test_points_are_truth_where_they_fall(bag: str, tmp_path: Path) -> None:
    sample = run(bag, tmp_path / 'out', '--scan-topic', POINTS)[0]
    assert sample.teacher_depth_m is None
    expected = np.full((32, 64), np.nan, np.float32)
    # 60 px (1 m / 9 m) right of 31.5; 60 (2 / 7) left and 60 (0.5 / 7) up of (31.5, 15.5).
    expected[15, 31], expected[15, 38], expected[11, 14] = 8, 9, 7
    np.testing.assert_array_equal(sample.depth_m, expected)


def test_extrinsics_of_a_file_stand_in_for_those_of_the_bag(bag: str, tmp_path: Path) -> None:
    file = tmp_path / 'here.yaml'
    file.write_text(
        f'- parent: {LEFT_FRAME}\n  child: {SCANNER_FRAME}\n  translation: [0.0, 0.0, 1.0]\n'
        '  rotation: [0.5, -0.5, 0.5, 0.5]\n'
    )
    sample = run(bag, tmp_path / 'out', '--scan-topic', POINTS, '--extrinsics', str(file))[0]
    assert np.nanmin(sample.depth_m) == 8  # a metre more


def test_stamps_that_are_near_belong_together_by_the_slop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = written(tmp_path / 'bag', late_ns=15_000_000, sees=range(4))
    words = '--depth-topic', DEPTH
    with pytest.raises(
        InputError, match=r'none of 6 images .* within 0 s; allow more with --slop'
    ):
        run(data, tmp_path / 'none', *words)
    assert len(run(data, tmp_path / 'out', *words, '--slop', '0.02')) == 4
    assert '2 images have no partner within 0.02 s' in capsys.readouterr().out


def test_sensor_that_counts_from_its_start_is_told(tmp_path: Path) -> None:
    data = written(tmp_path / 'bag', late_ns=1_764_000_000_000_000_000)
    with pytest.raises(
        InputError, match=r'within 0\.5 s; they are 1764000000 s apart: stamp both with one clock'
    ):
        run(data, tmp_path / 'out', '--depth-topic', DEPTH, '--slop', '0.5')


def test_sensor_without_stamps_is_no_other_clock(tmp_path: Path) -> None:
    with bag_writer(tmp_path / 'bag') as bag:
        for message in sample_messages(pair(0)):
            bag.write(*message, 10**18)
        depth = image_message(
            np.full((32, 64), 5000, np.uint16), encoding='16UC1', stamp_ns=0, frame_id=LEFT_FRAME
        )
        bag.write(DEPTH, IMAGE_TYPE, depth, 10**9 + 10**9)
    with pytest.raises(InputError, match='allow more with --slop'):
        run(f'bag:{tmp_path / "bag"}', tmp_path / 'out', '--depth-topic', DEPTH)


def test_disparity_needs_no_right_image(tmp_path: Path) -> None:
    data = written(tmp_path / 'bag', right=False)
    sample = run(data, tmp_path / 'out', '--disparity-topic', DISPARITY)[0]
    assert sample.right is None
    assert (sample.teacher_depth_m[:, 8:] == 5.0).all()


def test_parts_are_together_all_and_going_on_needs_the_same_sensor(
    bag: str, tmp_path: Path
) -> None:
    words = '--depth-topic', DEPTH
    whole = run(bag, tmp_path / 'whole', *words).names
    for part in ('1/2', '2/2'):
        label.main(['--data', bag, '--output', str(tmp_path / 'out'), *words, '--shard', part])
    halves = [Recording(tmp_path / 'out' / f'part_000{n}_of_0002').names for n in (1, 2)]
    assert [name for half in halves for name in half] == whole
    assert run(bag, tmp_path / 'whole', *words).names == whole
    note = json.loads((tmp_path / 'whole' / label.NOTE).read_text())
    assert (note['sensor']['depth_topic'], note['sensor']['relative_std']) == (DEPTH, 0.02)
    with pytest.raises(InputError, match='was begun with another sensor; go on with the same'):
        run(bag, tmp_path / 'whole', *words, '--relative-std', '0.1')


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        (['--disparity-topic', DEPTH], 'is sensor_msgs/msg/Image, not stereo_msgs/msg/Disp'),
        (['--scan-topic', '/none'], 'has no topic /none'),
        (['--disparity-topic', DISPARITY, '--extrinsics', 'f'], 'goes with --scan-topic'),
        (['--disparity-topic', DISPARITY, '--confidence-topic', '/c'], 'goes with --depth-topic'),
        (['--depth-topic', DEPTH, '--relative-std', '0'], 'no sensor is exact'),
        (['--depth-topic', DEPTH, '--left-topic', POINTS], 'is sensor_msgs/msg/PointCloud2, not'),
        (['--depth-topic', DEPTH, '--left-topic', RIGHT], 'no frame could be labelled'),
    ],
)
def test_what_cannot_be_is_one_sentence(
    bag: str, tmp_path: Path, words: list[str], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        run(bag, tmp_path / 'out', *words)


def test_data_sets_have_no_topics(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='/d: recording:x has no topics; give --data bag:'):
        run('recording:x', tmp_path, '--depth-topic', '/d')


def test_raw_pictures_of_a_depth_camera_are_rectified_with_their_depth(tmp_path: Path) -> None:
    """Colour, aligned depth and camera_info alone, by the names of RealSense's driver."""
    k = np.array([[60, 0, 31], [0, 60, 16], [0, 0, 1]], np.float64)
    d = np.array([-0.25, 0.05, 0.001, 0.0, 0.0])
    smooth = cv2.resize(pair(0).left[:4, :8], (64, 32), interpolation=cv2.INTER_CUBIC)
    slope_mm = np.tile(np.arange(4000, 7200, 50, np.uint16), (32, 1))
    info = deserialised(
        camera_info_message(CAMERA, stamp_ns=10**9, frame_id='colour'), CAMERA_INFO_TYPE
    )
    info = replace(info, k=k.ravel(), d=d, p=np.hstack([k, np.zeros((3, 1))]).ravel())
    colour, depth = '/camera/camera/color', '/camera/camera/aligned_depth_to_color/image_raw'
    with bag_writer(tmp_path / 'bag') as bag:
        stamped = {'stamp_ns': 10**9, 'frame_id': 'colour'}
        for topic, pixels, encoding in (
            (f'{colour}/image_raw', smooth, 'rgb8'),
            (depth, slope_mm, '16UC1'),
        ):
            message = image_message(pixels, encoding=encoding, **stamped)
            bag.write(topic, IMAGE_TYPE, message, 10**9)
        data = serialised(info, CAMERA_INFO_TYPE)
        bag.write(f'{colour}/camera_info', CAMERA_INFO_TYPE, data, 10**9)
    words = '--left-topic', f'{colour}/image_raw', '--depth-topic', depth
    sample = run(f'bag:{tmp_path / "bag"}', tmp_path / 'out', *words)[0]
    maps = cv2.initUndistortRectifyMap(k, d, np.eye(3), k, (64, 32), cv2.CV_32FC1)
    inside = (maps[0] > 1) & (maps[0] < 62) & (maps[1] > 1) & (maps[1] < 30)
    assert 0.5 < inside.mean() < 0.99
    expected = cv2.remap(smooth, *maps, cv2.INTER_LINEAR)
    assert np.abs(sample.left.astype(int) - expected)[inside].max() <= 3
    expected_m = 4 + 0.05 * maps[0]
    np.testing.assert_allclose(sample.teacher_depth_m[inside], expected_m[inside], atol=0.03)
    as_it_is = run(f'bag:{tmp_path / "bag"}', tmp_path / 'never', *words, '--rectify', 'never')[0]
    np.testing.assert_array_equal(as_it_is.left, smooth)
    np.testing.assert_allclose(as_it_is.teacher_depth_m, slope_mm / 1000, atol=0.002)


def test_image_is_found_by_the_frame_and_asked_about_where_several_could_be(
    tmp_path: Path,
) -> None:
    path = tmp_path / 'bag'
    with bag_writer(path) as bag:
        for name, frame in (('/a/image', 'a'), ('/b/image', 'b'), ('/b/image_rect', 'b')):
            pixels = np.zeros((32, 64, 3), np.uint8)
            data = image_message(pixels, encoding='rgb8', stamp_ns=1, frame_id=frame)
            bag.write(name, IMAGE_TYPE, data, 1)
        for name in ('a', 'b'):
            info = camera_info_message(CAMERA, stamp_ns=1, frame_id=name)
            bag.write(f'/{name}/camera_info', CAMERA_INFO_TYPE, info, 1)
        depth = np.ones((32, 64), np.float32)
        for name in ('b', 'c'):
            data = image_message(depth, encoding='32FC1', stamp_ns=1, frame_id=name)
            bag.write(f'/{name}/depth', IMAGE_TYPE, data, 1)
        bag.write(*scan_message(WALL, 1, '/'), 1)
    with open_bag(path) as opened:
        found = find_sensor_topics(opened, {'depth': '/b/depth'})
        assert (found.left, found.left_info) == ('/b/image_rect', '/b/camera_info')
        with pytest.raises(InputError, match='no image is in the frame of /c/depth'):
            find_sensor_topics(opened, {'depth': '/c/depth'})
        named = find_sensor_topics(opened, {'points': '/points'}, '/a/image')
        assert (named.left, named.right) == ('/a/image', None)


# From a real bag to a model


@pytest.fixture(scope='module')
def drive(tmp_path_factory: pytest.TempPathFactory, data_root: Path) -> str:
    """Three real pairs with scans and depth images, and what block matching says as disparity."""
    folder = tmp_path_factory.mktemp('real')
    root = data_root / 'kitti_raw'
    drives = ['0005[0-0]', '0005[10-10]', '0005[59-59]']
    words = ['--data', f'kitti_raw:{root}', '--drives', *drives, '--scans']
    make_bag.main([*words, '--output', str(folder / 'recorded')])
    dataset = KittiRaw(root, drives=drives)
    with open_bag(folder / 'recorded') as recorded, bag_writer(folder / 'drive') as bag:
        for message in recorded.messages():
            bag.write(message.topic, message.msgtype, message.data, message.time_ns)
        for index in range(len(dataset)):
            sample = dataset[index]
            disparity = agreed_disparity(sample.left, sample.right)
            data = disparity_image_message(
                np.nan_to_num(disparity, nan=-1.0),
                focal_px=sample.camera.fx,
                baseline_m=sample.rig.baseline_m,
                stamp_ns=sample.stamp_ns,
                frame_id=LEFT_FRAME,
            )
            bag.write('/stereo/disparity', DISPARITY_TYPE, data, sample.stamp_ns)
    return f'bag:{folder / "drive"}'


TRUTH = '/stereo/ground_truth/depth/image_rect'


@pytest.mark.real_data
@pytest.mark.parametrize(
    ('words', 'least', 'field'),
    [
        (['--disparity-topic', '/stereo/disparity'], 0.3, 'teacher_depth_m'),
        (['--depth-topic', TRUTH], 0.02, 'teacher_depth_m'),
        (['--scan-topic', POINTS], 0.02, 'depth_m'),
    ],
    ids=['disparity', 'depth', 'points'],
)
def test_real_bag_is_labelled_and_a_student_learns_from_it(
    drive: str, data_root: Path, tmp_path: Path, words: list[str], least: float, field: str
) -> None:
    found = run(drive, tmp_path / 'out', *words)
    assert len(found) == 3
    sample, recorded = found[1], getattr(found[1], field)
    assert np.isfinite(recorded).mean() > least
    reference = KittiRaw(data_root / 'kitti_raw', drives=['0005[10-10]'], truth='velodyne_raw')[0]
    both = np.isfinite(recorded) & np.isfinite(reference.depth_m)
    assert both.sum() > 500
    off = np.abs(recorded - reference.depth_m)[both] / reference.depth_m[both]
    assert np.median(off) < 0.03
    assert (sample.right is not None) == ('--disparity-topic' in words)
    source = json.dumps([{'spec': f'recording:{tmp_path / "out"}'}])
    training = [
        *('--config', 'recording', '--data.train', source, '--data.sizes', '[[96, 32]]'),
        *('--data.batch_size', '2', '--data.workers', '0', '--optimiser.steps', '3'),
        *('--model.initial', str(shipped_model('tiny')), '--device', 'cpu', '--export', 'false'),
    ]
    assert train.main(['student', *training, '--output', str(tmp_path / 'model')]) == 0
    lines = [json.loads(line) for line in (tmp_path / 'model/log.jsonl').read_text().splitlines()]
    expected = 'train/silog' if field == 'depth_m' else 'train/response'
    losses = [line[expected] for line in lines if expected in line]
    assert losses
    assert all(np.isfinite(losses))
    assert max(losses) > 0
    assert (tmp_path / 'model' / 'model.safetensors').is_file()


@pytest.mark.real_data
def test_real_scan_lands_where_the_calibration_says(
    drive: str, data_root: Path, tmp_path: Path
) -> None:
    """The transform and camera of the bag give the pixels of KITTI's own projection."""
    date = data_root / 'kitti_raw/2011_09_26'
    scan = read_scan(date / '2011_09_26_drive_0005_sync/velodyne_points/data/0000000010.bin')
    calibration = read_calibration(date)
    expected = project_scan(scan, calibration.projection['02'], 1242, 375)
    sample = run(drive, tmp_path / 'out', '--scan-topic', POINTS)[1]
    np.testing.assert_allclose(sample.depth_m, expected, atol=1 / 256)
