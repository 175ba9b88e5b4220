# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A world with a stereo node in it, and a teacher for the node."""

import pytest

from ros_world import World
from stereo_world import FakeTeacher, StereoWorld


@pytest.fixture
def stereo(world: World) -> StereoWorld:
    return StereoWorld(world)


@pytest.fixture
def teacher() -> FakeTeacher:
    return FakeTeacher()
