# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A KITTI drive as a bag, played to the node: it sees the baseline between its cameras."""

from functools import partial
from pathlib import Path

import pytest
from sensor_msgs.msg import CameraInfo, Image

from adu_depth_core.bags import open_bag
from adu_depth_core.commands import make_bag
from adu_depth_ros.playback.bag_player import BagPlayer
from stereo_world import FakeTeacher, StereoWorld


@pytest.mark.real_data
def test_baseline_of_a_kitti_bag_arrives_at_the_node(
    stereo: StereoWorld, teacher: FakeTeacher, data_root: Path, tmp_path: Path
) -> None:
    words = ['--data', f'kitti_raw:{data_root}/kitti_raw', '--drives', '0005[0-3]']
    assert make_bag.main([*words, '--output', str(tmp_path / 'bag')]) == 0
    node = stereo.node(teacher, name_space='stereo')
    stereo.world.spin_until_state(node, 'active')
    stereo.audience(node, 'depth/image_rect', name_space='/stereo')
    with open_bag(tmp_path / 'bag') as bag:
        topics = {topic for topic in bag.topics if 'left' in topic or 'right' in topic}
        player = BagPlayer(stereo.world.tester, bag, topics=topics)
        stereo.spin_until(
            lambda: all(p.get_subscription_count() for p in player.publishers.values()),
            'the node subscribes to the bag',
        )
        play = partial(player.play, on_published=lambda message, time_ns: None)
        stereo.world.spin_during(play, 'the bag is played')
    stereo.spin_until(lambda: teacher.rigs, 'the teacher is asked')
    assert teacher.rigs[0].baseline_m == pytest.approx(0.5327, abs=5e-5)
    assert {publisher.msg_type for publisher in player.publishers.values()} == {Image, CameraInfo}
