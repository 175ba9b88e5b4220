# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Nodes as a process: command line, parameter files that hold nothing for it, exit code."""

import re
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

from adu_depth_core.bounded_yaml import read_yaml
from adu_depth_core.errors import InputError, escaped
from adu_depth_ros.dds_profile import apply_large_image_profile
from adu_depth_ros.malloc_thresholds import raise_malloc_thresholds
from adu_depth_ros.nodes.core_log import core_logs_to
from adu_depth_ros.nodes.stop_signals import stop_requested
from adu_depth_ros.ros_start import refusals_said, ros

# While rclpy waits, Python sees no signal: so long it may take until one is noticed.
SIGNAL_PERIOD_S = 0.1
VALUES = 'ros__parameters'


class CannotStart(Exception):
    """Raised in a callback of a node, which has said why: the process ends with exit code 1."""


def run_node(make_node: Callable[[], Node], args: Sequence[str] | None = None) -> int:
    """Make a node and spin it until SIGINT or SIGTERM; see `run_nodes`."""
    return run_nodes(lambda: [make_node()], args)


def run_nodes(make_nodes: Callable[[], Sequence[Node]], args: Sequence[str] | None = None) -> int:
    """
    Make nodes and spin them until SIGINT or SIGTERM, as all that this process does.

    Parameters
    ----------
    make_nodes : callable
        Called once ROS is initialised.
    args : sequence of str, optional
        ROS arguments, with the name of the program first; ``sys.argv`` where not given.

    Returns
    -------
    int
        0 after a signal, 1 when what was given at the start cannot be used.

    """
    apply_large_image_profile()
    raise_malloc_thresholds()
    # rclpy's own handlers end the context under a node at work. A second signal (a terminal and
    # launch both send one) must spoil neither the cleaning up nor, what comes back after it, the
    # end of the process.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        with stop_requested() as is_over, ros(args):
            with refusals_said():
                nodes = make_nodes()
            _warn_of_unread_files(sys.argv if args is None else args, nodes)
            with core_logs_to(nodes[0].get_logger()):
                _spin(nodes, is_over)
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    except CannotStart:
        return 1
    return 0


def _warn_of_unread_files(words: Sequence[str], nodes: Sequence[Node]) -> None:
    for sentence in unread_files(words, [node.get_fully_qualified_name() for node in nodes]):
        nodes[0].get_logger().warning(escaped(sentence))


def _spin(nodes: Sequence[Node], is_over: Callable[[], bool]) -> None:
    executor = SingleThreadedExecutor()
    for node in nodes:
        executor.add_node(node)
    try:
        while not is_over():
            executor.spin_once(timeout_sec=SIGNAL_PERIOD_S)
    finally:
        executor.shutdown()
        for node in nodes:
            node.destroy_node()


def unread_files(words: Sequence[str], nodes: Sequence[str]) -> Iterator[str]:
    """
    Yield a sentence for each file among ROS arguments that has parameters for none of the nodes.

    Parameters
    ----------
    words : sequence of str
        The command line: files follow ``--params-file``.
    nodes : sequence of str
        Full names of those of this process, as /front/mono_depth_node.

    """
    for option, file in pairwise(words):
        if option != '--params-file':
            continue
        names = list(_names(read_yaml(Path(file))))
        if not any(_fits(name, node) for name in names for node in nodes):
            yield (
                f'{file} has parameters for {", ".join(names) or "no node"}, and none for '
                f'{", ".join(nodes)}; begin it with {nodes[0]}: or /**:'
            )


def _names(content: Any, above: str = '') -> Iterator[str]:
    """Yield the names of nodes in a file: keys may be nested, namespace in namespace."""
    if not isinstance(content, Mapping):
        return
    if VALUES in content:
        yield above
    for key, value in content.items():
        if key != VALUES:
            yield from _names(value, f'{above}/{str(key).strip("/")}')


def _fits(name: str, node: str) -> bool:
    """Tell whether a name with wildcards, * for one part and ** for any, means a node."""
    parts: Iterable[str] = name.strip('/').split('/')
    wild = {'*': '/[^/]+', '**': '(/[^/]+)*'}
    pattern = ''.join(wild.get(part, '/' + re.escape(part)) for part in parts)
    return re.fullmatch(pattern, node) is not None
