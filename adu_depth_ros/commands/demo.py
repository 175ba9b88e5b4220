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
import json
import os
import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.commands.arguments import positive
from adu_depth_core.data.bags import open_bag, write_bag
from adu_depth_core.data.bags.camera_topics import find_camera_topics
from adu_depth_core.evaluation.bounds import Bound, bounds, verdict
from adu_depth_core.evaluation.playback_pictures import scales
from adu_depth_core.evaluation.playback_report import report_html
from adu_depth_core.evaluation.playback_score import (
    PlaybackScore,
    pictures_of_frames,
    score_playback,
)
from adu_depth_core.inference.predictor import RUNTIMES, Predictor
from adu_depth_ros.live_playback import Playback, Recording, play_through_node
from adu_depth_ros.stop_signals import terminated_as_interrupted

SUMMARY = 'play a drive through the ROS 2 node and report accuracy, latency and drops'

# What the figures in the report are, for who meets them first.
MEANING = {
    'abs_rel': 'mean of |error| / truth',
    'sq_rel': 'mean of error² / truth, in m',
    'rmse': 'root of the mean squared error, in m',
    'rmse_log': 'the same of log-depth',
    'd1': 'share of pixels within a factor 1.25 of the truth',
    'd2': 'within 1.25²',
    'd3': 'within 1.25³',
    'silog': 'spread of the error of log-depth, times 100',
    'density': 'share of the pixels with truth that are predicted',
    'coverage_error': 'mean gap between promised and true coverage of the intervals',
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demonstration; 0 when every promise was kept, 1 when one was not."""
    words = list(sys.argv[1:] if argv is None else argv)
    options = _parser().parse_args(words)
    with terminated_as_interrupted():
        return _run(options, shlex.join(['adu-depth', 'demo', *words]))


def _run(options: argparse.Namespace, command: str) -> int:
    ran_on = _what_runs(options.model, options.runtime)
    recording = _recording(options)
    playback = play_through_node(
        recording, options.output, model=options.model, runtime=options.runtime
    )
    score = score_playback(
        playback.published,
        playback.topics,
        recording.path,
        recording.topics.truth,
        playback.sent_ns,
    )
    if recording.topics.truth and not score.means:
        print(f'nothing published has the stamp of an image on {recording.topics.truth}')
    judged = bounds(
        score.figures,
        is_drive_of_ours=options.bag is None,
        has_truth=options.bag is None or bool(score.means),
    )
    about = {**ran_on, 'bag': str(recording.path), 'machine': machine(), 'command': command}
    _write(options.output, recording, playback, score, judged, about)
    return _say(options.output, score, judged)


def result(
    score: PlaybackScore, judged: Sequence[Bound], about: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what result.json holds; a figure that cannot be had is null."""
    figures = score.figures
    latency_ms = {'p50': figures.latency_p50_ms, 'p95': figures.latency_p95_ms}
    return {
        'frames_in': figures.frames_in,
        'frames_out': figures.frames_out,
        'dropped': figures.dropped,
        'incomplete': figures.incomplete,
        'abs_rel': figures.abs_rel,
        'coverage_error': figures.coverage_error,
        'density': figures.density,
        'latency_ms': latency_ms,
        **about,
        'missed': [bound.what for bound in judged if not bound.kept],
    }


def machine() -> str:
    """Describe this machine: processor, cores that we may use, system."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path('/proc/cpuinfo')
    if cpuinfo.exists():
        models = [
            line.partition(':')[2].strip()
            for line in cpuinfo.read_text().splitlines()
            if line.startswith('model name')
        ]
        name = next(iter(models), name)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()
    return f'{name}, {cores} cores, {platform.system()}, Python {platform.python_version()}'


def _what_runs(model: str, runtime: str) -> dict[str, str]:
    """Load the model as the node will: a bad one is told before anything is rendered."""
    predictor = Predictor.load(model, runtime=runtime)
    return {
        'model': model,
        'model_sha256': predictor.model_sha256,
        'runtime': predictor.runtime_name,
        'device': predictor.device_name,
    }


def _recording(options: argparse.Namespace) -> Recording:
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
    return Recording.first_frames(path, topics, options.frames)


def _synthetic_drive(folder: Path, seed: int, frames: int) -> Path:
    """Render a drive, left camera and true depth, unless it is there from an earlier run."""
    path = folder / f'synthetic_seed{seed}_frames{frames}'
    if not path.exists():
        from adu_depth_core.data.synthetic import SyntheticDrive  # rendering takes torch

        drive = SyntheticDrive(seed, frames, right=False)
        samples = (drive[index] for index in range(len(drive)))
        progress = tqdm(samples, total=len(drive), desc='rendering', unit='frame')
        write_bag(path, progress)
    return path


def _write(
    output: Path,
    recording: Recording,
    playback: Playback,
    score: PlaybackScore,
    judged: Sequence[Bound],
    about: Mapping[str, Any],
) -> None:
    with written_whole(output / 'result.json') as part:
        part.write_text(json.dumps(result(score, judged, about), indent=2) + '\n')
    frames = pictures_of_frames(
        score.shown, playback.published, playback.topics, recording.path, recording.topics
    )
    title = f'{Path(about["model"]).stem} on {recording.path.name}, live over ROS 2'
    page = report_html(title, judged, _table(score, about), frames, scales())
    with written_whole(output / 'report.html') as part:
        part.write_text(page, encoding='utf-8')


def _table(score: PlaybackScore, about: Mapping[str, Any]) -> dict[str, str]:
    figures = score.figures
    latency = (figures.latency_p50_ms, figures.latency_p95_ms)
    p50, p95 = ('unknown' if value is None else f'{value:.1f} ms' for value in latency)
    rows = {
        'frames in / out / dropped': f'{figures.frames_in} / {figures.frames_out} / '
        f'{figures.dropped}',
        'latency, image published to depth received': f'p50 {p50}, p95 {p95}',
    }
    values = {**score.means, 'coverage_error': figures.coverage_error}
    rows |= {
        f'{name}: {MEANING[name]}': f'{value:.4g}'
        for name, value in values.items()
        if value is not None
    }
    return rows | {name.replace('_', ' '): str(value) for name, value in about.items()}


def _say(output: Path, score: PlaybackScore, judged: Sequence[Bound]) -> int:
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
    parser = argparse.ArgumentParser(prog='adu-depth demo', description=SUMMARY)
    parser.add_argument('--bag', type=Path, help='a recording of yours instead of a drive of ours')
    parser.add_argument('--output', type=Path, default=Path('out/demo'), help='folder for results')
    parser.add_argument('--frames', type=positive, default=100, help='play so many at most')
    parser.add_argument('--seed', type=int, default=7, help='of the synthetic drive')
    parser.add_argument('--model', default='tiny', help='shipped name or file (default: tiny)')
    parser.add_argument('--runtime', default='auto', choices=RUNTIMES)
    parser.add_argument('--image-topic', help='in the bag; found when there is one')
    parser.add_argument('--camera-info-topic', help='in the bag; default: beside the image')
    parser.add_argument('--truth-topic', help="true depth in the bag, or 'none'")
    return parser
