# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where the error is: by distance and by image row."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.evaluation.report.drawing import INK, Chart, Series, svg_chart
from adu_depth_core.evaluation.report.numbers import number, numbers
from adu_depth_core.evaluation.report.summary import distance_range

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Rows = Sequence[Mapping[str, Any]]
GROUP = 0.8  # of the room between two places is taken by the bars of all sensors together
MOST_UPRIGHT = 10  # labels of ranges that find room side by side


def by_distance(series: Series) -> Chart | None:
    """
    Draw abs_rel, bias and the share of pixels in every range of distance.

    Parameters
    ----------
    series : sequence of (colour, rows)
        Rows as in a result's `by_distance`, with `from_m`, `to_m` (None: without end), `pixels`.

    """
    if not _is_any_known(series, 'abs_rel'):
        return None
    rows_at = {_range(row): row for _, rows in series for row in rows}
    ranges = sorted(rows_at)

    def draw(figure: 'Figure') -> None:
        heights = {'height_ratios': (3, 3, 2)}
        panels = figure.subplots(3, 1, sharex=True, gridspec_kw=heights)
        for place, (colour, rows) in enumerate(series):
            own = {_range(row): row for row in rows}
            ordered = [own.get(this, {}) for this in ranges]
            style = {'color': colour, 'marker': 'o', 'markersize': 4}
            panels[0].plot(_column(ordered, 'abs_rel'), **style)
            panels[1].plot(_column(ordered, 'bias'), **style)
            offsets, width = _side_by_side(np.arange(len(ranges)), place, len(series))
            panels[2].bar(offsets, _shares(ordered), width, color=colour)
        panels[0].set_ylim(bottom=0)
        panels[1].axhline(0, color=INK, linewidth=0.8)
        for panel, label in zip(panels, ('abs_rel', 'bias, m', 'pixels, %'), strict=True):
            panel.set_ylabel(label)
        labels = [distance_range(rows_at[this]) for this in ranges]
        slope = 45 if len(labels) > MOST_UPRIGHT else 0
        panels[2].set_xticks(range(len(labels)), labels, fontsize=8, rotation=slope)
        panels[2].set_xlabel('true distance, m')
        figure.align_ylabels(panels)

    caption = 'Bias is prediction − truth: below zero, things are said to be nearer than they are.'
    return Chart('Error by distance', caption, svg_chart('error by distance', draw))


def by_row(series: Series) -> Chart | None:
    """
    Draw abs_rel and bias of bands of the image, the top of the image on top.

    Parameters
    ----------
    series : sequence of (colour, rows)
        Rows as in a result's `by_row`, with `from` and `to`, shares of the image's height.

    """
    if not _is_any_known(series, 'abs_rel'):
        return None

    def draw(figure: 'Figure') -> None:
        panels = figure.subplots(1, 2, sharey=True)
        for place, (colour, rows) in enumerate(series):
            first, last = 100 * _column(rows, 'from'), 100 * _column(rows, 'to')
            room = np.nan_to_num(last - first)
            middles, height = _side_by_side((first + last) / 2, place, len(series), room)
            panels[0].barh(middles, _column(rows, 'abs_rel'), height, color=colour)
            panels[1].barh(middles, _column(rows, 'bias'), height, color=colour)
        panels[0].set_ylim(100, 0)
        panels[0].set_yticks(range(0, 101, 25))
        panels[0].set_ylabel('image row, % of the height from the top')
        panels[0].set_xlabel('abs_rel')
        panels[1].axvline(0, color=INK, linewidth=0.8)
        panels[1].set_xlabel('bias, m')

    caption = 'As the image lies: its upper edge is on top. No bar: nothing to compare there.'
    return Chart('Error by image row', caption, svg_chart('error by image row', draw))


def _range(row: Mapping[str, Any]) -> tuple[float, float]:
    last = number(row.get('to_m'))
    return number(row.get('from_m')), math.inf if math.isnan(last) else last


def _column(rows: Rows, key: str) -> NDArray[np.float64]:
    return numbers(row.get(key) for row in rows)


def _shares(rows: Rows) -> NDArray[np.float64]:
    """Return the percentage of all pixels in every row."""
    pixels = np.nan_to_num(_column(rows, 'pixels'))
    return 100 * pixels / max(pixels.sum(), 1)


def _side_by_side(
    places: NDArray[Any], number_of: int, count: int, room: NDArray[np.float64] | float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64] | float]:
    """Return centres and thickness of the bars of one of `count` sensors."""
    thickness = GROUP * room / count
    return places + (number_of - (count - 1) / 2) * thickness, thickness


def _is_any_known(series: Series, key: str) -> bool:
    return any(np.isfinite(_column(rows, key)).any() for _, rows in series)
