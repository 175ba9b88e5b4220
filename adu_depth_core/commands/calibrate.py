# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
`adu-depth calibrate`: fit one factor on depth and one on its deviation to the truth of a robot.

Says what it changes, with confidence intervals over independent parts of the drives, and writes a
small file that nodes and commands take.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from adu_depth_core.atomic_files import require_writable
from adu_depth_core.bags import open_bag
from adu_depth_core.commands.arguments import (
    add_data,
    add_device,
    add_model,
    add_precision,
    not_negative,
    positive,
    predictor_settings,
    refuse_given,
)
from adu_depth_core.commands.camera_arguments import add_camera_arguments, seeing
from adu_depth_core.commands.truth_arguments import (
    OF_BAGS,
    add_camera_and_truth,
    bag_frames,
    camera_topics,
    truth_sensors,
)
from adu_depth_core.datasets.sources import KINDS, open_dataset
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.calibrating.fit import (
    LEAST_PARTS,
    conformal_level,
    fitted_scale_alone,
)
from adu_depth_core.evaluation.calibrating.judgement import (
    Estimate,
    Judgement,
    judged,
)
from adu_depth_core.evaluation.calibrating.points_file import frames_of_points, read_points_file
from adu_depth_core.evaluation.calibrating.residuals import Residuals, collected
from adu_depth_core.evaluation.calibrating.truth_frames import (
    TruthFrame,
    frames_of_bag,
    frames_of_samples,
)
from adu_depth_core.inference.factors import Factors, write_factors
from adu_depth_core.inference.predictor import Prediction, Predictor

SUMMARY = "fit scale and deviation to a robot's own truth, and write them for nodes"
# With fewer, no order statistics hold the median at 95 %: 2 * 0.5^6 = 0.03.
LEAST_POINTS = 6

Judge = Callable[..., Judgement]
INTERVAL = 'the 90 % interval of a pixel is depth * exp(+-1.628 * std / depth)'


def main(argv: Sequence[str] | None = None) -> int:
    """Calibrate, and return 0."""
    options = _parsed(argv)
    require_writable(options.output)
    with _opened_frames(options) as frames:
        predictor = Predictor.load(**predictor_settings(options))
        residuals = collected(
            tqdm(frames, desc='calibrate', unit='frame'),
            partial(_predicted, predictor),
            max_depth=predictor.max_depth,
            apart_s=options.apart,
        )
    found = f'{residuals.frames} frames with truth, {residuals.parts} of them independent'
    print(f'{options.data}: {found}, {len(residuals.error)} pixels')
    judge = partial(
        judged, max_depth=predictor.max_depth, max_relative_std=predictor.max_relative_std
    )
    if options.data.startswith('points:') and residuals.parts < LEAST_PARTS:
        factors, fitted = _scale_of_points(options, residuals, judge)
    else:
        factors, fitted = _both(options, residuals, judge)
    fitted = {
        'data': options.data,
        'model': options.model,
        'frames': residuals.frames,
        'independent_frames': residuals.parts,
        'pixels': len(residuals.error),
        **fitted,
    }
    write_factors(options.output, factors, predictor.model_sha256, fitted)
    print(f'written to {options.output}, for --calibration and for the parameter calibration')
    return 0


def _parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = _parser()
    options = parser.parse_args(argv)
    kind = options.data.partition(':')[0]
    if kind != 'points':
        refuse_given(options, parser, ('fx', 'camera_info'), 'is of points alone')
    if kind != 'bag':
        refuse_given(options, parser, OF_BAGS, f'is of bags, and {options.data} is none')
    if kind in ('points', 'bag'):
        refuse_given(options, parser, ('drives',), f'is of data sets, and {options.data} is none')
    return options


def _predicted(predictor: Predictor, frame: TruthFrame) -> Prediction:
    return predictor(frame.given, frame.camera)


def _both(
    options: argparse.Namespace, residuals: Residuals, judge: Judge
) -> tuple[Factors, dict[str, Any]]:
    if residuals.parts < LEAST_PARTS:
        raise InputError(
            f'{options.data}: {residuals.frames} frames with truth are {residuals.parts} '
            f'independent ones (those of a drive {options.apart:g} s apart), and a 90 % interval '
            f'needs {LEAST_PARTS}; record longer, in more places'
        )
    found = judge(residuals)
    print(_table(found, 'parts'))
    scale, std = (_told(one, '{:.3f}') for one in (found.depth_scale, found.std_scale))
    print(f'depth_scale {scale}, std_scale {std}; 95 %, bootstrap over independent frames')
    level = conformal_level(residuals.parts)
    print(
        f'{INTERVAL}; to hold in a place not seen, {residuals.parts} independent frames ask for '
        f'{100 * level:.1f} % of those seen'
    )
    return found.factors, {
        'depth_scale_95': _ends(found.depth_scale),
        'std_scale_95': _ends(found.std_scale),
        'before': _numbers(found.before),
        'after_on_parts_left_out': _numbers(found.after),
    }


