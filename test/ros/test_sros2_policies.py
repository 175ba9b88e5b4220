# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The SROS 2 policies allow what the nodes use, name for name; SROS 2 itself is not here."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from rclpy.parameter import Parameter

from adu_depth_ros.stereo.sensor_inputs import KINDS
from adu_depth_ros.stereo.stereo_teacher_node import StereoTeacherNode
from ros_world import FakePredictor, World

POLICIES = Path(__file__).parents[2] / 'config' / 'sros2'


def allowed(node: str, kind: str, way: str) -> set[str]:
    """Return names as the node has them in the root namespace."""
    profile = ElementTree.parse(POLICIES / f'{node}.xml').find('.//profile')
    assert profile is not None
    assert profile.get('node') == node
    entries = profile.findall(f"{kind}s[@{way}='ALLOW']/{kind}")
    names = [entry.text or '' for entry in entries]
    return {n.replace('~', f'/{node}') if n[0] in '~/' else f'/{n}' for n in names}


def used_by(node: Any) -> dict[tuple[str, str], set[str]]:
    """Return what a node has made in Python; what rcl makes below it is not among it."""
    return {
        ('topic', 'publish'): {publisher.topic_name for publisher in node.publishers},
        ('topic', 'subscribe'): {subscription.topic_name for subscription in node.subscriptions},
        ('service', 'reply'): {service.service_name for service in node.services},
    }


def check(node: Any, may_be_unused: set[str]) -> None:
    for (kind, way), names in used_by(node).items():
        policy = allowed(node.get_name(), kind, way)
        assert names <= policy, names - policy
        below = {'/rosout', f'/{node.get_name()}/transition_event'}
        assert policy - names <= may_be_unused | below, policy - names


@pytest.mark.parametrize('transport', ['raw', 'compressed'])
def test_policy_of_the_mono_node_is_the_least_it_needs(
    world: World, predictor: FakePredictor, transport: str
) -> None:
    node = world.mono_depth(predictor, image_transport=transport)
    world.spin_until_state(node, 'active')
    forms = {'/image_rect', '/image_rect/compressed'}
    truth = {'/truth/points', '/truth/range', '/tf_static'}
    elsewhere = {'/clock', '/parameter_events', '/mono_depth_node/get_type_description'}
    check(node, forms | truth | elsewhere)


class Teacher:
    """What the stereo node asks of a teacher before the first pair."""

    runtime_name, device_name, precision = 'fake', 'cpu', 'float32'

    def warm_up(self, width: int, height: int) -> None:
        pass


def test_policy_of_the_stereo_node_is_the_least_it_needs(world: World) -> None:
    node = StereoTeacherNode(load=lambda model, **options: Teacher(), context=world.context)
    world.add(node)
    world.spin_until_state(node, 'active')
    compressed = {f'/{side}/image_rect/compressed' for side in ('left', 'right')}
    elsewhere = {
        '/clock',
        '/rosout',
        '/parameter_events',
        '/stereo_teacher_node/get_type_description',
    }
    sensors = {f'/teacher/{role}' for role in KINDS} | {'/tf_static'}
    check(node, compressed | sensors | elsewhere)


@pytest.mark.parametrize('kind', ['disparity', 'depth'])
def test_policy_has_what_a_sensor_as_teacher_needs(world: World, kind: str) -> None:
    parameters = [Parameter('teacher', value=kind), Parameter('use_confidence', value=True)]
    node = StereoTeacherNode(context=world.context, parameter_overrides=parameters)
    world.add(node)
    world.spin_until_state(node, 'active')
    names = used_by(node)[('topic', 'subscribe')]
    assert f'/teacher/{kind}' in names
    assert names <= allowed('stereo_teacher_node', 'topic', 'subscribe')
