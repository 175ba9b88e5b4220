# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of an evaluation as text for a terminal."""

from collections.abc import Mapping
from typing import Any


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


def _shown(value: float | None) -> str:
    return 'unknown' if value is None else f'{value:.4f}'
