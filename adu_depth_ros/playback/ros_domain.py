# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A ROS domain of one's own, so that a demo and a robot on the same machine do not mix."""

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from adu_depth_core.errors import InputError

# Domains up to 101 keep the ports of DDS below those that Linux gives out by itself.
DOMAINS = range(1, 102)
# Ports by which ROS's own test tools reserve domains; we keep to the same custom.
FIRST_RESERVATION_PORT = 22119


def discovery_port(domain: int) -> int:
    """Return the UDP port on which the first DDS participant of a domain listens (RTPS 9.6.1)."""
    return 7400 + 250 * domain + 10


@contextmanager
def reserved_domain() -> Iterator[int]:
    """
    Give the number of a domain that nothing on this machine uses, and keep it for the block.

    Raises InputError when there is none left.
    """
    for domain in random.sample(DOMAINS, len(DOMAINS)):
        if not _can_bind(socket.SOCK_DGRAM, discovery_port(domain)):
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as reservation:
            try:
                reservation.bind(('127.0.0.1', FIRST_RESERVATION_PORT + domain))
            except OSError:
                continue
            yield domain
            return
    raise InputError('every ROS domain from 1 to 101 is in use on this machine; end some nodes')


def _can_bind(kind: socket.SocketKind, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(('', port))
        except OSError:
            return False
    return True
