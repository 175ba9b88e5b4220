# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The course of a recording: error and latency over time, thinned without losing peaks."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.evaluation.report.drawing import INK, Chart, svg_chart
from adu_depth_core.evaluation.report.numbers import numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FEW_POINTS = 60
MOST_POINTS = 300
LONG_S = 600

Values = NDArray[np.float64]


class Thinned(NamedTuple):
    """Means of neighbouring values, with the lowest and highest of each group: (M,) each."""

    places: Values
    means: Values
    lowest: Values
    highest: Values


Lines = Sequence[tuple[str, Thinned]]


def over_time(timeline: Sequence[Mapping[str, Any]], colours: Mapping[str, str]) -> Chart | None:
    """
    Draw abs_rel and latency of the frames, whichever is known.

    Parameters
    ----------
    timeline : sequence of mappings
        `time_s`, `latency_ms` and `abs_rel` ({sensor: value}) of each frame.
    colours : mapping
        Of each sensor.

    """
    time_s = numbers(row.get('time_s') for row in timeline)
    is_long = bool(np.isfinite(time_s).any()) and np.nanmax(time_s) > LONG_S
    time = time_s / 60 if is_long else time_s
    errors = [
        (colour, thinned(time, numbers((row.get('abs_rel') or {}).get(name) for row in timeline)))
        for name, colour in colours.items()
    ]
    latency = [(INK, thinned(time, numbers(row.get('latency_ms') for row in timeline)))]
    panels = {
        label: [(colour, points) for colour, points in lines if len(points.places)]
        for label, lines in (('abs_rel', errors), ('latency, ms', latency))
    }
    panels = {label: lines for label, lines in panels.items() if lines}
    if not panels:
        return None

    def draw(figure: 'Figure') -> None:
        drawn = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (label, lines) in zip(drawn, panels.items(), strict=True):
            _draw_lines(axes, lines)
            axes.set_ylabel(label)
        drawn[-1].set_xlabel(f'time since the first frame, {"min" if is_long else "s"}')
        figure.align_ylabels(drawn)

    return Chart('Over time', _caption(panels, len(timeline)), svg_chart('over time', draw))


def thinned(places: Values, values: Values, most: int = MOST_POINTS) -> Thinned:
    """
    Put neighbours together until no more than `most` points are left.

    Parameters
    ----------
    places, values : (N,) float64
        A series in order; points of which either is not finite are left out.

    """
    known = np.isfinite(places) & np.isfinite(values)
    places, values = places[known], values[known]
    starts = np.unique(np.linspace(0, len(values), min(most, len(values)), False).astype(int))
    if not len(starts):
        return Thinned(*(np.empty(0) for _ in Thinned._fields))
    counts = np.diff(np.append(starts, len(values)))
    return Thinned(
        np.add.reduceat(places, starts) / counts,
        np.add.reduceat(values, starts) / counts,
        np.minimum.reduceat(values, starts),
        np.maximum.reduceat(values, starts),
    )


def _draw_lines(axes: 'Axes', lines: Lines) -> None:
    for colour, points in lines:
        marker = 'o' if len(points.places) <= FEW_POINTS else None
        axes.plot(points.places, points.means, color=colour, marker=marker, markersize=3, lw=1.2)
        axes.fill_between(
            points.places, points.lowest, points.highest, color=colour, alpha=0.2, lw=0
        )
    axes.set_ylim(bottom=0)


def _caption(panels: Mapping[str, Lines], frames: int) -> str:
    points = max(len(line.places) for lines in panels.values() for _, line in lines)
    if frames <= points:
        return 'One point a frame.'
    return f'{points} groups of {frames} frames: their mean, and in the band lowest to highest.'
