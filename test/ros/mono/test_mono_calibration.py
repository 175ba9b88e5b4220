# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Factors that reach the model of the node: from a file, as parameters, at any time."""

from pathlib import Path

import numpy as np
import pytest
from rclpy.parameter import Parameter
from sensor_msgs.msg import LaserScan

from adu_depth_core.inference.factors import Factors, write_factors
from adu_depth_ros.mono.shared_model import LoadedModel, SharedPredictor
from ros_world import FakePredictor, World


@pytest.fixture
def file(tmp_path: Path, predictor: FakePredictor) -> str:
    path = tmp_path / 'calibration.yaml'
    write_factors(path, Factors(1.2, 0.5), predictor.model_sha256, {})
    return str(path)


def test_factors_of_the_file_and_of_the_parameters_reach_the_model(
    world: World, predictor: FakePredictor, file: str
) -> None:
    live = world.live(predictor, calibration=file, std_scale=3.0)
    live.camera.send()
    live.audience.wait_for(1)
    assert predictor.factors == Factors(1.2, 1.5)
    (result,) = live.node.set_parameters([Parameter('depth_scale', value=0.5)])
    assert result.successful
    live.camera.send()
    live.audience.wait_for(2)
    assert predictor.factors == Factors(0.6, 1.5)


@pytest.mark.parametrize('name', ['depth_scale', 'std_scale'])
def test_factor_of_a_wrong_unit_is_refused(
    world: World, predictor: FakePredictor, name: str
) -> None:
    node = world.mono_depth(predictor)
    for value in (0.0, -1.0, 1000.0, float('nan')):
        (result,) = node.set_parameters([Parameter(name, value=value)])
        assert not result.successful


def test_file_of_another_model_keeps_the_node_unconfigured(
    world: World, predictor: FakePredictor, file: str
) -> None:
    predictor.model_sha256 = 'cd' * 32
    node = world.mono_depth(predictor, calibration=file)
    sentence = 'was made for the model abababababab, and this is cdcdcdcdcdcd'
    world.spin_until(lambda: world.said(sentence), 'it is said')
    assert world.state_of(node) == 'unconfigured'


def test_two_cameras_that_share_a_model_have_factors_of_their_own(
    predictor: FakePredictor,
) -> None:
    loaded = LoadedModel(predictor)
    seen = []
    for number in (1.0, 2.0):
        share = SharedPredictor(loaded)
        share.factors = Factors(number)
        camera = type('Camera', (), {'height': 4, 'width': 8})()
        share(np.zeros((4, 8, 3), np.uint8), camera)
        seen.append(predictor.factors)
    assert seen == [Factors(1.0), Factors(2.0)]


def test_scan_is_published_with_the_stamp_of_its_image(
    world: World, predictor: FakePredictor
) -> None:
    """The fake says that the row below the middle is 3 m away, all rows below the camera."""
    live = world.live(
        predictor, topics={'laser_scan': LaserScan}, scan_min_height=-2.0, scan_angle_increment=0.1
    )
    sent = live.camera.send()
    live.audience.wait_for(1)
    (message,) = live.audience['laser_scan']
    assert message.header.stamp == sent.header.stamp
    assert message.header.frame_id == 'camera_frame'
    # Of rows 2 and 3, which are 3 and 4 m away and below the axis (cy = 1.5), the nearer counts.
    ahead = round(-message.angle_min / message.angle_increment)
    assert message.ranges[ahead] == pytest.approx(3.0, rel=0.02)


def test_ends_of_the_scan_are_in_order(world: World, predictor: FakePredictor) -> None:
    node = world.mono_depth(predictor)
    for name, value in (('scan_min_height', 0.5), ('scan_max_range', 0.2)):
        (result,) = node.set_parameters([Parameter(name, value=value)])
        assert 'would not be below' in result.reason
