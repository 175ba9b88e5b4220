# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Plays a recording through the depth node over DDS; player, node and recorder are processes."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lifecycle_msgs.msg import Transition
from tqdm import tqdm

from adu_depth_core.bags.topics import base_topic
from adu_depth_core.evaluation.bags.depth_bag import DepthTopics
from adu_depth_core.evaluation.bags.playback import Playback, PlayedBag
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, IMAGE_TYPE
from adu_depth_ros.dds_profile import large_image_environment
from adu_depth_ros.playback.child_processes import ChildProcesses
from adu_depth_ros.playback.node_supervisor import NodeSupervisor, supervising
from adu_depth_ros.playback.ros_domain import reserved_domain

NAMESPACE = '/demo'
NODE, PLAYER, RECORDER = 'depth node', 'player', 'recorder'
START_TIMEOUT_S = 60.0
CONFIGURE_TIMEOUT_S = 180.0  # a first start may build an engine for the GPU
QUIET_S = 2.0


def play_through_node(
    recording: PlayedBag, output: Path, settings: Mapping[str, str | float]
) -> Playback:
    """
    Play a recording in real time through the lifecycle node and record its answers.

    Parameters
    ----------
    recording : PlayedBag
        What to play.
    output : Path
        Folder for the bag `published`, and for logs.
    settings : mapping
        Parameters of the node, as `model` and `runtime`.

    Raises
    ------
    InputError
        When one of the processes fails; its last words are in the message.

    """
    topics = DepthTopics.in_namespace(NAMESPACE)
    log, logs = output / 'publish_log.json', output / 'logs'
    log.unlink(missing_ok=True)
    with (
        reserved_domain() as domain,
        _environment_of(domain) as environment,
        ChildProcesses(logs, environment) as children,
    ):
        sentence = (
            f'ROS domain {domain}, on this machine only; what the processes say is in {logs}'
        )
        print(sentence, file=sys.stderr)  # stdout is for results
        children.start(NODE, _node_words(recording, settings))
        children.start(RECORDER, _recorder_words(output / 'published', topics))
        children.start(PLAYER, _player_words(recording, log), ends_by_itself=True)
        target = f'{NAMESPACE}/mono_depth_node'
        with supervising(
            target, topics.depth_info, domain=domain, check=children.check
        ) as supervisor:
            _bring_up(supervisor, children, topics)
            _watch(supervisor, children, recording.frames)
        children.end(RECORDER)
        children.end(NODE)
    sent_ns = _sent(log, recording.topics.image)
    return Playback.read(output / 'published', topics, sent_ns)


@contextmanager
def _environment_of(domain: int) -> Iterator[Mapping[str, str]]:
    """Set, for us and the processes we start, what keeps a run apart from other ROS nodes."""
    ours = {
        'ROS_DOMAIN_ID': str(domain),
        'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
        'PYTHONUNBUFFERED': '1',
        **large_image_environment(),
    }
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield dict(os.environ)
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _node_words(recording: PlayedBag, settings: Mapping[str, str | float]) -> list[str]:
    topics = recording.topics
    if recording.is_compressed:
        settings = {**settings, 'image_transport': 'compressed'}
    if recording.image_size is not None:
        settings = {**settings, 'camera_size': '{}x{}'.format(*recording.image_size)}
    return [
        *('adu_depth_ros.mono.mono_depth_node', '--ros-args', '-r', f'__ns:={NAMESPACE}'),
        *(
            '-r',
            f'image_rect:={base_topic(topics.image)}',
            '-r',
            f'camera_info:={topics.camera_info}',
        ),
        # We bring it up ourselves, and so learn at once when it cannot.
        *('-p', 'autostart:=false'),
        *(word for item in settings.items() for word in ('-p', _assigned(*item))),
    ]


def _assigned(name: str, value: str | float) -> str:
    """Return a parameter as an argument; text stays text, whatever YAML thinks."""
    return f'{name}:="{value}"' if isinstance(value, str) else f'{name}:={value}'


def _recorder_words(output: Path, topics: DepthTopics) -> list[str]:
    images = [f'{name}={IMAGE_TYPE}' for name in (topics.depth, topics.std)]
    infos = [f'{name}={CAMERA_INFO_TYPE}' for name in (topics.depth_info, topics.std_info)]
    return ['adu_depth_ros.playback.topic_recorder', str(output), *images, *infos, '--force']


def _player_words(recording: PlayedBag, log: Path) -> list[str]:
    topics = recording.topics
    words = [
        *('adu_depth_core', 'play-bag', str(recording.path)),
        *('--topics', topics.camera_info, topics.image),
        # It waits for the node, which subscribes when we activate it.
        *('--wait-for-subscribers', f'{CONFIGURE_TIMEOUT_S + START_TIMEOUT_S:g}'),
        *('--publish-log', str(log)),
    ]
    if recording.duration_ns is not None:
        words += ['--playback-duration', f'{recording.duration_ns / 1e9:.9f}']
    return words


def _bring_up(supervisor: NodeSupervisor, children: ChildProcesses, topics: DepthTopics) -> None:
    if not supervisor.change_state(Transition.TRANSITION_CONFIGURE, CONFIGURE_TIMEOUT_S):
        raise children.failure(NODE, 'did not configure')
    if not supervisor.wait_for_subscribers(topics.all(), START_TIMEOUT_S):
        raise children.failure(RECORDER, 'did not subscribe')
    if not supervisor.change_state(Transition.TRANSITION_ACTIVATE, START_TIMEOUT_S):
        raise children.failure(NODE, 'did not activate')


def _watch(supervisor: NodeSupervisor, children: ChildProcesses, frames: int) -> None:
    """Show progress until the player has ended and the last answers have come."""
    with tqdm(total=frames, desc='playing', unit='frame') as progress:

        def player_has_ended() -> bool:
            arrived = min(supervisor.count, frames) - progress.n
            if arrived:  # each call would write a line where the output is no terminal
                progress.update(arrived)
            return children.has_ended(PLAYER)

        supervisor.wait_until(player_has_ended, float('inf'))
        children.check()
        supervisor.wait_until_quiet(lambda: supervisor.count >= frames, QUIET_S)
        player_has_ended()


def _sent(log: Path, image_topic: str) -> dict[int, int]:
    times = json.loads(log.read_text())
    sent_ns: dict[int, int] = {}
    for stamp, wall in times.get(image_topic, []):
        sent_ns.setdefault(int(stamp), int(wall))
    return sent_ns
