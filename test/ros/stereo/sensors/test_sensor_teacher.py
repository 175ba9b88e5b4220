# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node with another sensor as its teacher, over DDS: what it does, records and refuses."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from geometry_msgs.msg import TransformStamped
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image, PointCloud2, PointField
from std_msgs.msg import Header
from stereo_msgs.msg import DisparityImage

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.recording import Recording
from adu_depth_ros.nodes.static_transforms import StaticTransforms, latched, message_type
from sensor_robot import Robot, SensorNode, Started, picture
from stereo_world import StereoWorld, left_info

CAMERA = Camera(8, 4, fx=10.0, fy=10.0, cx=3.5, cy=1.5)
FRAME = 'left_optical_frame'
ALL = {'record_every': 1, 'record_min_change': 0.0}
HAS_TF = importlib.util.find_spec('tf2_msgs') is not None


def image(pixels: Any, encoding: str) -> Image:
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    message = Image(width=width, height=height, encoding=encoding, step=pixels.strides[0])
    message.data.frombytes(pixels.tobytes())
    return message


def disparity(pixels: Any, **fields: Any) -> DisparityImage:
    """Return disparity of f 10 px and T 0.5 m, of which 1 px and less is unknown."""
    values = {'f': 10.0, 't': 0.5, 'min_disparity': 1.0, **fields}
    return DisparityImage(image=image(np.asarray(pixels, np.float32), '32FC1'), **values)


def cloud(points: Any) -> PointCloud2:
    points = np.asarray(points, np.float32)
    fields = [
        PointField(name=name, offset=4 * at, datatype=PointField.FLOAT32, count=1)
        for at, name in enumerate('xyz')
    ]
    message = PointCloud2(height=1, width=len(points), fields=fields, point_step=12)
    message.row_step = 12 * len(points)
    message.data.frombytes(points.tobytes())
    return message


def depth(metres: float = 3.0, width: int = 8) -> Image:
    """Return millimetres of one distance; what is in the first row is unknown."""
    pixels = np.full((4, width), round(1000 * metres), np.uint16)
    pixels[0] = 0
    return image(pixels, '16UC1')


def pixels_of(message: Image) -> Any:
    return np.frombuffer(message.data, np.float32).reshape(message.height, message.width)


def dealt_with(stereo: StereoWorld, node: Any, count: int) -> None:
    stereo.spin_until(
        lambda: node.frames_out + node.frames_unwanted + node.dropped >= count, 'dealt with'
    )


def test_disparity_of_another_system_is_published_as_depth(
    stereo: StereoWorld, started: Started
) -> None:
    node, robot = started('disparity', disparity_std=0.5)
    audience = stereo.audience(node, 'depth/image_rect', 'depth_std/image_rect')
    pixels = np.full((4, 8), 2.0)
    pixels[0], pixels[1] = 1.0, 5.0
    sent = robot.send(node, teacher__disparity=disparity(pixels))
    audience.wait_for(1)
    (found,), (std,) = audience['depth/image_rect'], audience['depth_std/image_rect']
    assert (found.header, std.header) == (sent.header, sent.header)
    # f T = 5 px m; 2.5 m and 2.5^2 0.5 / 5, 1 m and 0.5 / 5.
    assert np.isnan(pixels_of(found)[0]).all()
    np.testing.assert_allclose(pixels_of(found)[1:, 0], [1.0, 2.5, 2.5])
    np.testing.assert_allclose(pixels_of(std)[1:, 0], [0.1, 0.625, 0.625])


def test_disparity_is_recorded_with_the_right_image_where_that_comes(
    stereo: StereoWorld, started: Started, tmp_path: Path
) -> None:
    node, robot = started('disparity', right=True, record_folder=str(tmp_path / 'r'), **ALL)
    assert stereo.call(node, 'start_recording').success
    said = np.full((4, 8), 2.0)
    robot.send(node, right__image_rect=picture(100), teacher__disparity=disparity(said))
    dealt_with(stereo, node, 1)
    robot.send(node, teacher__disparity=disparity(said))
    dealt_with(stereo, node, 2)
    assert stereo.call(node, 'stop_recording').success
    found = Recording(tmp_path / 'r')
    assert found[0].rig == StereoRig(CAMERA, CAMERA, 0.5)
    expected = np.asarray(picture(100).data, np.uint8).reshape(4, 8, 3)
    np.testing.assert_array_equal(found[0].right, expected)
    assert (found[1].right, found[1].rig, found[1].camera) == (None, None, CAMERA)
    for index in (0, 1):
        assert (found[index].teacher_depth_m == 2.5).all()
        assert found[index].depth_m is None


