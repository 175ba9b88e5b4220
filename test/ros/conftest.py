# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A domain of its own for the test process, and for each test a world in it."""

import os
from collections.abc import Iterator

import pytest

from adu_depth_ros.playback.ros_domain import reserved_domain
from ros_world import FakePredictor, World


@pytest.fixture(scope='session', autouse=True)
def ros_domain() -> Iterator[None]:
    """Keep test processes, and whatever else runs on this machine, apart."""
    with reserved_domain() as domain:
        os.environ['ROS_DOMAIN_ID'] = str(domain)
        yield


@pytest.fixture
def world() -> Iterator[World]:
    opened = World()
    yield opened
    opened.close()


@pytest.fixture
def predictor() -> FakePredictor:
    return FakePredictor()
