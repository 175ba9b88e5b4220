# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Two nodes that answer the same images are told, once it is certain."""

import pytest
from rclpy.node import Node
from sensor_msgs.msg import Image

from adu_depth_ros.nodes.namesakes import LASTING_S, Namesakes
from ros_world import World


class Look:
    """A node, and what it finds as time goes by."""

    def __init__(self, world: World) -> None:
        self.world, self.now_s = world, 1000.0
        self.node = world.add(Node('depth', namespace='/front', context=world.context))
        self.node.create_publisher(Image, 'points', 1)
        self.namesakes = Namesakes(self.node, lambda: self.now_s)

    def after(self, seconds: float) -> str:
        self.now_s += seconds
        return self.namesakes.sentence(['/front/points'])


def test_second_node_of_a_name_is_told_when_it_stays(world: World) -> None:
    look = Look(world)
    assert look.after(0) == look.after(2 * LASTING_S) == ''
    other = world.add(Node('depth', namespace='/front', context=world.context))
    assert look.after(0) == ''  # one that was killed is listed for a while, too
    assert look.after(LASTING_S).startswith('another node is called /front/depth, too: each image')
    world.remove(other)
    assert look.after(1) == ''


@pytest.mark.parametrize(('name', 'is_told'), [('/front', True), ('/rear', False)])
def test_second_publisher_of_an_output_is_told(world: World, name: str, is_told: bool) -> None:
    look = Look(world)
    other = world.add(Node('other', namespace=name, context=world.context))
    other.create_publisher(Image, 'points', 1)
    world.spin_until(lambda: look.node.count_publishers(f'{name}/points'), 'it is seen')
    look.after(0)
    assert look.after(LASTING_S).startswith('another node publishes on /front/poi') is is_told
