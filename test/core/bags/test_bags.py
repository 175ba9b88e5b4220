# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bags: what is written is what is read, whole or not at all; damaged ones say so."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adu_depth_core import atomic_folders
from adu_depth_core.bags import (
    STORAGES,
    bag_writer,
    header_stamp_ns,
    open_bag,
    write_bag,
)
from adu_depth_core.bags.topics import absolute_namespace, in_namespace
from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.commands import make_bag
from adu_depth_core.datasets.sources import open_dataset
from adu_depth_core.errors import InputError
from adu_depth_core.messages.stamped import image_message
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, IMAGE_TYPE
from adu_depth_core.samples.sample import StereoSample
from adu_depth_core.synthetic.drive import KITTI_CAMERA
from full_disk import little_space

CAMERA = Camera(6, 4, fx=10.0, fy=11.0, cx=2.5, cy=1.5)
RIG = StereoRig(CAMERA, replace(CAMERA, cx=3.25), baseline_m=0.5)
SIDES = ('left', 'right')
START_NS = 1_317_046_405_123_456_789


def sample(index: int) -> StereoSample:
    generator = np.random.default_rng(index)
    depth_m = generator.uniform(1, 80, (4, 6)).astype(np.float32)
    depth_m[0, 0], depth_m[0, 1] = np.nan, np.inf
    return StereoSample(
        name=f'drive/{index}',
        stamp_ns=START_NS + index * 100_000_000,
        left=generator.integers(0, 256, (4, 6, 3), np.uint8),
        camera=CAMERA,
        right=generator.integers(0, 256, (4, 6, 3), np.uint8),
        rig=RIG,
        depth_m=depth_m,
    )


@pytest.mark.parametrize('storage', STORAGES)
def test_bag_gives_back_images_depth_and_stamps(tmp_path: Path, storage: str) -> None:
    samples = [sample(index) for index in range(3)]
    assert write_bag(tmp_path / 'bag', samples, storage=storage) == 3
    with open_bag(tmp_path / 'bag') as bag:
        assert bag.duration_ns == 200_000_000
        left = list(bag.images('/stereo/left/image_rect'))
        right = list(bag.images('/stereo/right/image_rect'))
        depth = list(bag.images('/stereo/ground_truth/depth/image_rect'))
    for image, other, truth, written in zip(left, right, depth, samples, strict=True):
        assert image.stamp_ns == other.stamp_ns == truth.stamp_ns == written.stamp_ns
        assert (image.encoding, truth.encoding) == ('rgb8', '32FC1')
        assert (image.frame_id, other.frame_id, truth.frame_id) == (
            'camera_left_optical_frame',
            'camera_right_optical_frame',
            'camera_left_optical_frame',
        )
        np.testing.assert_array_equal(image.pixels, written.left)
        np.testing.assert_array_equal(other.pixels, written.right)
        np.testing.assert_array_equal(truth.pixels, written.depth_m)


def test_notes_that_a_system_leaves_beside_a_bag_are_none_of_its_files(tmp_path: Path) -> None:
    write_bag(tmp_path / 'drive', [sample(0)])
    (tmp_path / 'drive' / '._drive.mcap').write_bytes(b'what a Mac notes about a file')
    with open_bag(tmp_path / 'drive') as bag:
        assert len(list(bag.images('/stereo/left/image_rect'))) == 1
        assert not bag.warnings


@pytest.mark.parametrize('storage', STORAGES)
def test_single_storage_file_opens_like_its_folder(tmp_path: Path, storage: str) -> None:
    write_bag(tmp_path / 'drive', [sample(0)], storage=storage)
    suffix = {'mcap': '.mcap', 'sqlite3': '.db3'}[storage]
    with open_bag(tmp_path / 'drive' / f'drive{suffix}') as bag:
        (image,) = bag.images('/stereo/left/image_rect')
    np.testing.assert_array_equal(image.pixels, sample(0).left)


def test_right_camera_info_carries_the_baseline_and_left_does_not(tmp_path: Path) -> None:
    write_bag(tmp_path / 'bag', [sample(0)])
    with open_bag(tmp_path / 'bag') as bag:
        (left,) = bag.cameras('/stereo/left/camera_info')
        (right,) = bag.cameras('/stereo/right/camera_info')
        (truth,) = bag.cameras('/stereo/ground_truth/depth/camera_info')
    assert (left.camera, left.baseline_m) == (CAMERA, 0.0)
    assert (truth.camera, truth.baseline_m) == (CAMERA, 0.0)
    assert (right.camera, right.baseline_m) == (RIG.right, 0.5)


