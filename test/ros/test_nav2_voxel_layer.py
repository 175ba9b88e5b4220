# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The parameter file for Nav2 agrees with what the node publishes."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from sensor_msgs.msg import LaserScan, PointCloud2

from adu_depth_core.inference.model_info import ModelInfo
from adu_depth_ros.mono.mono_parameters import MONO_DEPTH
from adu_depth_ros.nodes.parameters import Settable
from ros_world import FakePredictor, World

FILE = Path(__file__).parents[2] / 'config' / 'nav2_voxel_layer.yaml'


@pytest.fixture
def content() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return loaded


@pytest.fixture
def ours(content: dict[str, Any]) -> dict[str, Any]:
    return dict(content['/**/mono_depth_node']['ros__parameters'])


@pytest.fixture
def layer(content: dict[str, Any]) -> dict[str, Any]:
    costmap = content['local_costmap']['local_costmap']['ros__parameters']
    assert 'voxel_layer' in costmap['plugins']
    return dict(costmap['voxel_layer'])


@pytest.fixture
def source(layer: dict[str, Any]) -> dict[str, Any]:
    return dict(layer[layer['observation_sources']])


def test_layer_listens_to_the_points_of_the_node(
    world: World, predictor: FakePredictor, source: dict[str, Any]
) -> None:
    node = world.mono_depth(predictor)
    world.spin_until_state(node, 'active')
    published = {p.topic_name: p.msg_type for p in node._outputs._publishers}
    assert source['data_type'] == 'PointCloud2'
    assert published[source['topic']] is PointCloud2


def test_frame_is_that_of_the_message(source: dict[str, Any]) -> None:
    assert source['sensor_frame'] == ''


def test_node_takes_these_parameters_at_any_time(
    world: World, predictor: FakePredictor, ours: dict[str, Any]
) -> None:
    settings = {setting.name: setting for setting in MONO_DEPTH}
    assert all(settings[name].settable is Settable.ALWAYS for name in ours)
    node = world.mono_depth(predictor, cli_args=['--ros-args', '--params-file', str(FILE)])
    for name, value in ours.items():
        assert node.get_parameter(name).value == value


def test_ranges_of_layer_and_node_fit_together(
    source: dict[str, Any], ours: dict[str, Any]
) -> None:
    model = ModelInfo(preset='tiny', canonical_focal=1.0)
    farthest = source['raytrace_max_range']
    assert model.min_depth <= source['obstacle_min_range'] < source['obstacle_max_range']
    assert source['obstacle_max_range'] <= farthest <= ours['points_max_range'] <= model.max_depth
    assert source['marking']
    assert source['clearing']


def test_column_of_voxels_reaches_from_the_floor_to_the_highest_obstacle(
    layer: dict[str, Any], source: dict[str, Any]
) -> None:
    top = layer['origin_z'] + layer['z_resolution'] * layer['z_voxels']
    assert layer['z_voxels'] <= 16  # all that a column of the layer has
    assert layer['mark_threshold'] < layer['z_voxels']
    assert 0 < source['min_obstacle_height'] < source['max_obstacle_height']
    assert source['max_obstacle_height'] <= layer['max_obstacle_height'] <= top


def test_page_explains_what_is_set_for_the_node(ours: dict[str, Any]) -> None:
    page = (Path(__file__).parents[2] / 'docs' / 'nav2.md').read_text()
    for name in ('points_max_std', 'points_max_relative_std', 'points_max_range', 'points_stride'):
        assert name in page
        assert name in ours


SCAN_FILE = FILE.with_name('nav2_obstacle_layer.yaml')


@pytest.fixture
def scan_content() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(SCAN_FILE.read_text())
    return loaded


@pytest.fixture
def scan_source(scan_content: dict[str, Any]) -> dict[str, Any]:
    costmap = scan_content['local_costmap']['local_costmap']['ros__parameters']
    layer = costmap['obstacle_layer']
    assert 'obstacle_layer' in costmap['plugins']
    return dict(layer[layer['observation_sources']])


def test_clearing_and_marking_have_the_same_limits_of_std(ours: dict[str, Any]) -> None:
    assert 0 < ours['points_max_std'] < 1
    assert 0 < ours['points_max_relative_std'] < 0.5


def test_layer_of_scans_listens_to_the_scan_of_the_node(
    world: World,
    predictor: FakePredictor,
    scan_content: dict[str, Any],
    scan_source: dict[str, Any],
) -> None:
    given = scan_content['/**/mono_depth_node']['ros__parameters']
    node = world.mono_depth(predictor, cli_args=['--ros-args', '--params-file', str(SCAN_FILE)])
    world.spin_until_state(node, 'active')
    published = {p.topic_name: p.msg_type for p in node._outputs._publishers}
    assert scan_source['data_type'] == 'LaserScan'
    assert published[scan_source['topic']] is LaserScan
    settings = {setting.name: setting for setting in MONO_DEPTH}
    for name, value in given.items():
        assert settings[name].settable is Settable.ALWAYS
        assert node.get_parameter(name).value == value


def test_free_bearings_are_cleared_and_never_marked(
    scan_content: dict[str, Any], scan_source: dict[str, Any]
) -> None:
    """Nav2 makes +inf a point 0.1 mm before range_max, which must be too far for an obstacle."""
    given = scan_content['/**/mono_depth_node']['ros__parameters']
    assert scan_source['inf_is_valid']
    assert scan_source['obstacle_max_range'] < given['scan_max_range'] - 0.001
    assert scan_source['raytrace_max_range'] <= given['scan_max_range']
    assert given['scan_max_height'] <= 0
