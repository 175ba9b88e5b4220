# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Charts as SVG that lies inside the page and takes its text colour, in light and in dark."""

import io
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Series = Sequence[tuple[str, Any]]  # colour and data of each sensor that has them
INK = '#010203'  # stands for the colour of the page's text
# Each has a contrast of at least 3 with white and with the dark page alike.
SERIES = ('#3b82f6', '#d9730d', '#0d9488', '#db2777', '#8b5cf6', '#738000')
SIZE_IN = (5.2, 3.9)
SETTINGS = {
    'axes.edgecolor': INK,
    'axes.grid': True,
    'axes.labelcolor': INK,
    'axes.labelsize': 10,
    'axes.spines.right': False,
    'axes.spines.top': False,
    'font.size': 10,
    'grid.alpha': 0.18,
    'grid.color': INK,
    'legend.fontsize': 9,
    'legend.frameon': False,
    'legend.labelcolor': INK,
    'svg.fonttype': 'none',
    'text.color': INK,
    'xtick.color': INK,
    'ytick.color': INK,
}
NO_METADATA = dict.fromkeys(('Creator', 'Date', 'Format', 'Type'))


class Chart(NamedTuple):
    """A title, how to read it, and an `<svg>`."""

    title: str
    caption: str
    svg: str


def svg_chart(name: str, draw: 'Callable[[Figure], None]') -> str:
    """
    Draw without a display and without the state of pyplot.

    Parameters
    ----------
    name : str
        Says what is drawn, and keeps the ids apart from those of other charts.
    draw : callable
        Draws into an empty figure.

    Returns
    -------
    `<svg>` without size, namespace or any name from outside; the same for the same input.

    """
    import matplotlib.style
    from matplotlib.figure import Figure

    with matplotlib.style.context(['default', {**SETTINGS, 'svg.hashsalt': name}]):
        figure = Figure(figsize=SIZE_IN, layout='constrained')
        draw(figure)
        file = io.StringIO()
        figure.savefig(file, format='svg', transparent=True, metadata=NO_METADATA)
    return _inline(file.getvalue(), name)


def _inline(file: str, name: str) -> str:
    """Take out what only a file of its own needs, and what would clash with other charts."""
    viewed = re.search(r'viewBox="[^"]*"', file)
    assert viewed, 'matplotlib writes a viewBox'
    inside = re.sub(r'^.*?<svg[^>]*>', '', file, flags=re.DOTALL)
    inside = re.sub(r'<!--.*?-->|<defs>\s*<style.*?</defs>', '', inside, flags=re.DOTALL)
    inside = re.sub(r'<g id="[^"]*"', '<g', inside).replace('xlink:href', 'href')
    inside = re.sub(r'\n\s*', '\n', inside).replace(INK, 'currentColor')
    return f'<svg {viewed[0]} role="img" aria-label="{name}">{inside.rstrip()}'
