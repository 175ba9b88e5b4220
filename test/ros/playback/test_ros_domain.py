# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Domains are given to one user at a time."""

import socket
from contextlib import ExitStack

import pytest

from adu_depth_core.errors import InputError
from adu_depth_ros.playback import ros_domain
from adu_depth_ros.playback.ros_domain import discovery_port, reserved_domain


def test_two_reservations_get_two_domains() -> None:
    with reserved_domain() as first, reserved_domain() as second:
        assert first != second


def test_domain_that_dds_listens_on_is_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with reserved_domain() as free:
        pass
    monkeypatch.setattr(ros_domain, 'DOMAINS', [free])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as participant:
        participant.bind(('', discovery_port(free)))
        with pytest.raises(InputError, match='in use'), reserved_domain():
            pass


def test_reservation_ends_with_its_block(monkeypatch: pytest.MonkeyPatch) -> None:
    with ExitStack() as stack:
        free = stack.enter_context(reserved_domain())
        monkeypatch.setattr(ros_domain, 'DOMAINS', [free])
        with pytest.raises(InputError, match='in use'), reserved_domain():
            pass
    with reserved_domain() as again:
        assert again == free
