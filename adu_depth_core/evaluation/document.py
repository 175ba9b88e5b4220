# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What an evaluation leaves behind: result.json, its text and the report that shows it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from adu_depth_core import __version__
from adu_depth_core.atomic_files import written_whole
from adu_depth_core.evaluation.frame_loop import Evaluated, TimelineRow
from adu_depth_core.evaluation.report import ShownFrame, report_html
from adu_depth_core.evaluation.scores import finite_or_none
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.machine import machine
from adu_depth_core.regular_files import read_text
from adu_depth_core.weights import model_path

Document = dict[str, Any]


def document(title: str, data: str, command: str, model: Document) -> Document:
    """Begin a document: what was evaluated, by what, where."""
    return {
        'title': title,
        'data': data,
        'command': command,
        'machine': machine(),
        'version': __version__,
        'model': model,
        'interrupted': False,
        'sensors': {},
    }


def about_model(model: str, predictor: Predictor) -> Document:
    """Say which model ran on what."""
    path = model_path(model)
    card = path.with_suffix('.md')
    info = predictor.info
    return {
        'name': model,
        'sha256': predictor.model_sha256,
        'preset': info.preset,
        'runtime': predictor.runtime_name,
        'device': predictor.device_name,
        'precision': predictor.precision,
        'factors': asdict(predictor.factors),
        'licence': info.licence,
        'description': info.description,
        'card': read_text(card) if card.is_file() else None,
    }


def figures_of(evaluated: Evaluated, latency_of: str) -> Document:
    """
    Return the part of a document that was measured.

    `latency_of` says what the latency is that of.
    """
    return {
        'interrupted': evaluated.interrupted,
        'sensors': {name: scores.result() for name, scores in evaluated.scores.items()},
        'frames_out': len(evaluated.timeline),
        'latency': evaluated.latency(latency_of),
        'timeline': [_told(row) for row in evaluated.timeline],
    }


def _told(row: TimelineRow) -> Document:
    told = asdict(row)
    del told['stamp_ns']
    return told


def write_result(path: Path, content: Document) -> None:
    """Write a document as JSON, whole or not at all; what is not a number becomes null."""
    with written_whole(path) as part:
        part.write_text(to_json(content))


def to_json(content: Document) -> str:
    """Return a document as JSON text."""
    return json.dumps(finite_or_none(content), indent=1) + '\n'


def summary(content: Mapping[str, Any]) -> str:
    """Return a document's figures: one line a figure, one column a sensor of truth."""
    sensors: Mapping[str, Mapping[str, Any]] = content.get('sensors', {})
    model = content['model']
    ran_on = ', '.join(str(model[name]) for name in ('runtime', 'device', 'precision'))
    lines = [f'model {model["name"]} ({ran_on})']
    lines += ['interrupted: these are the figures of what was finished'] * content['interrupted']
    for sensor, result in sensors.items():
        missing = result['without_truth'] + content.get('missing', 0)
        lines += [
            f'{sensor}',
            f'  protocol {result["protocol"]}, {result["images"]} images, {missing} missing',
            *(f'  {name:<18}{_shown(value)}' for name, value in result['figures'].items()),
        ]
    latency = content.get('latency')
    if latency:
        p50, p95, p99 = (f'{latency[f"p{p}_ms"]:.1f}' for p in (50, 95, 99))
        lines.append(f'{latency["what"]}: p50 {p50}, p95 {p95}, p99 {p99} ms')
    if content.get('dropped') is not None:
        lines.append(f'{content["dropped"]} of {content["frames_in"]} frames dropped')
    return '\n'.join(lines)


def write_report(path: Path, content: Document, shown: Iterable[ShownFrame]) -> None:
    """Write a document as one page of HTML, whole or not at all."""
    page = report_html(content, list(shown))
    with written_whole(path) as part:
        part.write_text(page, encoding='utf-8')


def _shown(value: float | None) -> str:
    return 'unknown' if value is None else f'{value:.4f}'
