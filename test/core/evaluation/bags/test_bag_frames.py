# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Frames of a recording: every sensor of truth in the geometry of the image, bad messages out."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from adu_depth_core.bags import bag_writer, open_bag
from adu_depth_core.bags.transforms import Transforms
from adu_depth_core.camera import Camera
from adu_depth_core.evaluation.bags.bag_frames import BagFrames
from adu_depth_core.evaluation.bags.truth_sensors import DepthTopic, LaserScans, StereoTeacher
from adu_depth_core.evaluation.calibrating.truth_frames import frames_of_bag
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.messages.cdr import typestore
from adu_depth_core.messages.clouds import point_cloud_message
from adu_depth_core.messages.rectifying import Rectifying
from adu_depth_core.messages.stamped import camera_info_message, image_message
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, IMAGE_TYPE, POINT_CLOUD_TYPE
from adu_depth_core.samples.raw_image import RawImage

IMAGE, INFO, DEPTH, POINTS = '/cam/image', '/cam/camera_info', '/depth', '/points'
CAMERA = Camera(4, 2, fx=2.0, fy=2.0, cx=1.0, cy=1.0)
MS = 1_000_000
EXTRINSICS = """
- parent: camera
  child: scanner
  translation: [0, 0, 0.5]
  rotation: [0, 0, 0, 1]
"""


def image(stamp_ns: int, value: int = 0) -> bytes:
    pixels = np.full((2, 4, 3), value, np.uint8)
    return image_message(pixels, encoding='rgb8', stamp_ns=stamp_ns, frame_id='camera')


def depth(stamp_ns: int, metres: float, encoding: str = '32FC1', width: int = 4) -> bytes:
    kind, unit = (np.uint16, 1000) if encoding == '16UC1' else (np.float32, 1)
    pixels = np.full((2, width), metres * unit, kind)
    return image_message(pixels, encoding=encoding, stamp_ns=stamp_ns, frame_id='camera')


def info(stamp_ns: int, camera: Camera = CAMERA) -> bytes:
    return camera_info_message(camera, stamp_ns=stamp_ns, frame_id='camera')


def changed_info(stamp_ns: int, camera: Camera, **changes: object) -> bytes:
    """Return a camera_info of which some fields are others."""
    message = typestore().deserialize_cdr(info(stamp_ns, camera), CAMERA_INFO_TYPE)
    return bytes(typestore().serialize_cdr(replace(message, **changes), CAMERA_INFO_TYPE))


def written(path: Path, *messages: tuple[str, str, bytes, int]) -> Path:
    with bag_writer(path) as bag:
        for topic, msgtype, data, time_ns in messages:
            bag.write(topic, msgtype, data, time_ns)
    return path