def test_messages_come_in_order_of_time_with_camera_info_before_image(tmp_path: Path) -> None:
    write_bag(tmp_path / 'bag', [sample(index) for index in range(3)])
    with open_bag(tmp_path / 'bag') as bag:
        messages = list(bag.messages(['/stereo/left/image_rect', '/stereo/left/camera_info']))
    assert [message.msgtype for message in messages] == [CAMERA_INFO_TYPE, IMAGE_TYPE] * 3
    times = [message.time_ns for message in messages]
    assert times == sorted(times)
    assert [header_stamp_ns(message.data) for message in messages] == times


def test_sample_without_right_and_truth_makes_only_left_topics(tmp_path: Path) -> None:
    bare = replace(sample(0), right=None, rig=None, depth_m=None)
    write_bag(tmp_path / 'bag', [bare], namespace='/car/front/')
    with open_bag(tmp_path / 'bag') as bag:
        assert set(bag.topics) == {'/car/front/left/image_rect', '/car/front/left/camera_info'}
        assert [topic.name for topic in bag.of_type(IMAGE_TYPE)] == ['/car/front/left/image_rect']


def test_topic_names_are_absolute_whatever_slashes_the_namespace_has() -> None:
    assert in_namespace('', 'left/image_rect') == '/left/image_rect'
    assert in_namespace('stereo//', 'left/image_rect') == '/stereo/left/image_rect'


@pytest.mark.parametrize(
    'namespace',
    ['my car', '1st', '/car/2', 'car//front', 'car-1', '~', '/ä', '{node}', 'a\n', ' '],
)
def test_namespace_that_ros_does_not_allow_is_refused(tmp_path: Path, namespace: str) -> None:
    with pytest.raises(InputError, match='is no name in ROS'):
        absolute_namespace(namespace)
    with pytest.raises(InputError, match='is no name in ROS'):
        write_bag(tmp_path / 'bag', [sample(0)], namespace=namespace)
    assert list(tmp_path.iterdir()) == []


def test_namespace_becomes_absolute() -> None:
    found = [absolute_namespace(name) for name in ('', '/', 'car', '/car_1/_front/', 'A/b2//')]
    assert found == ['', '', '/car', '/car_1/_front', '/A/b2']


def test_existing_bag_is_kept_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    write_bag(tmp_path / 'bag', [sample(0)])
    with pytest.raises(InputError, match='is there already'):
        write_bag(tmp_path / 'bag', [sample(1)])
    with open_bag(tmp_path / 'bag') as bag:
        assert bag.start_ns == sample(0).stamp_ns
    write_bag(tmp_path / 'bag', [sample(1)], storage='sqlite3', overwrite=True)
    with open_bag(tmp_path / 'bag') as bag:
        assert bag.start_ns == sample(1).stamp_ns
    assert [path.name for path in tmp_path.iterdir()] == ['bag']


@pytest.mark.parametrize('failure', [KeyboardInterrupt, OSError])
def test_old_bag_comes_back_when_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException]
) -> None:
    bag = tmp_path / 'bag'
    write_bag(bag, [sample(0)])
    rename, refused = Path.rename, []

    def fails_once(source: Path, target: Path) -> Path:
        if target == bag and not refused:
            refused.append(source)
            raise failure
        return rename(source, target)

    monkeypatch.setattr(Path, 'rename', fails_once)
    monkeypatch.setattr(atomic_folders, 'exchanged', lambda one, other: False)
    with pytest.raises(InputError if failure is OSError else failure):
        write_bag(bag, [sample(1)], overwrite=True)
    assert refused
    with open_bag(bag) as kept:
        assert kept.start_ns == sample(0).stamp_ns
    assert list(tmp_path.iterdir()) == [bag]


def test_folder_that_is_no_bag_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / 'photos').mkdir()
    (tmp_path / 'photos' / 'cat.jpg').write_text('a cat')
    with pytest.raises(InputError, match='no rosbag2 folder'):
        write_bag(tmp_path / 'photos', [sample(0)], overwrite=True)
    assert (tmp_path / 'photos' / 'cat.jpg').read_text() == 'a cat'


