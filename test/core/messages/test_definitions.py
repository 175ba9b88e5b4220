# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Types of the same name are told apart by their fields, and not copied where these differ."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from rosbags.rosbag1 import Writer as Ros1Writer
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from adu_depth_core.bags import Bag, open_bag
from adu_depth_core.camera import Camera
from adu_depth_core.evaluation.bags.bag_frames import BagFrame
from adu_depth_core.evaluation.bags.depth_bag import DepthTopics, depth_bag
from adu_depth_core.evaluation.bags.playback import complete_stamps
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.messages.cdr import deserialised
from adu_depth_core.messages.definitions import SEPARATOR, has_known_fields

MARKER, POINT = 'visualization_msgs/msg/Marker', 'geometry_msgs/msg/Point'
COUNT = 400
TOPICS = DepthTopics.in_namespace('/out')
OLD = get_typestore(Stores.ROS1_NOETIC)


@pytest.mark.parametrize(
    ('msgtype', 'definition', 'same'),
    [
        (POINT, 'float64 x\nfloat64 y\nfloat64 z', True),
        (POINT, 'float64 a # names and comments may differ\nfloat64 b\nfloat64 c', True),
        (POINT, 'float64 x\nfloat64 y', False),
        (POINT, 'float64 x\nfloat64 y\nfloat32 z', False),
        (POINT, 'float64[3] x', False),
        (POINT, '', True),
        (POINT, '{ no definition }', True),
        ('std_msgs/msg/Header', 'uint32 seq\ntime stamp\nstring frame_id', True),
        ('std_msgs/msg/Byte', 'uint8 data', True),
        ('std_msgs/msg/Empty', '\n', True),
    ],
)
def test_fields_are_compared_by_type_and_order(msgtype: str, definition: str, same: bool) -> None:
    assert has_known_fields(msgtype, definition) is same


def test_what_changed_between_ros_1_and_2_is_found_and_nothing_else() -> None:
    changed = {
        msgtype
        for msgtype in ('sensor_msgs/msg/Image', 'sensor_msgs/msg/CameraInfo', MARKER)
        if not has_known_fields(msgtype, OLD.generate_msgdef(msgtype, ros_version=1)[0])
    }
    assert changed == {MARKER}


def test_idl_is_compared_too() -> None:
    text = (
        f'{SEPARATOR}'
        'IDL: geometry_msgs/msg/Point\n'
        'module geometry_msgs { module msg { struct Point { double x; double y; %s }; }; };'
    )
    assert has_known_fields(POINT, text % 'double z;')
    assert not has_known_fields(POINT, text % 'float z;')


def write_ros1(path: Path) -> Path:
    point = OLD.types[POINT](x=1.0, y=2.0, z=3.0)
    types = {name.rpartition('/')[2]: kind for name, kind in OLD.types.items()}
    pose = types['Pose'](position=point, orientation=types['Quaternion'](0.0, 0.0, 0.0, 1.0))
    marker = types['Marker'](
        header=types['Header'](0, OLD.types['builtin_interfaces/msg/Time'](0, 0), 'map'),
        ns='',
        id=0,
        type=0,
        action=0,
        pose=pose,
        scale=types['Vector3'](1.0, 1.0, 1.0),
        color=types['ColorRGBA'](1.0, 1.0, 1.0, 1.0),
        lifetime=OLD.types['builtin_interfaces/msg/Duration'](0, 0),
        frame_locked=False,
        points=[],
        colors=[],
        text='',
        mesh_resource='',
        mesh_use_embedded_materials=False,
    )
    with Ros1Writer(path) as writer:
        for topic, msgtype, message in (('/point', POINT, point), ('/marker', MARKER, marker)):
            connection = writer.add_connection(topic, msgtype, typestore=OLD)
            data = OLD.serialize_ros1(message, msgtype)
            for time_ns in range(COUNT):
                writer.write(connection, time_ns, data)
    return path


def write_ros2(path: Path, storage: StoragePlugin) -> Path:
    definitions = {'/point': 'float64 x\nfloat64 y\nfloat64 z', '/marker': 'float64 x'}
    with Writer(path, version=8, storage_plugin=storage) as writer:
        for topic, msgtype in (('/point', POINT), ('/marker', MARKER)):
            connection = writer.add_connection(
                topic, msgtype, msgdef=definitions[topic], rihs01='RIHS01_0'
            )
            values = np.arange(3 if topic == '/point' else 1, dtype=np.float64)
            data = b'\x00\x01\x00\x00' + values.tobytes()
            for time_ns in range(COUNT):
                writer.write(connection, time_ns, data)
    (file,) = (file for file in path.iterdir() if file.name != 'metadata.yaml')
    return file


def copied(bag: Bag, output: Path) -> Sequence[str]:
    """Copy a recording with one frame of depth, and return the warnings."""
    camera = Camera(1, 1, 1.0, 1.0, 0.0, 0.0)
    one = np.ones((1, 1), np.float32)
    with depth_bag(output, bag, TOPICS, storage='mcap', overwrite=False) as depth:
        for message in bag.messages():
            depth.copy(message)
        image = np.zeros((1, 1, 3), np.uint8)
        depth.add(BagFrame(1, 1, 'camera', image, camera, {}), Prediction(one, one))
        return depth.warnings


@pytest.mark.parametrize('kept', [1, 0.9])
@pytest.mark.parametrize('kind', ['ros1', *StoragePlugin])
def test_copy_holds_nothing_that_cannot_be_read(
    tmp_path: Path, kind: str | StoragePlugin, kept: float
) -> None:
    if isinstance(kind, StoragePlugin):
        path = write_ros2(tmp_path / 'drive', kind)
    else:
        path = write_ros1(tmp_path / 'drive.bag')
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with open_bag(path) as bag:
        assert set(bag.topics) == {'/point', '/marker'}
        (warning,) = copied(bag, tmp_path / 'copy')
    assert warning.startswith(f'/marker: not copied, the recording has {MARKER} with other fields')
    with open_bag(tmp_path / 'copy') as bag:
        assert set(bag.topics) == {'/point', *TOPICS.all()}
        for message in bag.messages():
            deserialised(message.data, message.msgtype)
        assert len(list(complete_stamps(bag, TOPICS.all()))) == 1