def test_a_recording_of_nothing_says_why(
    stereo: StereoWorld, started: Started, tmp_path: Path
) -> None:
    node, robot = started('depth', record_folder=str(tmp_path / 'r'), **ALL)
    assert stereo.call(node, 'start_recording').success
    answer = stereo.call(node, 'stop_recording')
    assert not answer.success
    assert answer.message.startswith(f'recorded 0 samples in {tmp_path}/r: no image on ')
    assert 'no depth on ' in answer.message
    assert stereo.call(node, 'start_recording').success
    robot.send(node, teacher__depth=depth(3.0, width=4))
    stereo.spin_until(lambda: stereo.said(node, 'its image has'), 'the depth is refused')
    answer = stereo.call(node, 'stop_recording')
    assert not answer.success
    assert 'its image has 8x4' in answer.message


def test_depth_is_recorded_with_stamp_camera_and_error(
    stereo: StereoWorld, started: Started, tmp_path: Path
) -> None:
    node, robot = started('depth', relative_std=0.1, record_folder=str(tmp_path / 'r'), **ALL)
    assert stereo.call(node, 'start_recording').success
    sent = robot.send(node, teacher__depth=depth(3.0))
    dealt_with(stereo, node, 1)
    assert stereo.call(node, 'stop_recording').message == f'recorded 1 samples in {tmp_path}/r'
    sample = Recording(tmp_path / 'r')[0]
    stamp = sent.header.stamp
    assert (sample.stamp_ns, sample.camera) == (stamp.sec * 10**9 + stamp.nanosec, CAMERA)
    assert np.isnan(sample.teacher_depth_m[0]).all()
    assert (sample.teacher_depth_m[1:] == 3.0).all()
    np.testing.assert_allclose(sample.teacher_scale[1:], 0.1 / 2**0.5, atol=1e-5)


def test_factors_act_on_what_is_published_and_recorded(
    stereo: StereoWorld, started: Started, tmp_path: Path
) -> None:
    changes = {'depth_scale': 2.0, 'relative_std': 0.1, 'record_folder': str(tmp_path / 'r')}
    node, robot = started('depth', **changes, **ALL)
    audience = stereo.audience(node, 'depth/image_rect', 'depth_std/image_rect')
    assert stereo.call(node, 'start_recording').success
    robot.send(node, teacher__depth=depth(3.0))
    audience.wait_for(1)
    assert node.set_parameters([Parameter('std_scale', value=3.0)])[0].successful
    robot.send(node, teacher__depth=depth(3.0))
    audience.wait_for(2)
    dealt_with(stereo, node, 2)
    assert stereo.call(node, 'stop_recording').success
    found = [pixels_of(message)[1, 0] for message in audience['depth/image_rect']]
    std = [pixels_of(message)[1, 0] for message in audience['depth_std/image_rect']]
    np.testing.assert_allclose(found, [6.0, 6.0])
    np.testing.assert_allclose(std, [0.6, 1.8], rtol=1e-6)
    recorded = Recording(tmp_path / 'r')
    assert [sample.teacher_depth_m[1, 0] for sample in recorded] == [6.0, 6.0]


def test_calibration_of_a_model_is_refused_beside_another_sensor(
    stereo: StereoWorld, sensor_node: SensorNode
) -> None:
    node = sensor_node(teacher='depth', calibration='calibration.yaml')
    stereo.spin_until(
        lambda: stereo.said(node, 'the teacher is the depth of another sensor'), 'it is said'
    )
    assert stereo.world.state_of(node) == 'unconfigured'