def camera_at(*stamps_ns: int) -> list[tuple[str, str, bytes, int]]:
    return [
        message
        for stamp in stamps_ns
        for message in (
            (INFO, CAMERA_INFO_TYPE, info(stamp), stamp),
            (IMAGE, IMAGE_TYPE, image(stamp, stamp // (100 * MS)), stamp),
        )
    ]


@pytest.mark.parametrize('encoding', ['32FC1', '16UC1'])
def test_depth_is_in_metres_whatever_its_unit(tmp_path: Path, encoding: str) -> None:
    truth = (DEPTH, IMAGE_TYPE, depth(100 * MS, 7.5, encoding), 100 * MS)
    path = written(tmp_path / 'bag', *camera_at(100 * MS, 200 * MS), truth)
    with open_bag(path) as bag:
        first, second = BagFrames(bag, IMAGE, INFO, [DepthTopic(DEPTH)])
    (found,) = first.truths.values()
    assert found == pytest.approx(7.5)
    assert second.truths == {}, 'the other image has no truth of its time'
    assert (first.camera, first.frame_id, first.stamp_ns) == (CAMERA, 'camera', 100 * MS)
    assert (first.image == 1).all()
    assert (second.image == 2).all()


def test_scans_are_projected_through_their_extrinsics(tmp_path: Path) -> None:
    points = np.array([[0.0, 0.0, 3.5], [1.0, 0.0, 1.5], [0.0, 0.0, -9.0]], np.float32)
    cloud = point_cloud_message(points, stamp_ns=110 * MS, frame_id='scanner')
    path = written(
        tmp_path / 'bag', *camera_at(100 * MS), (POINTS, POINT_CLOUD_TYPE, cloud, 110 * MS)
    )
    (tmp_path / 'extrinsics.yaml').write_text(EXTRINSICS)
    sensor = LaserScans(POINTS, Transforms.of_file(tmp_path / 'extrinsics.yaml'))
    with open_bag(path) as bag:
        (frame,) = BagFrames(bag, IMAGE, INFO, [sensor])
    expected = np.full((2, 4), np.nan, np.float32)
    expected[1, 1] = 4.0  # straight ahead, half a metre further on than the scanner is
    expected[1, 2] = 2.0  # u = 2 * 1 / 2 + 1
    np.testing.assert_allclose(frame.truths[f'laser scans {POINTS}'], expected)


def test_teacher_is_shown_both_images_and_the_baseline(tmp_path: Path) -> None:
    seen = []

    def predict(left: np.ndarray, right: np.ndarray, rig: object) -> Prediction:
        seen.append((left.max(), right.max(), rig))
        return Prediction(np.full((2, 4), 5.0, np.float32), np.ones((2, 4), np.float32))

    right_info = camera_info_message(CAMERA, stamp_ns=0, frame_id='camera', baseline_m=0.25)
    path = written(
        tmp_path / 'bag',
        ('/right/camera_info', CAMERA_INFO_TYPE, right_info, 0),
        *camera_at(100 * MS),
        ('/right/image', IMAGE_TYPE, image(100 * MS, 77), 100 * MS),
    )
    teacher = StereoTeacher(predict, 'big', '/right/image', '/right/camera_info')
    with open_bag(path) as bag:
        (frame,) = BagFrames(bag, IMAGE, INFO, [teacher])
    ((left, right, rig),) = seen
    assert (left, right, rig.baseline_m) == (1, 77, pytest.approx(0.25))
    assert (frame.truths['stereo teacher big'] == 5.0).all()


def test_bad_messages_are_counted_and_the_good_ones_used(tmp_path: Path) -> None:
    path = written(
        tmp_path / 'bag',
        *camera_at(100 * MS, 200 * MS),
        (IMAGE, IMAGE_TYPE, image(300 * MS)[:-5], 300 * MS),
        (IMAGE, IMAGE_TYPE, b'\0\1\0\0', 310 * MS),
        (DEPTH, IMAGE_TYPE, depth(200 * MS, 2.0, width=5), 200 * MS),
        *camera_at(400 * MS),
    )
    with open_bag(path) as bag:
        frames = BagFrames(bag, IMAGE, INFO, [DepthTopic(DEPTH)])
        stamps = [frame.stamp_ns // MS for frame in frames]
    assert stamps == [100, 200, 400]
    assert sum(frames.unusable.values()) == 3
    (size,) = (sentence for sentence in frames.unusable if 'same camera' in sentence)
    assert '5x2' in size
    assert '4x2' in size


def test_camera_info_of_another_size_is_refused_by_name(tmp_path: Path) -> None:
    other = info(0, CAMERA.resized(8, 4))
    path = written(
        tmp_path / 'bag', (INFO, CAMERA_INFO_TYPE, other, 0), (IMAGE, IMAGE_TYPE, image(1), 1)
    )
    with open_bag(path) as bag:
        frames = BagFrames(bag, IMAGE, INFO)
        assert list(frames) == []
    (sentence,) = frames.unusable
    assert sentence.startswith(f'{INFO}: describes an image of 8x4 pixels, but the image has 4x2;')


def test_one_frame_can_be_read_again(tmp_path: Path) -> None:
    stamps = [n * 1000 * MS for n in range(1, 8)]
    only_first = camera_at(stamps[0])
    later = [
        (IMAGE, IMAGE_TYPE, image(stamp, stamp // (1000 * MS)), stamp) for stamp in stamps[1:]
    ]
    with open_bag(written(tmp_path / 'bag', *only_first, *later)) as bag:
        frames = BagFrames(bag, IMAGE, INFO)
        list(frames)
        again = frames.at(6000 * MS)
        assert frames.at(1) is None
    assert (again.image == 6).all()
    assert again.camera == CAMERA, 'the calibration from the beginning still holds'


def test_depth_of_another_camera_is_no_truth(tmp_path: Path) -> None:
    pixels = np.ones((2, 4), np.float32)
    other = image_message(pixels, encoding='32FC1', stamp_ns=100 * MS, frame_id='ir_camera')
    path = written(tmp_path / 'bag', *camera_at(100 * MS), (DEPTH, IMAGE_TYPE, other, 100 * MS))
    with open_bag(path) as bag:
        frames = BagFrames(bag, IMAGE, INFO, [DepthTopic(DEPTH)])
        assert [frame.truths for frame in frames] == [{}]
    (sentence,) = frames.unusable
    assert sentence.startswith(f'{DEPTH}: is of the frame ir_camera, its image of camera')


def test_images_without_stamps_are_matched_by_the_time_of_recording(tmp_path: Path) -> None:
    messages = [
        message
        for n in range(1, 5)
        for message in (
            (INFO, CAMERA_INFO_TYPE, info(0), 100 * n * MS),
            (IMAGE, IMAGE_TYPE, image(0, n), 100 * n * MS),
            (DEPTH, IMAGE_TYPE, depth(0, float(n)), 100 * n * MS),
        )
    ]
    with open_bag(written(tmp_path / 'bag', *messages)) as bag:
        frames = BagFrames(bag, IMAGE, INFO, [DepthTopic(DEPTH)])
        pairs = [(f.image.max(), f.truths[f'depth topic {DEPTH}'].max()) for f in frames]
    assert pairs == [(n, n) for n in range(1, 5)]
    assert f'{IMAGE}: has no stamps, times of recording are used' in frames.notices


def test_image_that_repeats_a_stamp_is_left_out(tmp_path: Path) -> None:
    again = (IMAGE, IMAGE_TYPE, image(100 * MS, 9), 150 * MS)
    with open_bag(written(tmp_path / 'bag', *camera_at(100 * MS), again)) as bag:
        frames = BagFrames(bag, IMAGE, INFO)
        assert [frame.image.max() for frame in frames] == [1]
    assert frames.unusable == {f'{IMAGE}: has the stamp of the image before': 1}


def test_binning_and_region_of_interest_lead_to_the_image(tmp_path: Path) -> None:
    region = typestore().types['sensor_msgs/msg/RegionOfInterest'](
        x_offset=4, y_offset=2, height=4, width=8, do_rectify=False
    )
    full = Camera(20, 10, fx=8.0, fy=8.0, cx=10.0, cy=5.0)
    binned = changed_info(0, full, binning_x=2, binning_y=2, roi=region)
    path = written(
        tmp_path / 'bag', (INFO, CAMERA_INFO_TYPE, binned, 0), (IMAGE, IMAGE_TYPE, image(1), 1)
    )
    with open_bag(path) as bag:
        (frame,) = BagFrames(bag, IMAGE, INFO)
    assert frame.camera == Camera(4, 2, fx=4.0, fy=4.0, cx=3.0, cy=1.5)


def test_distortion_is_mentioned_unless_the_topic_says_that_it_is_gone(tmp_path: Path) -> None:
    bent = changed_info(0, CAMERA, d=np.array([-0.4, 0.2, 0, 0, 0]))
    for topic, count in ((IMAGE, 1), ('/cam/image_rect', 0)):
        path = tmp_path / f'bag{count}'
        written(path, (INFO, CAMERA_INFO_TYPE, bent, 0), (topic, IMAGE_TYPE, image(1), 1))
        with open_bag(path) as bag:
            frames = BagFrames(bag, topic, INFO)
            assert len(list(frames)) == 1
        assert len(frames.notices) == count


WIDE = Camera(40, 24, fx=30.0, fy=30.0, cx=19.5, cy=11.5)
BENT = np.array([-0.3, 0.05, 0.0, 0.0, 0.0])


def raw_messages(depth_topic: str = DEPTH) -> list[tuple[str, str, bytes, int]]:
    """Return a camera_info with distortion, a raw image, and depth that grows to the right."""
    u = np.broadcast_to(np.arange(40), (24, 40))
    picture = np.stack([4 * u, 6 * u, 120 + u], -1).astype(np.uint8)
    metres = (5 + 0.1 * u).astype(np.float32)
    about = {'stamp_ns': 1, 'frame_id': 'camera'}
    return [
        (INFO, CAMERA_INFO_TYPE, changed_info(0, WIDE, d=BENT), 0),
        (IMAGE, IMAGE_TYPE, image_message(picture, encoding='rgb8', **about), 1),
        (depth_topic, IMAGE_TYPE, image_message(metres, encoding='32FC1', **about), 2),
    ]


def columns_of_raw_image() -> np.ndarray:
    """Return in which column of the raw image each rectified pixel lies, by OpenCV."""
    k = WIDE.matrix
    return cv2.initUndistortRectifyMap(k, BENT, np.eye(3), k, (40, 24), cv2.CV_32FC1)[0]


def test_raw_image_is_rectified_and_the_predictor_gets_it_raw(tmp_path: Path) -> None:
    with open_bag(written(tmp_path / 'bag', *raw_messages())) as bag:
        frames = BagFrames(bag, IMAGE, INFO, [DepthTopic(DEPTH)])
        (frame,) = frames
    assert frame.camera == WIDE
    expected = 4 * columns_of_raw_image().clip(0, 39)
    np.testing.assert_allclose(frame.image[..., 0], expected, atol=1)
    assert isinstance(frame.given, RawImage)
    np.testing.assert_array_equal(frame.given.pixels[0, :, 0], 4 * np.arange(40))
    # Depth of the raw camera is that of the nearest raw pixel.
    (truth_m,) = frame.truths.values()
    known = np.isfinite(truth_m)
    assert known.mean() > 0.9
    np.testing.assert_allclose(truth_m[known], 5 + 0.1 * columns_of_raw_image()[known], atol=0.051)
    assert list(frames.notices) == [f'{IMAGE}: is raw, and rectified here by {INFO}']


def test_truth_of_a_raw_image_goes_with_what_a_predictor_is_given(tmp_path: Path) -> None:
    with open_bag(written(tmp_path / 'bag', *raw_messages())) as bag:
        (frame,) = frames_of_bag(BagFrames(bag, IMAGE, INFO, [DepthTopic(DEPTH)]))
    assert isinstance(frame.given, RawImage)
    assert frame.camera == WIDE


def test_depth_that_says_it_is_rectified_is_left_as_it_is(tmp_path: Path) -> None:
    topic = '/depth/image_rect'
    with open_bag(written(tmp_path / 'bag', *raw_messages(topic))) as bag:
        (frame,) = BagFrames(bag, IMAGE, INFO, [DepthTopic(topic)])
    (truth_m,) = frame.truths.values()
    np.testing.assert_allclose(truth_m[3], 5 + 0.1 * np.arange(40), rtol=1e-6)


def test_raw_image_stays_where_that_is_wanted(tmp_path: Path) -> None:
    with open_bag(written(tmp_path / 'bag', *raw_messages())) as bag:
        frames = BagFrames(bag, IMAGE, INFO, rectifying=Rectifying('never'))
        (frame,) = frames
    assert frame.given is frame.image
    np.testing.assert_array_equal(frame.image[0, :, 0], 4 * np.arange(40))
    (notice,) = frames.notices
    assert 'does not say that it is rectified' in notice


def test_lens_that_is_not_known_makes_images_unusable(tmp_path: Path) -> None:
    info_message, *others = raw_messages()
    spoilt = changed_info(0, WIDE, d=BENT, distortion_model='ftheta')
    messages = [(*info_message[:2], spoilt, 0), *others]
    with open_bag(written(tmp_path / 'bag', *messages)) as bag:
        frames = BagFrames(bag, IMAGE, INFO)
        assert list(frames) == []
    (sentence,) = frames.unusable
    assert sentence.startswith(f'{INFO}: distortion_model "ftheta" is not known here, only')


def test_pair_of_two_moments_is_not_shown_to_the_teacher(tmp_path: Path) -> None:
    right_info = camera_info_message(CAMERA, stamp_ns=0, frame_id='camera', baseline_m=0.25)
    path = written(
        tmp_path / 'bag',
        ('/right/camera_info', CAMERA_INFO_TYPE, right_info, 0),
        *camera_at(100 * MS),
        ('/right/image', IMAGE_TYPE, image(110 * MS), 110 * MS),
    )
    teacher = StereoTeacher(pytest.fail, 'big', '/right/image', '/right/camera_info')
    with open_bag(path) as bag:
        (frame,) = BagFrames(bag, IMAGE, INFO, [teacher])
    assert frame.truths == {}


@pytest.mark.parametrize(('delay_ms', 'shown'), [(-15, 1), (15, 1), (25, 0)])
def test_pair_without_stamps_is_found_by_the_time_of_recording(
    tmp_path: Path, delay_ms: int, shown: int
) -> None:
    def predict(left: np.ndarray, right: np.ndarray, rig: object) -> Prediction:
        return Prediction(np.full((2, 4), 5.0, np.float32), np.ones((2, 4), np.float32))

    right_info = camera_info_message(CAMERA, stamp_ns=0, frame_id='camera', baseline_m=0.25)
    messages = [
        ('/right/camera_info', CAMERA_INFO_TYPE, right_info, 0),
        (INFO, CAMERA_INFO_TYPE, info(0), 0),
        (IMAGE, IMAGE_TYPE, image(0), 100 * MS),
        ('/right/image', IMAGE_TYPE, image(0), (100 + delay_ms) * MS),
    ]
    path = written(tmp_path / 'bag', *sorted(messages, key=lambda message: message[3]))
    teacher = StereoTeacher(predict, 'big', '/right/image', '/right/camera_info')
    with open_bag(path) as bag:
        (frame,) = BagFrames(bag, IMAGE, INFO, [teacher])
    assert len(frame.truths) == shown


def test_limit_counts_images_whether_they_can_be_used_or_not(tmp_path: Path) -> None:
    bad = (IMAGE, IMAGE_TYPE, image(50 * MS)[:-5], 50 * MS)
    with open_bag(written(tmp_path / 'bag', bad, *camera_at(100 * MS, 200 * MS))) as bag:
        frames = BagFrames(bag, IMAGE, INFO, limit=2)
        assert len(frames) == 2
        assert [frame.stamp_ns // MS for frame in frames] == [100]


def test_millimetres_called_metres_are_refused_for_what_they_are(tmp_path: Path) -> None:
    truth = (DEPTH, IMAGE_TYPE, depth(100 * MS, 7500.0), 100 * MS)
    path = written(tmp_path / 'bag', *camera_at(100 * MS), truth)
    with open_bag(path) as bag:
        frames = BagFrames(bag, IMAGE, INFO, [DepthTopic(DEPTH)])
        assert [dict(frame.truths) for frame in frames] == [{}]
        (sentence,) = frames.unusable
    assert sentence.startswith(
        '/depth: its depth is from 7500 to 7500 m; if these are millimetres'
    )


def test_twelve_bits_in_sixteen_are_mentioned(tmp_path: Path) -> None:
    pixels = np.full((2, 4), 4095, np.uint16)
    dark = image_message(pixels, encoding='mono16', stamp_ns=1, frame_id='camera')
    path = written(
        tmp_path / 'bag', (INFO, CAMERA_INFO_TYPE, info(1), 1), (IMAGE, IMAGE_TYPE, dark, 1)
    )
    with open_bag(path) as bag:
        frames = BagFrames(bag, IMAGE, INFO)
        assert len(list(frames)) == 1
        (sentence,) = frames.notices
    assert sentence.startswith('/cam/image: the images in mono16 are black, they use the lower 12')