# Nothing fits at first, then some messages, or all but what is written when the bag is closed.
@pytest.mark.parametrize('size', [1, 20_000, 120_000])
@pytest.mark.parametrize('storage', STORAGES)
def test_disk_that_is_full_is_told_with_the_name_of_the_bag(
    tmp_path: Path, storage: str, size: int
) -> None:
    bag = tmp_path / 'bag'

    def fill() -> None:
        with little_space(size), bag_writer(bag, storage=storage) as writer:
            for time_ns in range(130):
                writer.write('/any', 'std_msgs/msg/String', bytes(1000), time_ns)

    with pytest.raises(InputError) as raised:
        fill()
    assert str(raised.value).startswith(f'{bag}: cannot be written (')
    assert '.part-' not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_error_of_what_is_to_be_written_is_not_blamed_on_the_bag(tmp_path: Path) -> None:
    with pytest.raises(PermissionError, match='of a sample'), bag_writer(tmp_path / 'bag'):
        raise PermissionError('of a sample')
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_behind_when_a_sample_fails_midway(tmp_path: Path) -> None:
    def broken() -> Iterator[StereoSample]:
        yield sample(0)
        raise InputError('the second frame is spoilt')

    with pytest.raises(InputError, match='the second frame is spoilt'):
        write_bag(tmp_path / 'bag', broken())
    assert list(tmp_path.iterdir()) == []


def test_replaced_bag_survives_a_failing_successor(tmp_path: Path) -> None:
    write_bag(tmp_path / 'bag', [sample(0)])
    with pytest.raises(InputError, match='is not after'):
        write_bag(tmp_path / 'bag', [sample(2), sample(1)], overwrite=True)
    with open_bag(tmp_path / 'bag') as bag:
        assert bag.start_ns == sample(0).stamp_ns


def test_bag_without_frames_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='no frame'):
        write_bag(tmp_path / 'bag', [])
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_created_is_named(tmp_path: Path) -> None:
    (tmp_path / 'file').write_text('')
    with pytest.raises(InputError, match='cannot be written'):
        write_bag(tmp_path / 'file' / 'bag', [sample(0)])


def test_absent_topic_is_answered_with_those_that_are_there(tmp_path: Path) -> None:
    write_bag(tmp_path / 'bag', [sample(0)])
    with open_bag(tmp_path / 'bag') as bag:
        with pytest.raises(InputError, match=r'has no topic /camera; it has .*/stereo/left/ima'):
            bag.require('/camera')
        with pytest.raises(InputError, match='camera_info is sensor_msgs/msg/CameraInfo'):
            next(bag.images('/stereo/left/camera_info'))


def open_and_read(path: Path) -> None:
    with open_bag(path) as bag:
        for _ in bag.messages():
            pass


def assert_one_sentence_about(path: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_and_read(path)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert '\n' not in text


def test_what_is_no_bag_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / 'empty').mkdir()
    (tmp_path / 'notes.txt').write_text('hello')
    (tmp_path / 'noise.mcap').write_bytes(b'not a recording')
    (tmp_path / 'noise.db3').write_bytes(b'not a recording')
    (tmp_path / 'no_bytes.mcap').write_bytes(b'')
    (tmp_path / 'odd').mkdir()
    (tmp_path / 'odd' / 'metadata.yaml').write_text('a: [')
    (tmp_path / 'noise.bag').write_bytes(b'not a recording')
    (tmp_path / 'noise.mcap.zstd').write_bytes(b'not a recording')
    (tmp_path / 'filled').mkdir()
    (tmp_path / 'filled' / 'noise.mcap').write_bytes(b'not a recording')
    (tmp_path / 'odder').mkdir()
    (tmp_path / 'odder' / 'metadata.yaml').write_text('rosbag2_bagfile_information: 3')
    for path in [*tmp_path.iterdir(), tmp_path / 'absent']:
        assert_one_sentence_about(path)


def test_damaged_chunk_is_reported_when_it_is_read(tmp_path: Path) -> None:
    write_bag(tmp_path / 'bag', [sample(0)])
    (storage_file,) = (tmp_path / 'bag').glob('*.mcap')
    content = bytearray(storage_file.read_bytes())
    at = content.index(b'rgb8') - 40
    content[at : at + 80] = b'\xff' * 80
    storage_file.write_bytes(content)
    with open_bag(tmp_path / 'bag') as bag, pytest.raises(InputError, match=r'bag: '):
        list(bag.images('/stereo/left/image_rect'))


def test_bag_missing_its_storage_file_is_refused(tmp_path: Path) -> None:
    write_bag(tmp_path / 'bag', [sample(0)])
    (tmp_path / 'bag' / 'bag.mcap').unlink()
    assert_one_sentence_about(tmp_path / 'bag')