def test_confidence_completes_depth(stereo: StereoWorld, started: Started) -> None:
    scale = {'confidence_best': 255.0, 'confidence_worst': 0.0, 'relative_std': 0.1}
    node, robot = started('depth', use_confidence=True, **scale)
    audience = stereo.audience(node, 'depth/image_rect', 'depth_std/image_rect')
    sure = np.full((4, 8), 255, np.uint8)
    sure[:, 4:], sure[:, 6:] = 51, 0
    robot.send(node, teacher__depth=depth(2.0), teacher__confidence=image(sure, 'mono8'))
    audience.wait_for(1)
    found = pixels_of(audience['depth/image_rect'][0])[1]
    std = pixels_of(audience['depth_std/image_rect'][0])[1]
    # A fifth of the confidence is five times the error, as far as max_relative_std allows.
    np.testing.assert_allclose(found, [2.0] * 6 + [np.nan] * 2)
    np.testing.assert_allclose(std, [0.2] * 4 + [1.0] * 2 + [np.nan] * 2, rtol=1e-6)


def test_raw_picture_is_rectified_together_with_its_raw_depth(
    stereo: StereoWorld, started: Started, tmp_path: Path
) -> None:
    node, robot = started('depth', rectify='always', record_folder=str(tmp_path / 'r'), **ALL)
    # The raw camera looks a pixel further left: what it has in a column is in the next one then.
    info = left_info(k=[10.0, 0.0, 2.5, 0.0, 10.0, 1.5, 0.0, 0.0, 1.0])
    robot.publishers['left/camera_info'].publish(info)
    inputs = node._stereo
    stereo.spin_until(lambda: inputs.cameras.infos['left'].k[2] == 2.5, 'camera_info arrives')
    audience = stereo.audience(node, 'depth/image_rect')
    assert stereo.call(node, 'start_recording').success
    columns = np.tile(np.arange(2000, 2800, 100, np.uint16), (4, 1))
    sent = robot.send(node, teacher__depth=image(columns, '16UC1'))
    audience.wait_for(1)
    dealt_with(stereo, node, 1)
    assert stereo.call(node, 'stop_recording').success
    expected = [np.nan, 2.0, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6]
    np.testing.assert_allclose(pixels_of(audience['depth/image_rect'][0])[2], expected, rtol=1e-6)
    sample = Recording(tmp_path / 'r')[0]
    raw = np.frombuffer(sent.data, np.uint8).reshape(4, 8, 3)
    np.testing.assert_array_equal(sample.left[:, 1:], raw[:, :-1])
    assert sample.camera == CAMERA


def test_points_are_recorded_as_truth(
    stereo: StereoWorld, started: Started, extrinsics: str, tmp_path: Path
) -> None:
    node, robot = started(
        'points', extrinsics=extrinsics, record_folder=str(tmp_path / 'r'), points_std=0.2, **ALL
    )
    audience = stereo.audience(node, 'depth_std/image_rect')
    assert stereo.call(node, 'start_recording').success
    # y left, z up: at 5 m a pixel is 0.5 m wide; (3.5, 1.5) is straight ahead.
    message = cloud([[5, 0.25, 0.25], [9, 0.45, 0.45], [5, -1.75, -0.75], [-5, 0, 0]])
    message.header.frame_id = 'laser'
    robot.send(node, teacher__points=message)
    audience.wait_for(1)
    dealt_with(stereo, node, 1)
    assert stereo.call(node, 'stop_recording').success
    expected = np.full((4, 8), np.nan, np.float32)
    expected[1, 3] = expected[3, 7] = 5.0
    sample = Recording(tmp_path / 'r')[0]
    np.testing.assert_array_equal(sample.depth_m, expected)
    assert sample.teacher_depth_m is None
    std = pixels_of(audience['depth_std/image_rect'][0])
    np.testing.assert_allclose(std, np.where(np.isnan(expected), np.nan, np.float32(0.2)))


def test_stamps_that_are_near_belong_together_by_pairing_slop(
    stereo: StereoWorld, started: Started
) -> None:
    node, robot = started('depth', pairing_slop=0.02)
    stereo.audience(node, 'depth/image_rect')
    robot.send(node, teacher__depth=depth(), delay_ns=15_000_000)
    dealt_with(stereo, node, 1)
    assert node.frames_out == 1
    robot.send(node, teacher__depth=depth(), delay_ns=25_000_000)
    assert node.pairs_in == 1


def test_nothing_is_computed_while_nobody_wants_it(stereo: StereoWorld, started: Started) -> None:
    node, robot = started('depth')
    robot.send(node, teacher__depth=depth())
    dealt_with(stereo, node, 1)
    assert (node.frames_out, node.frames_unwanted) == (0, 1)


