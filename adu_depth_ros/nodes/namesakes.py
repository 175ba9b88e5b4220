# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Finds a second node that answers the same images: of our name, or on our topics."""

import time
from collections.abc import Callable, Iterable

from rclpy.node import Node

# A node that was killed is still listed until its lease ends: 20 s by default in Fast DDS.
LASTING_S = 25.0


class Namesakes:
    """
    Looks for others in the place of a node.

    Parameters
    ----------
    node : Node
    now_s : callable
        A steady clock.

    """

    def __init__(self, node: Node, now_s: Callable[[], float] = time.monotonic) -> None:
        self._node, self._now_s = node, now_s
        self._since_s: float | None = None

    def sentence(self, outputs: Iterable[str]) -> str:
        """Return what has been wrong with name and outputs for a while; empty if nothing."""
        found = self._found(outputs)
        if not found:
            self._since_s = None
            return ''
        now_s = self._now_s()
        if self._since_s is None:
            self._since_s = now_s
        return found if now_s - self._since_s >= LASTING_S else ''

    def _found(self, outputs: Iterable[str]) -> str:
        own = self._node.get_name(), self._node.get_namespace()
        if self._node.get_node_names_and_namespaces().count(own) > 1:
            return (
                f'another node is called {self._node.get_fully_qualified_name()}, too: each image '
                'is answered twice; end one of the two, or give it a namespace of its own'
            )
        for topic in outputs:
            if self._node.count_publishers(topic) > 1:
                return (
                    f'another node publishes on {topic}, too; end it, or give one of the two '
                    'another namespace'
                )
        return ''
