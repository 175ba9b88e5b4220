# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
`adu-depth demo`: the whole way, from a drive in a bag to a report on what the node published.

1. A synthetic drive is rendered to a bag, or the user's bag is taken.
2. It is played in real time over DDS through the lifecycle node, whose answers are recorded.
3. Depth and standard deviation are scored, latency and drops counted.
4. result.json and report.html are written; a promise that was not kept makes the command fail.
"""

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from adu_depth_core.atomic_files import require_writable
from adu_depth_core.bags import open_bag, write_bag
from adu_depth_core.bags.camera_topics import find_camera_topics
from adu_depth_core.commands.arguments import add_model, positive
from adu_depth_core.evaluation.bags.bag_evaluation import BagScore, evaluate_bag
from adu_depth_core.evaluation.bags.bag_frames import BagFrames
from adu_depth_core.evaluation.bags.bounds import (
    Bound,
    Figures,
    bounds,
    figures_of_playback,
    verdict,
)
from adu_depth_core.evaluation.bags.playback import Playback, PlayedBag, answers_of
from adu_depth_core.evaluation.bags.truth_sensors import DepthTopic
from adu_depth_core.evaluation.document import (
    about_model,
    document,
    figures_of,
    write_report,
    write_result,
)
from adu_depth_core.evaluation.protocols import find_protocol
from adu_depth_core.inference.predictor import Predictor
from adu_depth_ros.nodes.stop_signals import terminated_as_interrupted
from adu_depth_ros.playback.live_playback import play_through_node

RESULT = 'result.json'
SUMMARY = 'play a drive through the ROS 2 node and report accuracy, latency and drops'


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demonstration; 0 when every promise was kept, 1 when one was not."""
    words = list(sys.argv[1:] if argv is None else argv)
    options = _parser().parse_args(words)
    with terminated_as_interrupted():
        return _run(options, shlex.join(['adu-depth', 'demo', *words]))


def _run(options: argparse.Namespace, command: str) -> int:
    require_writable(options.output / RESULT)
    # The model is loaded as the node will: a bad one is told before anything is rendered.
    predictor = Predictor.load(options.model, runtime=options.runtime)
    recording = _recording(options)
    title = f'{Path(options.model).stem} on {recording.path.name}, live over ROS 2'
    about = about_model(options.model, predictor)
    content = document(title, str(recording.path), command, about)
    settings = {'model': options.model, 'runtime': options.runtime}
    playback = play_through_node(recording, options.output, settings)
    score = _score(recording, playback)
    figures = figures_of_playback(score.evaluated, playback)
    has_truth = any(scores.images for scores in score.evaluated.scores.values())
    if recording.topics.truth and not has_truth:
        print(f'nothing published has the stamp of an image on {recording.topics.truth}')
    judged = bounds(
        figures,
        is_drive_of_ours=options.bag is None,
        has_truth=options.bag is None or has_truth,
    )
    content |= figures_of(score.evaluated, 'image published to depth received')
    content |= flat(figures) | {'unusable': dict(score.unusable)}
    content['warnings'] = score.notices
    content['promises'] = [asdict(bound) for bound in judged]
    content['missed'] = [bound.what for bound in judged if not bound.kept]
    write_result(options.output / RESULT, content)
    write_report(options.output / 'report.html', content, score.shown)
    return _say(options.output, judged)


def flat(figures: Figures) -> dict[str, Any]:
    """Return the figures as result.json has them at its top; what cannot be had is None."""
    content = asdict(figures) | {'dropped': figures.dropped}
    p50, p95 = content.pop('latency_p50_ms'), content.pop('latency_p95_ms')
    return content | {'latency_ms': {'p50': p50, 'p95': p95}}


def _score(recording: PlayedBag, playback: Playback) -> BagScore:
    topics = recording.topics
    sensors = [DepthTopic(topics.truth)] if topics.truth else []
    with open_bag(recording.path) as bag:
        score = evaluate_bag(
            BagFrames(bag, topics.image, topics.camera_info, sensors, limit=recording.frames),
            lambda: answers_of(playback),
            find_protocol('dense'),
        )
        for warning in bag.warnings:
            print(f'warning: {warning}')
    return score


def _recording(options: argparse.Namespace) -> PlayedBag:
    path = options.bag or _synthetic_drive(options.output, options.seed, options.frames)
    with open_bag(path) as bag:
        topics = find_camera_topics(
            bag,
            image=options.image_topic,
            camera_info=options.camera_info_topic,
            truth=options.truth_topic,
        )
    truth = f'true depth on {topics.truth}' if topics.truth else 'without true depth'
    print(f'{path}: {topics.image} with {topics.camera_info}, {truth}')
    return PlayedBag.first_frames(path, topics, options.frames)


def _synthetic_drive(folder: Path, seed: int, frames: int) -> Path:
    """Render a drive, left camera and true depth, unless it is there from an earlier run."""
    path = folder / f'synthetic_seed{seed}_frames{frames}'
    if not path.exists():
        from adu_depth_core.synthetic import SyntheticDrive  # rendering takes torch

        drive = SyntheticDrive(seed, frames, right=False)
        samples = (drive[index] for index in range(len(drive)))
        progress = tqdm(samples, total=len(drive), desc='rendering', unit='frame')
        write_bag(path, progress)
    return path


def _say(output: Path, judged: Sequence[Bound]) -> int:
    for bound in judged:
        print(
            f'{"ok    " if bound.kept else "MISSED"} {bound.what}: {bound.value} ({bound.limit})'
        )
    print(f'report: {output / "report.html"}, figures: {output / "result.json"}')
    missed = verdict(judged)
    if missed:
        print(f'demo: {missed}', file=sys.stderr)
    return 1 if missed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='adu-depth demo', description=SUMMARY, allow_abbrev=False
    )
    parser.add_argument('--bag', type=Path, help='a recording of yours instead of a drive of ours')
    parser.add_argument('--output', type=Path, default=Path('out/demo'), help='folder for results')
    parser.add_argument('--frames', type=positive, default=100, help='play so many at most')
    parser.add_argument('--seed', type=int, default=7, help='of the synthetic drive')
    add_model(parser)
    parser.add_argument('--image-topic', help='in the bag; found when there is one')
    parser.add_argument('--camera-info-topic', help='in the bag; default: beside the image')
    parser.add_argument('--truth-topic', help="true depth in the bag, or 'none'")
    return parser