@pytest.mark.parametrize(
    ('kind', 'name', 'bad', 'good', 'sentence'),
    [
        (
            'depth',
            'teacher__depth',
            lambda: image(np.zeros((4, 8, 3), np.uint8), 'rgb8'),
            depth,
            '/teacher/depth: encoding "rgb8" is no depth',
        ),
        (
            'depth',
            'teacher__depth',
            lambda: image(np.ones((4, 9), np.float32), '32FC1'),
            depth,
            '/teacher/depth: 9x4, its image has 8x4',
        ),
        (
            'disparity',
            'teacher__disparity',
            lambda: disparity(np.full((4, 8), 2.0), f=0.0),
            lambda: disparity(np.full((4, 8), 2.0)),
            '/teacher/disparity: f is 0',
        ),
    ],
)
def test_message_that_cannot_be_used_is_said_once_and_survived(
    stereo: StereoWorld,
    started: Started,
    kind: str,
    name: str,
    bad: Callable[[], Any],
    good: Callable[[], Any],
    sentence: str,
) -> None:
    node, robot = started(kind)
    audience = stereo.audience(node, 'depth/image_rect')
    for count in (1, 2):
        robot.send(node, **{name: bad()})
        stereo.spin_until(lambda count=count: node.dropped == count, 'it is dropped')
    assert len(stereo.said(node, sentence)) == 1
    robot.send(node, **{name: good()})
    audience.wait_for(1)


def test_scan_that_knows_no_pixel_ends_no_recording(
    stereo: StereoWorld, started: Started, extrinsics: str, tmp_path: Path
) -> None:
    node, robot = started(
        'points', extrinsics=extrinsics, record_folder=str(tmp_path / 'r'), **ALL
    )
    assert stereo.call(node, 'start_recording').success
    for points in ([[-5, 0, 0]], [[5, 0.25, 0.25]]):
        message = cloud(points)
        message.header.frame_id = 'laser'
        count = node.frames_out + node.dropped
        robot.send(node, teacher__points=message)
        dealt_with(stereo, node, count + 1)
    assert len(stereo.said(node, 'no pixel of the image is known by the points')) == 1
    assert stereo.call(node, 'stop_recording').message == f'recorded 1 samples in {tmp_path}/r'


def test_what_never_comes_is_said_once_with_its_topic(
    stereo: StereoWorld, sensor_node: SensorNode
) -> None:
    node = sensor_node(teacher='depth', patience_s=0.1)
    sentence = 'no depth on /teacher/depth yet; publishers: 0'
    logs = stereo.world.logs
    stereo.spin_until(lambda: any(log.msg == sentence for log in logs), sentence)
    for what in ('image on /left/image_rect', 'camera_info on /left/camera_info'):
        assert len(stereo.said(node, f'no {what} yet; publishers: 0')) == 1


def test_stamps_that_never_meet_are_said_with_the_slop(
    stereo: StereoWorld, started: Started
) -> None:
    node, robot = started('depth')
    robot.send(node, teacher__depth=depth(), delay_ns=10**7)
    node._say_what_is_missing()
    sentence = 'nothing of /teacher/depth belongs to an image of /left/image_rect'
    assert len(stereo.said(node, sentence)) == 1


def test_diagnostics_name_the_teacher(stereo: StereoWorld, started: Started) -> None:
    stereo.listen_to_diagnostics()
    started('depth')
    status = stereo.status(lambda s: s.message == 'no pairs come', 'the node is up')
    found = {item.key: item.value for item in status.values}
    assert (found['teacher'], found['runtime'], found['device']) == ('depth', 'sensor', 'none')


@pytest.mark.parametrize(
    ('parameters', 'sentence'),
    [
        ({'teacher': 'points', 'extrinsics': '/no/file.yaml'}, '/no/file.yaml'),
        (
            {
                'teacher': 'depth',
                'use_confidence': True,
                'confidence_best': 5.0,
                'confidence_worst': 5.0,
            },
            'confidence from 5 to 5 is no scale',
        ),
    ],
)
def test_description_that_cannot_be_leaves_the_node_unconfigured(
    stereo: StereoWorld, parameters: dict[str, Any], sentence: str, sensor_node: SensorNode
) -> None:
    node = sensor_node(**parameters)
    logs = stereo.world.logs
    stereo.spin_until(lambda: any('cannot configure' in log.msg for log in logs), 'it is said')
    assert len(stereo.said(node, sentence)) == 1
    assert stereo.world.state_of(node) == 'unconfigured'