def test_make_bag_writes_the_first_frames_of_a_drive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Drive(list):
        missing = type('Missing', (), {'summary': staticmethod(lambda: 'nothing missing')})

    asked = {}

    def opened(spec: str, **options: object) -> Drive:
        asked.update(options, spec=spec)
        return Drive([sample(0), sample(1)])

    monkeypatch.setattr(make_bag, 'open_dataset', opened)
    bag = tmp_path / 'bag'
    words = ['--data', 'some:data', '--drives', 'one', '--frames', '2', '--output', str(bag)]
    assert make_bag.main(words) == 0
    assert asked == {'spec': 'some:data', 'drives': ['one'], 'limit': 2}
    with open_bag(bag) as written:
        assert written.topics['/stereo/left/image_rect'].count == 2
    with pytest.raises(InputError, match='--force'):
        make_bag.main(words)
    assert make_bag.main([*words, '--force']) == 0


def test_bag_writer_keeps_the_recording_time_beside_the_stamp(tmp_path: Path) -> None:
    with bag_writer(tmp_path / 'bag') as writer:
        writer.write('/any', 'std_msgs/String', b'\x00\x01\x00\x00\x01\x00\x00\x00\x00', 7)
    with open_bag(tmp_path / 'bag') as bag:
        (message,) = bag.messages()
    assert (message.time_ns, message.msgtype) == (7, 'std_msgs/msg/String')
    assert message.data == b'\x00\x01\x00\x00\x01\x00\x00\x00\x00'


@pytest.mark.real_data
def test_kitti_bag_has_the_baseline_between_the_colour_cameras(
    tmp_path: Path, data_root: Path
) -> None:
    drive = '2011_09_26_drive_0005_sync'
    dataset = open_dataset(f'kitti_raw:{data_root / "kitti_raw"}', drives=[drive], limit=2)
    write_bag(tmp_path / 'bag', (dataset[index] for index in range(2)))
    with open_bag(tmp_path / 'bag') as bag:
        left, right = (next(bag.cameras(f'/stereo/{side}/camera_info')) for side in SIDES)
        truth = next(bag.images('/stereo/ground_truth/depth/image_rect'))
        stamps = [image.stamp_ns for image in bag.images('/stereo/left/image_rect')]
    assert left.baseline_m == 0.0
    assert right.baseline_m == pytest.approx(0.532725, abs=1e-5)
    assert left.camera.fx == right.camera.fx == pytest.approx(KITTI_CAMERA.fx)
    assert np.isnan(truth.pixels).mean() > 0.9
    assert stamps == [dataset[0].stamp_ns, dataset[1].stamp_ns]


@pytest.mark.real_data
@pytest.mark.parametrize(
    'name',
    [
        'rosbag2_2025_09_10-13_03_56_0.mcap',
        'malformed_images/test_bag_mcap',
        'malformed_images/test_bag_sqlite3',
        'malformed_images/test_bag_sqlite3/test_bag_sqlite3.db3',
    ],
)
def test_foreign_recordings_are_read_to_their_end(data_root: Path, name: str) -> None:
    with open_bag(data_root / 'bags' / name) as bag:
        count = sum(1 for _ in bag.messages())
        assert count == sum(topic.count for topic in bag.topics.values()) > 100


def test_first_image_is_the_first_that_can_be_read(tmp_path: Path) -> None:
    pixels = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    image = image_message(pixels, encoding='rgb8', stamp_ns=1, frame_id='camera')
    with bag_writer(tmp_path / 'bag') as writer:
        for time_ns in range(1, 12):
            writer.write('/late', IMAGE_TYPE, image if time_ns > 10 else b'spoilt', time_ns)
        writer.write('/soon', IMAGE_TYPE, b'spoilt', 1)
        writer.write('/soon', IMAGE_TYPE, image, 2)
    with open_bag(tmp_path / 'bag') as bag:
        np.testing.assert_array_equal(bag.first_image('/soon').pixels, pixels)
        with pytest.raises(InputError, match='bag: /late: '):
            bag.first_image('/late')
        with pytest.raises(InputError, match='bag: /none has no messages'):
            bag.first_image('/none')


@pytest.mark.real_data
def test_recorded_image_and_camera_info_are_decoded(data_root: Path) -> None:
    with open_bag(data_root / 'bags' / 'rosbag2_2025_09_10-13_03_56_0.mcap') as bag:
        (images,) = bag.of_type(IMAGE_TYPE)
        image = next(bag.images(images.name))
        assert image.pixels.shape == (480, 640, 3)
        assert image.encoding == 'rgb8'
        assert any(topic.latched for topic in bag.topics.values())


@pytest.mark.real_data
@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
def test_image_shorter_than_it_promises_is_refused(data_root: Path, storage: str) -> None:
    folder = data_root / 'bags' / 'malformed_images' / f'test_bag_{storage}'
    with open_bag(folder) as bag:
        topic = bag.of_type(IMAGE_TYPE)[0]
        with pytest.raises(InputError, match=r'data has 30 bytes, but .* 921600'):
            next(bag.images(topic.name))
