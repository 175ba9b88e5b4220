# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
`adu-depth evaluate-bag`: replay a recording through a model and report on it.

Every frame is predicted, none dropped; with `--realtime` the recording is played at its own pace
through the ROS 2 node instead, and latency and drops are those of the node.
"""

import argparse
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path

from adu_depth_core.atomic_files import require_writable
from adu_depth_core.bags import STORAGES, open_bag
from adu_depth_core.bags.camera_topics import CameraTopics
from adu_depth_core.bags.reader import Bag
from adu_depth_core.bags.topics import absolute_namespace
from adu_depth_core.commands import INTERRUPTED
from adu_depth_core.commands.arguments import (
    add_calibration,
    add_device,
    add_model,
    add_precision,
    positive,
    predictor_settings,
    rectifying_of,
)
from adu_depth_core.commands.truth_arguments import (
    add_camera_and_truth,
    bag_frames,
    camera_topics,
    truth_sensors,
)
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.bags.bag_evaluation import BagScore, evaluate_bag, predictions_of
from adu_depth_core.evaluation.bags.bag_frames import BagFrames
from adu_depth_core.evaluation.bags.depth_bag import DepthBag, DepthTopics, depth_bag
from adu_depth_core.evaluation.bags.playback import PlayedBag, Player, answers_of
from adu_depth_core.evaluation.bags.truth_sensors import TruthSensor
from adu_depth_core.evaluation.document import (
    Document,
    about_model,
    document,
    figures_of,
    summary,
    to_json,
    write_report,
    write_result,
)
from adu_depth_core.evaluation.protocols import PROTOCOLS, Protocol, find_protocol
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.messages.types import POINT_CLOUD_TYPE

SUMMARY = 'replay a recording through a model: accuracy, calibration, latency, one report'
# Who can play a recording through a node: the core names no package of ROS.
PLAYERS = 'adu_depth.players'
RESULT = 'result.json'


def main(argv: Sequence[str] | None = None) -> int:
    """Evaluate; 0 when any frame was, 130 after Ctrl-C."""
    words = list(sys.argv[1:] if argv is None else argv)
    options = _parser().parse_args(words)
    protocol = find_protocol(options.protocol)
    _refuse_what_does_not_go_together(options, protocol)
    require_writable(options.output / RESULT)
    with open_bag(options.bag) as bag:
        topics = camera_topics(options, bag)
        sensors = truth_sensors(options, bag, topics)
        _say(f'{options.bag}: {topics.image} with {topics.camera_info}; {_truth(bag, sensors)}')
        settings = predictor_settings(options)
        predictor = Predictor.load(**settings)
        title = f'{Path(options.model).stem} on {options.bag.name}'
        command = shlex.join(['adu-depth', 'evaluate-bag', *words])
        content = document(title, str(options.bag), command, about_model(options.model, predictor))
        with _output(options, bag) as output:
            frames = bag_frames(
                options,
                bag,
                topics,
                sensors,
                on_message=output.copy if output else None,
                rectifying=rectifying_of(options),
            )
            if options.realtime:
                of_node = {**settings, 'rectify': options.rectify}
                of_node |= {'rectified_fov': options.rectified_fov}
                score = _in_real_time(options, topics, frames, of_node, protocol, content)
            else:
                score = _frame_by_frame(frames, predictor, protocol, output, content)
            warnings = [*bag.warnings, *score.notices, *(output.warnings if output else ())]
            content |= {'unusable': dict(score.unusable), 'warnings': warnings}
            _tell_what_was_wrong(content)
            _refuse_if_silent(options, sensors, score, content)
        _write(options, content, score)
    return INTERRUPTED if score.evaluated.interrupted else 0


def _frame_by_frame(
    frames: BagFrames,
    predictor: Predictor,
    protocol: Protocol,
    output: DepthBag | None,
    content: Document,
) -> BagScore:
    judged = predictor.without_limits() if protocol.clamps_unknown else predictor
    add = output.add if output else None
    score = evaluate_bag(frames, predictions_of(judged), protocol, on_answer=add)
    content |= figures_of(score.evaluated, 'forward pass')
    content['frames_in'] = len(frames)
    return score


def _in_real_time(
    options: argparse.Namespace,
    topics: CameraTopics,
    frames: BagFrames,
    settings: Mapping[str, str | float],
    protocol: Protocol,
    content: Document,
) -> BagScore:
    recording = PlayedBag.first_frames(options.bag, topics, options.frames)
    playback = _player()(recording, options.output, settings)
    score = evaluate_bag(frames, lambda: answers_of(playback), protocol)
    content |= figures_of(score.evaluated, 'image published to depth received')
    content['frames_in'] = len(playback.sent_ns)
    content['frames_out'] = playback.frames_out
    content['dropped'] = content['frames_in'] - playback.frames_out
    return score


def _player() -> Player:
    found = next(iter(entry_points(group=PLAYERS)), None)
    if found is None:
        raise InputError('--realtime: no package is installed that can play a recording to a node')
    player: Player = found.load()
    return player


def _truth(bag: Bag, sensors: Sequence[TruthSensor]) -> str:
    if sensors:
        return 'truth: ' + ', '.join(sensor.name for sensor in sensors)
    clouds = ', '.join(topic.name for topic in bag.of_type(POINT_CLOUD_TYPE))
    hint = f'; use those of {clouds} with --scan-topic' if clouds else ''
    return f'no true depth, so no accuracy{hint}'


@contextmanager
def _output(options: argparse.Namespace, bag: Bag) -> Iterator[DepthBag | None]:
    if options.output_bag is None:
        yield None
        return
    names = DepthTopics.in_namespace(absolute_namespace(options.output_namespace))
    path, storage = options.output_bag, options.storage
    with depth_bag(path, bag, names, storage=storage, overwrite=options.force) as output:
        yield output


def _refuse_what_does_not_go_together(options: argparse.Namespace, protocol: Protocol) -> None:
    if options.realtime and protocol.clamps_unknown:
        raise InputError(
            f'--realtime judges what the node publishes, and {protocol.name} counts pixels of '
            'which it publishes nothing; use --protocol dense'
        )
    if options.realtime and options.output_bag:
        raise InputError('--output-bag: with --realtime, OUTPUT/published is what came out')
    if options.extrinsics and not options.scan_topic:
        raise InputError('--extrinsics: say which scans with --scan-topic')


def _refuse_if_silent(
    options: argparse.Namespace,
    sensors: Sequence[TruthSensor],
    score: BagScore,
    content: Document,
) -> None:
    if not score.evaluated.timeline:
        frames = content['frames_in']
        raise InputError(f'{options.bag}: none of {frames} images could be evaluated')
    scores = score.evaluated.scores
    silent = [sensor.name for sensor in sensors if not scores[sensor.name].images]
    if silent:
        reasons = '; '.join(score.unusable) or (
            'no message is of the time of an image; a sensor that counts from its own start must '
            'be stamped with the clock of the camera'
        )
        sentence = f'{", ".join(silent)}: gave no true depth for any image ({reasons})'
        if len(silent) == len(sensors):
            raise InputError(f'{sentence}; without truth: --truth-topic none')
        _warn([sentence])


def _tell_what_was_wrong(content: Document) -> None:
    _warn(content['warnings'])
    counts = sorted(content['unusable'].items(), key=lambda item: -item[1])
    _warn(f'{count} times: {what}' for what, count in counts)


def _write(options: argparse.Namespace, content: Document, score: BagScore) -> None:
    write_result(options.output / RESULT, content)
    write_report(options.output / 'report.html', content, score.shown)
    print(to_json(content) if options.json else summary(content))
    _say(f'report: {options.output / "report.html"}, figures: {options.output / RESULT}')


def _say(sentence: str) -> None:
    """Tell a person; stdout is for what a machine may read."""
    print(sentence, file=sys.stderr)


def _warn(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        _say(f'warning: {sentence}')


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='adu-depth evaluate-bag', description=SUMMARY, allow_abbrev=False
    )
    parser.add_argument('bag', type=Path, help='rosbag2 folder or file, or a ROS 1 .bag')
    add_model(parser)
    parser.add_argument('--output', type=Path, default=Path('out/evaluate-bag'), help='folder')
    parser.add_argument('--json', action='store_true', help='print the result as JSON')
    parser.add_argument('--protocol', default='dense', help=f'one of {", ".join(PROTOCOLS)}')
    parser.add_argument('--frames', type=positive, help='only the first so many')
    parser.add_argument('--realtime', action='store_true', help='play it through the ROS 2 node')
    add_device(parser)
    add_precision(parser)
    add_calibration(parser)
    add_camera_and_truth(parser)
    _add_output_bag(parser)
    return parser


def _add_output_bag(parser: argparse.ArgumentParser) -> None:
    output = parser.add_argument_group('output bag')
    output.add_argument('--output-bag', type=Path, help='copy of the recording with depth in it')
    output.add_argument('--output-namespace', default='/adu_depth', help='of its depth topics')
    output.add_argument('--storage', choices=STORAGES, default='mcap')
    output.add_argument('--force', action='store_true', help='replace an output bag')