def test_teacher_changes_while_the_node_is_unconfigured_alone(
    stereo: StereoWorld, started: Started
) -> None:
    node, _ = started('depth')
    assert not node.set_parameters([Parameter('teacher', value='points')])[0].successful
    node.trigger_deactivate()
    node.trigger_cleanup()
    assert node.set_parameters([Parameter('teacher', value='disparity')])[0].successful
    assert not node.set_parameters([Parameter('teacher', value='lidar')])[0].successful
    node.trigger_configure()
    node.trigger_activate()
    assert '/teacher/disparity' in node._stereo.topics


def stamped(parent: str, child: str, *translation: float) -> TransformStamped:
    message = TransformStamped(header=Header(frame_id=parent), child_frame_id=child)
    move = message.transform.translation
    move.x, move.y, move.z = translation
    return message


def test_transforms_are_gathered_and_the_last_counts() -> None:
    frames = StaticTransforms()
    with pytest.raises(InputError, match='/tf_static: does not connect laser to camera'):
        frames.matrix('camera', 'laser')
    frames.put(SimpleNamespace(transforms=[stamped('base', 'camera', 1.0, 0.0, 0.0)]))
    frames.put(
        SimpleNamespace(
            transforms=[
                stamped('base', 'laser', 0.0, 0.0, 5.0),
                stamped('base', 'laser', 0.0, 0.0, 2.0),
            ]
        )
    )
    assert frames.matrix('camera', 'laser')[:3, 3].tolist() == [-1.0, 0.0, 2.0]


def test_transform_that_is_none_is_told_where_it_is_missed() -> None:
    frames = StaticTransforms()
    bad = stamped('base', 'laser', 0.0, 0.0, 0.0)
    bad.transform.rotation.w = 0.0
    frames.put(SimpleNamespace(transforms=[bad]))
    with pytest.raises(InputError, match=r'left out: base to laser \(the quaternion'):
        frames.matrix('camera', 'laser')


@pytest.mark.skipif(HAS_TF, reason='tf2_msgs is installed')
def test_without_tf2_msgs_points_need_a_file(stereo: StereoWorld, sensor_node: SensorNode) -> None:
    node = sensor_node(teacher='points')
    logs = stereo.world.logs
    stereo.spin_until(lambda: any('cannot configure' in log.msg for log in logs), 'it is said')
    assert len(stereo.said(node, 'extrinsics: is empty, and without tf2_msgs')) == 1


@pytest.mark.skipif(not HAS_TF, reason='tf2_msgs is not installed')
def test_points_find_their_place_in_tf_static(
    stereo: StereoWorld, sensor_node: SensorNode
) -> None:
    message = message_type('')(transforms=[stamped(FRAME, 'laser', 0.0, 0.0, 1.0)])
    publisher = stereo.world.tester.create_publisher(message_type(''), '/tf_static', latched())
    publisher.publish(message)
    node = sensor_node(teacher='points')
    stereo.world.spin_until_state(node, 'active')
    robot = Robot(stereo, {'teacher/points': PointCloud2}, {'left': left_info()})
    robot.meet(node)
    audience = stereo.audience(node, 'depth/image_rect')
    points = cloud([[-0.25, -0.25, 4.0]])
    points.header.frame_id = 'laser'
    robot.send(node, teacher__points=points)
    audience.wait_for(1)
    assert pixels_of(audience['depth/image_rect'][0])[1, 3] == 5.0


def test_cycles_leave_nothing_behind(
    stereo: StereoWorld, extrinsics: str, sensor_node: SensorNode
) -> None:
    node = sensor_node(teacher='points', extrinsics=extrinsics, autostart=False)

    def held() -> tuple[int, ...]:
        entities = (node.subscriptions, node.publishers, node.timers, node._managed_entities)
        return tuple(len(list(kind)) for kind in entities)

    before = held()
    for _ in range(5):
        for transition in ('configure', 'activate', 'deactivate', 'cleanup'):
            assert getattr(node, f'trigger_{transition}')().name == 'SUCCESS'
    assert held() == before
