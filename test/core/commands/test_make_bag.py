# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""make-bag: formats of images and truth, and laser scans with their transform."""

from pathlib import Path

import numpy as np
import pytest

from adu_depth_core.bags import (
    Transforms,
    open_bag,
    read_picture,
    read_points,
    to_depth_m,
    to_rgb,
)
from adu_depth_core.commands import make_bag
from adu_depth_core.datasets.kitti_raw import KittiRaw
from adu_depth_core.errors import InputError
from adu_depth_core.messages.cdr import deserialised
from adu_depth_core.messages.compressed_images import DEPTH_FORMAT, DEPTH_HEADER, JPEG_FORMAT
from adu_depth_core.messages.types import COMPRESSED_IMAGE_TYPE, IMAGE_TYPE
from adu_depth_core.samples.projection import project_scan

LEFT, TRUTH = '/stereo/left/image_rect', '/stereo/ground_truth/depth/image_rect'


def made(tmp_path: Path, root: Path, *words: str) -> Path:
    bag = tmp_path / 'bag'
    arguments = ['--data', f'kitti_raw:{root}', '--drives', '0005', '--frames', '2']
    assert make_bag.main([*arguments, '--output', str(bag), *words]) == 0
    return bag


def test_jpeg_images_are_those_of_the_data_set_but_for_compression(
    tmp_path: Path, plane_drive: Path
) -> None:
    bag_path = made(tmp_path, plane_drive, '--image-format', 'jpeg', '--jpeg-quality', '95')
    drive = KittiRaw(plane_drive)
    with open_bag(bag_path) as bag:
        assert LEFT not in bag.topics
        messages = list(bag.messages([f'{LEFT}/compressed']))
    assert deserialised(messages[0].data, COMPRESSED_IMAGE_TYPE).format == JPEG_FORMAT
    for index, message in enumerate(messages):
        image = read_picture(message)
        assert image.stamp_ns == drive[index].stamp_ns == message.time_ns
        difference = to_rgb(image.pixels, image.encoding).astype(int) - drive[index].left
        assert np.abs(difference).mean() < 4


@pytest.mark.parametrize(
    ('truth_format', 'topic', 'msgtype'),
    [
        ('32FC1', TRUTH, IMAGE_TYPE),
        ('16UC1', TRUTH, IMAGE_TYPE),
        ('png', f'{TRUTH}/compressedDepth', COMPRESSED_IMAGE_TYPE),
    ],
)
def test_truth_is_the_same_to_half_a_millimetre_in_every_format(
    tmp_path: Path, plane_drive: Path, truth_format: str, topic: str, msgtype: str
) -> None:
    drive = KittiRaw(plane_drive)
    with open_bag(made(tmp_path, plane_drive, '--truth-format', truth_format)) as bag:
        messages = list(bag.messages([topic]))
    for index, message in enumerate(messages):
        truth = read_picture(message)
        depth_m = to_depth_m(truth.pixels, truth.encoding)
        expected_m = drive[index].depth_m
        assert message.msgtype == msgtype
        assert expected_m is not None
        if truth_format != '32FC1':
            expected_m = np.where(expected_m < 65.535, expected_m, np.nan)
        np.testing.assert_allclose(depth_m, expected_m, rtol=0, atol=0.5e-3 + 4e-6)
        assert np.isfinite(depth_m).any()


def test_packed_truth_begins_as_image_transport_has_it(tmp_path: Path, plane_drive: Path) -> None:
    with open_bag(made(tmp_path, plane_drive, '--truth-format', 'png')) as bag:
        message = next(bag.messages([f'{TRUTH}/compressedDepth']))
    packed = deserialised(message.data, COMPRESSED_IMAGE_TYPE)
    assert packed.format == DEPTH_FORMAT == '16UC1; compressedDepth png'
    assert packed.data[: DEPTH_HEADER.size + 4].tobytes() == bytes(12) + b'\x89PNG'


def test_scans_are_asked_only_of_data_that_may_have_them(
    tmp_path: Path, plane_drive: Path
) -> None:
    with pytest.raises(InputError, match='none of 2 frames has a laser scan'):
        made(tmp_path, plane_drive, '--scans')
    assert list(tmp_path.iterdir()) == []
    arguments = ['--data', 'recording:x', '--output', str(tmp_path / 'bag'), '--scans']
    with pytest.raises(InputError, match='"recording:x" has no laser scans'):
        make_bag.main(arguments)


@pytest.mark.parametrize('quality', ['0', '101', 'high'])
def test_quality_of_jpeg_is_judged(tmp_path: Path, plane_drive: Path, quality: str) -> None:
    with pytest.raises(SystemExit):
        made(tmp_path, plane_drive, '--jpeg-quality', quality)


def test_points_behind_and_in_the_plane_of_the_lens_are_not_projected() -> None:
    points = np.array([[0, 0, 4], [0, 0, -4], [0, 0, 0], [1, 0, 1e-38], [0, 0, 5]], np.float32)
    projection = np.array([[1.0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 1, 0]])
    depth_m = project_scan(points, projection, 3, 1)
    np.testing.assert_array_equal(depth_m, [[np.nan, 4, np.nan]])


def test_scanner_may_look_where_it_likes() -> None:
    """Points on one side of the scanner are no worse than those on the other."""
    points = np.array([[-4, 0, 0], [4, 0, 0]], np.float32)
    backwards = np.array([[-1.0, -1, 0, 0], [0, 0, -1, 0], [-1, 0, 0, 0]])
    np.testing.assert_array_equal(project_scan(points, backwards, 3, 1), [[np.nan, 4, np.nan]])


@pytest.mark.real_data
def test_recorded_scans_project_to_the_truth_of_the_data_set(
    tmp_path: Path, data_root: Path
) -> None:
    root = data_root / 'kitti_raw'
    drive = KittiRaw(root, drives=['0005'], truth='velodyne_points')
    truths = {drive[index].stamp_ns: drive[index] for index in range(len(drive))}
    bag_path = tmp_path / 'bag'
    arguments = ['--data', f'kitti_raw:{root}', '--drives', '0005', '--frames', '60']
    make_bag.main([*arguments, '--output', str(bag_path), '--scans', '--image-format', 'jpeg'])
    with open_bag(bag_path) as bag:
        assert bag.topics['/tf_static'].latched
        assert bag.topics['/stereo/left/camera_info'].count == 60
        transforms = Transforms.of_bag(bag)
        camera = next(bag.cameras('/stereo/left/camera_info'))
        clouds = [read_points(message.data) for message in bag.messages(['/stereo/points'])]
    assert transforms.frames == ['camera_left_optical_frame', 'velodyne']
    assert [cloud.stamp_ns for cloud in clouds] == sorted(truths)
    assert len(clouds) == 3
    for cloud in clouds:
        to_camera = transforms.matrix(camera.frame_id, cloud.frame_id)
        projection = camera.camera.matrix @ to_camera[:3]
        size = camera.camera.width, camera.camera.height
        depth_m = project_scan(cloud.points_m, projection, *size)
        expected_m = truths[cloud.stamp_ns].depth_m
        assert expected_m is not None
        np.testing.assert_array_equal(np.isnan(depth_m), np.isnan(expected_m))
        np.testing.assert_allclose(depth_m, expected_m, rtol=0, atol=2e-5)
        assert np.isfinite(depth_m).sum() > 20_000
