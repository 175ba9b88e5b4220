# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One measurement: a camera, a node and a receiver as processes, for some seconds."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adu_depth_core.benchmarks.process_figures import Sample, child_running, sample
from adu_depth_ros.dds_profile import large_image_environment
from adu_depth_ros.playback.child_processes import ChildProcesses
from adu_depth_ros.playback.ros_domain import reserved_domain

CAMERA, RECEIVER, NODE = 'camera', 'receiver', 'node'
SENDS = 'sends images'  # what the camera says when it does
CAMERA_MODULE = 'adu_depth_ros.benchmarks.timed_camera'
RECEIVER_MODULE = 'adu_depth_ros.benchmarks.receiver'
ECHO_MODULE = 'adu_depth_ros.benchmarks.echo_node'
TIMED_MODULE = 'adu_depth_ros.benchmarks.timed_node'
PLAIN_MODULE = 'adu_depth_ros.mono.mono_depth_node'
IMAGE, INFO = 'sensor_msgs/msg/Image', 'sensor_msgs/msg/CameraInfo'
OUTPUTS = {
    'depth/image_rect': IMAGE,
    'depth/camera_info': INFO,
    'depth_std/image_rect': IMAGE,
    'depth_std/camera_info': INFO,
}
ECHO_OUTPUTS = {'echo/image': IMAGE}
SAMPLE_PERIOD_S = 0.25
LAST_ANSWERS_S = 1.0
START_TIMEOUT_S = 120.0
NAP_S = 0.05


@dataclass(frozen=True)
class Scenario:
    """
    What is run.

    Attributes
    ----------
    module : str
        Of the node.
    rate_hz, seconds : float
        Of the camera.
    settings : mapping
        Parameters of the node.
    outputs : mapping
        What the receiver subscribes to; latency is that of the first.
    node_last : bool
        Start the node while the camera is sending: its start is timed.

    """

    module: str
    rate_hz: float
    seconds: float
    settings: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=lambda: OUTPUTS)
    node_last: bool = False


@dataclass(frozen=True)
class Session:
    """
    What the processes saw; times in nanoseconds of wall time.

    Attributes
    ----------
    sent : list of int
        Stamps of the camera's images.
    receipts : mapping
        {topic: [(stamp, time of receipt), ...]}.
    samples : mapping
        {process: [Sample, ...]}.
    node_log : mapping
        What `timed_node` wrote; empty for other nodes.
    node_started : int
        When the node was started.

    """

    sent: list[int]
    receipts: Mapping[str, list[tuple[int, int]]]
    samples: Mapping[str, list[Sample]]
    node_log: Mapping[str, Any]
    node_started: int


def run_session(scenario: Scenario, folder: Path) -> Session:
    """
    Start the processes, let the camera send, and collect what they saw.

    Raises
    ------
    InputError
        When one of them fails; its last words are in the message.

    """
    folder.mkdir(parents=True, exist_ok=True)
    logs = {name: folder / f'{name}.json' for name in (CAMERA, RECEIVER, NODE)}
    for log in logs.values():
        log.unlink(missing_ok=True)
    with (
        reserved_domain() as domain,
        ChildProcesses(folder / 'logs', _environment(domain)) as children,
    ):
        started = _start(children, scenario, logs, folder / 'logs' / f'{CAMERA}.log')
        watched = _Watched(scenario)
        _watch(children, watched, scenario)
        time.sleep(LAST_ANSWERS_S)
        children.end(RECEIVER)
        children.end(NODE)
    receipts = {
        topic: [(stamp, wall) for stamp, wall in pairs]
        for topic, pairs in _read(logs[RECEIVER]).items()
    }
    node_log = _read(logs[NODE]) if logs[NODE].exists() else {}
    return Session(_read(logs[CAMERA])['sent'], receipts, watched.samples, node_log, started)


class _Watched:
    """Samples of the processes of a session."""

    def __init__(self, scenario: Scenario) -> None:
        modules = {CAMERA: CAMERA_MODULE, RECEIVER: RECEIVER_MODULE, NODE: scenario.module}
        self._pids = {name: child_running(module) for name, module in modules.items()}
        self.samples: dict[str, list[Sample]] = {name: [] for name in modules}

    def look(self) -> None:
        for name, pid in self._pids.items():
            found = sample(pid) if pid is not None else None
            if found is not None:
                self.samples[name].append(found)


def _start(
    children: ChildProcesses, scenario: Scenario, logs: Mapping[str, Path], words: Path
) -> int:
    """Start all three; return when the node was. `words` is where the camera's go."""
    receiver = [f'{topic}={kind}' for topic, kind in scenario.outputs.items()]
    children.start(RECEIVER, [RECEIVER_MODULE, str(logs[RECEIVER]), *receiver])
    camera = [CAMERA_MODULE, str(logs[CAMERA]), '--rate', f'{scenario.rate_hz:g}']
    camera += ['--seconds', f'{scenario.seconds:g}']
    node = [scenario.module]
    if scenario.module == TIMED_MODULE:
        node.append(str(logs[NODE]))
    if scenario.settings:
        node += ['--ros-args', *_parameters(scenario.settings)]

    def start_node() -> int:
        now = time.time_ns()
        children.start(NODE, node)
        return now

    def start_camera(*more: str) -> None:
        children.start(CAMERA, [*camera, *more], ends_by_itself=True)

    if scenario.node_last:
        start_camera()
        _wait_for_camera(children, words)
        return start_node()
    started = start_node()
    start_camera('--wait')
    return started


def _wait_for_camera(children: ChildProcesses, words: Path) -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while SENDS not in words.read_text():
        children.check()
        if time.monotonic() > end:
            raise children.failure(CAMERA, 'sent no image')
        time.sleep(NAP_S)


def _watch(children: ChildProcesses, watched: _Watched, scenario: Scenario) -> None:
    """Look at the processes until the camera has ended."""
    _wait(children, watched, scenario.seconds + START_TIMEOUT_S)
    if not children.has_ended(CAMERA):
        raise children.failure(NODE, 'took no image')
    children.check()


def _wait(children: ChildProcesses, watched: _Watched, timeout_s: float) -> None:
    end = time.monotonic() + timeout_s
    while not children.has_ended(CAMERA) and time.monotonic() < end:
        children.check()
        watched.look()
        time.sleep(SAMPLE_PERIOD_S)


def _parameters(settings: Mapping[str, str]) -> list[str]:
    return [word for name, value in settings.items() for word in ('-p', f'{name}:="{value}"')]


def _environment(domain: int) -> dict[str, str]:
    return {
        **os.environ,
        'ROS_DOMAIN_ID': str(domain),
        'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
        'PYTHONUNBUFFERED': '1',
        **large_image_environment(),
    }


def _read(path: Path) -> Any:
    return json.loads(path.read_text())
