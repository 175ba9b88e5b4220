# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The charts that a result has data for."""

from collections.abc import Mapping
from typing import Any

from adu_depth_core.evaluation.report.drawing import SERIES, Chart, Series
from adu_depth_core.evaluation.report.error_charts import by_distance, by_row
from adu_depth_core.evaluation.report.time_chart import over_time
from adu_depth_core.evaluation.report.uncertainty_charts import calibration, sparsification


def charts(document: Mapping[str, Any]) -> list[Chart]:
    """Draw every chart of a result for which any of its sensors has data."""
    sensors = document.get('sensors') or {}
    drawn = [
        by_distance(_series(sensors, 'by_distance')),
        by_row(_series(sensors, 'by_row')),
        over_time(document.get('timeline') or (), sensor_colours(sensors)),
        calibration(_series(sensors, 'coverage')),
        sparsification(_series(sensors, 'sparsification'), 'abs_rel'),
        sparsification(_series(sensors, 'sparsification'), 'rmse'),
    ]
    return [chart for chart in drawn if chart is not None]


def sensor_colours(sensors: Mapping[str, Any]) -> dict[str, str]:
    """Return the colour that a sensor of truth has in every chart."""
    return {name: SERIES[number % len(SERIES)] for number, name in enumerate(sensors)}


def _series(sensors: Mapping[str, Mapping[str, Any]], key: str) -> Series:
    colours = sensor_colours(sensors)
    return [(colours[name], result[key]) for name, result in sensors.items() if result.get(key)]
