# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the uncertainty is honest (calibration) and ranks the errors (sparsification)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.evaluation.report.drawing import INK, Chart, Series, svg_chart
from adu_depth_core.evaluation.report.numbers import numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Values = Sequence[float | None]
RANKINGS = {
    'abs_rel': 'by std / depth',
    'rmse': 'by std',
}
UNITS = {'abs_rel': '', 'rmse': ', m'}


class Curves(NamedTuple):
    """Percentages taken away, and the figure of the others in either order: (N,) each."""

    share: NDArray[np.float64]
    curve: NDArray[np.float64]
    oracle: NDArray[np.float64]


def calibration(series: Series) -> Chart | None:
    """
    Draw the observed over the promised coverage.

    Parameters
    ----------
    series : sequence of (colour, coverage)
        As in a result's `coverage`: `levels` and `observed`, shares.

    """
    drawn = [
        (colour, 100 * numbers(coverage['levels']), 100 * numbers(coverage['observed']))
        for colour, coverage in series
    ]
    if not any(np.isfinite(observed).any() for _, _, observed in drawn):
        return None

    def draw(figure: 'Figure') -> None:
        axes = figure.subplots()
        axes.plot([0, 100], [0, 100], color=INK, linestyle=':', linewidth=1)
        for colour, levels, observed in drawn:
            axes.plot(levels, observed, color=colour, marker='o', markersize=4)
        axes.text(4, 96, 'too cautious', va='top', alpha=0.7)
        axes.text(96, 4, 'too sure of itself', ha='right', alpha=0.7)
        axes.set(xlim=(0, 100), ylim=(0, 100), aspect='equal')
        axes.set_xlabel('promised coverage, %')
        axes.set_ylabel('observed coverage, %')

    caption = (
        'The share of pixels whose truth lies inside the interval that promises it. '
        'On the dotted diagonal the standard deviation is honest.'
    )
    return Chart('Calibration', caption, svg_chart('calibration', draw))


def sparsification(series: Series, figure_name: Literal['abs_rel', 'rmse']) -> Chart | None:
    """
    Draw the error of what is left when the most uncertain pixels are taken away.

    Parameters
    ----------
    series : sequence of (colour, curves)
        As in a result's `sparsification`: `removed`, and `curve` and `oracle` of each figure.
    figure_name : str
        Which of its figures.

    """
    drawn = [
        (colour, _curves(curves['removed'], **curves[figure_name]))
        for colour, curves in series
        if curves.get(figure_name)
    ]
    if not any(np.isfinite(curves.curve).any() for _, curves in drawn):
        return None

    def draw(figure: 'Figure') -> None:
        axes = figure.subplots()
        for colour, (share, curve, oracle) in drawn:
            axes.plot(share, curve, color=colour)
            axes.plot(share, oracle, color=colour, linestyle='--')
            axes.plot([0, 100], [curve[0], curve[0]], color=colour, linestyle=':')
            axes.fill_between(share, oracle, curve, color=colour, alpha=0.12, linewidth=0)
        names = (RANKINGS[figure_name], 'by error (oracle)', 'at random')
        for name, line in zip(names, ('-', '--', ':'), strict=True):
            axes.plot([], [], color=INK, linestyle=line, label=name)
        axes.set(xlim=(0, 100), ylim=(0, None))
        axes.set_xlabel('pixels taken away, %')
        axes.set_ylabel(f'{figure_name} of the others{UNITS[figure_name]}')
        axes.legend(loc='lower left', bbox_to_anchor=(0, 1), ncol=3, borderpad=0)

    caption = (
        'The faster the line falls, the better the uncertainty knows where the errors are. '
        'The shaded area is AUSE, the area below the dotted line AURG.'
    )
    title = f'Sparsification, {figure_name}'
    return Chart(title, caption, svg_chart(title.lower(), draw))


def _curves(removed: Values, curve: Values, oracle: Values) -> Curves:
    """Return percentages and figures; where everything is removed, there is none to speak of."""
    share, *figures = (numbers(values) for values in (removed, curve, oracle))
    left = share < 1
    return Curves(100 * share[left], *(figure[left] for figure in figures))
