# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth play-bag`: publishes a bag in real time, for those without `ros2 bag`."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rclpy.context import Context
from rclpy.node import Node
from tqdm import tqdm

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.bags import BagMessage, header_stamp_ns, open_bag
from adu_depth_core.commands.arguments import not_negative, positive_number
from adu_depth_core.errors import InputError
from adu_depth_ros.dds_profile import apply_large_image_profile
from adu_depth_ros.malloc_thresholds import raise_malloc_thresholds
from adu_depth_ros.nodes.stop_signals import stop_requested
from adu_depth_ros.playback.bag_player import IMAGE_TYPES, BagPlayer
from adu_depth_ros.ros_start import parted, refusals_said, ros

SUMMARY = 'publish a rosbag2 over ROS 2 in real time'
DEFAULT_CLOCK_HZ = 40.0


def main(argv: Sequence[str] | None = None) -> int:
    """Play the bag that the arguments name; returns 0, also when a signal ended it early."""
    words, ros_words = parted(sys.argv[1:] if argv is None else argv)
    options = _parser().parse_args(words)
    apply_large_image_profile()
    raise_malloc_thresholds()
    with (
        stop_requested() as stop,
        open_bag(options.bag) as bag,
        _player_node([*ros_words, *_ros_remappings(options.remap)]) as node,
    ):
        player = BagPlayer(
            node, bag, topics=options.topics, clock_hz=options.clock, should_stop=stop
        )
        if not player.message_count:
            raise InputError(f'{options.bag}: there is nothing in it that can be published')
        if options.wait_for_subscribers:
            player.wait_for_subscribers(options.wait_for_subscribers)
        player.wait(options.start_delay)
        _play(player, options, stop)
    return 0


class PublishLog:
    """
    When the images of each topic were handed to DDS.

    As JSON it is `{topic: [[stamp_ns, published_ns], ...]}`: the stamp in the image's header and
    the wall time.
    """

    def __init__(self) -> None:
        self._times: dict[str, list[tuple[int, int]]] = {}

    def add(self, message: BagMessage, published_ns: int) -> None:
        """Note an image; other messages are passed over."""
        if message.msgtype in IMAGE_TYPES:
            entry = (header_stamp_ns(message.data), published_ns)
            self._times.setdefault(message.topic, []).append(entry)

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        with written_whole(path) as part:
            part.write_text(json.dumps(self._times))


def _play(player: BagPlayer, options: argparse.Namespace, stop: Callable[[], bool]) -> None:
    log = PublishLog()
    duration = options.playback_duration
    duration_ns = None if duration is None else round(duration * 1e9)
    total = player.message_count if duration is None and not options.loop else None
    with tqdm(total=total, desc='play-bag', unit='msg') as progress:

        def on_published(message: BagMessage, published_ns: int) -> None:
            log.add(message, published_ns)
            progress.update()

        play = partial(
            player.play, rate=options.rate, duration_ns=duration_ns, on_published=on_published
        )
        play()
        while options.loop and not stop():
            play()
    player.flush()
    if options.publish_log:
        log.save(options.publish_log)


@contextmanager
def _player_node(ros_arguments: list[str]) -> Iterator[Node]:
    context = Context()
    with ros(ros_arguments, context):
        with refusals_said():
            node = Node('bag_player', context=context, start_parameter_services=False)
        yield node
        node.destroy_node()


def _ros_remappings(rules: Sequence[str]) -> list[str]:
    for rule in rules:
        old, separator, new = rule.partition(':=')
        if not (old and separator and new):
            raise InputError(f'play-bag: --remap {rule}: write FROM:=TO, two topic names')
    return [word for rule in rules for word in ('--ros-args', '-r', rule, '--')]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='adu-depth play-bag', description=SUMMARY, allow_abbrev=False
    )
    parser.add_argument('bag', type=Path, help='rosbag2 folder, .mcap or .db3 file')
    parser.add_argument('--rate', type=positive_number, default=1.0, help='2 plays twice as fast')
    parser.add_argument('--loop', action='store_true', help='begin anew at the end')
    parser.add_argument(
        '--clock',
        type=positive_number,
        nargs='?',
        const=DEFAULT_CLOCK_HZ,
        metavar='HZ',
        help=f'publish bag time on /clock, {DEFAULT_CLOCK_HZ:g} times a second by default',
    )
    parser.add_argument('--remap', nargs='+', default=(), metavar='FROM:=TO', help='topic names')
    parser.add_argument('--topics', nargs='+', help='only these topics of the bag')
    parser.add_argument(
        '--start-delay', type=not_negative, default=0.0, metavar='SECONDS', help='wait first'
    )
    parser.add_argument(
        '--playback-duration',
        type=positive_number,
        metavar='SECONDS',
        help='leave out what comes later in the bag',
    )
    parser.add_argument(
        '--wait-for-subscribers',
        type=positive_number,
        metavar='SECONDS',
        help='begin when every topic has a subscriber; fail when that takes longer',
    )
    parser.add_argument(
        '--publish-log',
        type=Path,
        metavar='FILE',
        help='write JSON: for each image topic [header stamp, wall time of publishing] in ns',
    )
    return parser