def _scale_of_points(
    options: argparse.Namespace, residuals: Residuals, judge: Judge
) -> tuple[Factors, dict[str, Any]]:
    """Fit the scale alone, of points in a few pictures: each point counts as one."""
    points = len(residuals.error)
    if points < LEAST_POINTS:
        raise InputError(
            f'{options.data}: {points} points with known depth, and the median needs '
            f'{LEAST_POINTS}; measure more'
        )
    found = judge(residuals.each_apart(), fit=fitted_scale_alone)
    print(_table(found, 'points'))
    print(f'depth_scale {_told(found.depth_scale, "{:.3f}")}, 95 %, bootstrap over points')
    print(
        f'std_scale stays 1: {residuals.parts} pictures say nothing of other places, '
        f'{LEAST_PARTS} would'
    )
    return found.factors, {
        'depth_scale_95': _ends(found.depth_scale),
        'before': _numbers(found.before),
        'after_on_points_left_out': _numbers(found.after),
    }


@contextmanager
def _opened_frames(options: argparse.Namespace) -> Iterator[Iterable[TruthFrame]]:
    kind, _, place = options.data.partition(':')
    if kind == 'points':
        pictures = read_points_file(Path(place))
        if options.fx is None and options.camera_info is None:
            raise InputError(
                'points: give --camera-info, the calibration of the pictures, or --fx, their '
                'focal length in px'
            )
        yield frames_of_points(pictures, seeing(options.camera_info, options.fx))
    elif kind == 'bag':
        with open_bag(place) as bag:
            topics = camera_topics(options, bag)
            sensors = truth_sensors(options, bag, topics)
            if not sensors:
                raise InputError(
                    f'{place}: no true depth; name it with --truth-topic, --scan-topic or '
                    '--teacher'
                )
            frames = bag_frames(options, bag, topics, sensors)
            yield frames_of_bag(frames, options.every)
            for sentence in (*frames.notices, *frames.unusable):
                print(f'warning: {sentence}', file=sys.stderr)
    else:
        dataset = open_dataset(options.data, drives=options.drives, limit=options.frames)
        yield frames_of_samples(dataset, options.every)


def _table(found: Judgement, parts: str) -> str:
    rows = [
        ('depth against truth, median', 'bias', '{:+.1%}'),
        ('mean relative error', 'abs_rel', '{:.3f}'),
        ('truth inside the 90 % interval', 'coverage', '{:.1%}'),
    ]
    lines = [f'{"":32}{"before":30}after, on {parts} left out of the fit']
    for title, name, form in rows:
        before, after = (_told(side[name], form) for side in (found.before, found.after))
        lines.append(f'{title:32}{before:30}{after}')
    return '\n'.join(lines)


def _told(estimate: Estimate, form: str) -> str:
    value, low, high = map(form.format, astuple(estimate))
    return f'{value} ({low} to {high})'


def _numbers(figures: Mapping[str, Estimate]) -> dict[str, list[float]]:
    return {name: [round(x, 5) for x in astuple(one)] for name, one in figures.items()}


def _ends(estimate: Estimate) -> list[float]:
    return [round(estimate.low, 5), round(estimate.high, 5)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='adu-depth calibrate',
        allow_abbrev=False,
        description='Fit one factor on depth and one on its standard deviation to any truth: '
        'laser scans, a depth camera, a sure stereo teacher, or points measured by tape. '
        f'{INTERVAL[0].upper()}{INTERVAL[1:]}.',
    )
    points = 'points:FILE with lines "image NAME" and "u v metres", the distance from the lens'
    add_data(parser, KINDS, f', or {points}')
    parser.add_argument('--frames', type=positive, help='only the first so many')
    parser.add_argument('--every', type=positive, default=1, help='one of so many frames')
    parser.add_argument(
        '--apart',
        type=not_negative,
        default=1.0,
        metavar='SECONDS',
        help='from which distance two frames of a drive count as independent (default: 1)',
    )
    add_camera_arguments(parser.add_argument_group('of the pictures of points:'))
    parser.add_argument('--output', type=Path, default=Path('calibration.yaml'))
    add_model(parser)
    add_device(parser)
    add_precision(parser)
    add_camera_and_truth(parser)
    return parser
