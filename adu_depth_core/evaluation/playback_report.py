# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One HTML file about a run: what was promised and kept, the figures, and frames to look at."""

from collections.abc import Mapping, Sequence
from html import escape

from adu_depth_core.evaluation.bounds import Bound
from adu_depth_core.evaluation.playback_pictures import Scale

STYLE = """
:root { color-scheme: light dark; --line: #8885; --good: #1a7f37; --bad: #cf222e; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1600px; padding: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; max-width: 46rem; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem .3rem 0; text-align: left;
  vertical-align: top; }
th { font-weight: 600; }
.figures td { overflow-wrap: anywhere; }
td.mark { white-space: nowrap; font-weight: 600; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.frame { display: grid; gap: .5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 280px), 1fr)); }
figure { margin: 0; }
figure img { display: block; width: 100%; height: auto; }
figcaption { font-size: .85rem; }
.legends { display: flex; flex-wrap: wrap; gap: .5rem 2rem; position: sticky; top: 0;
  background: Canvas; padding: .5rem 0; }
.legend { flex: 1 1 260px; max-width: 520px; font-size: .85rem; }
.legend img { display: block; width: 100%; height: 14px; image-rendering: pixelated; }
.ticks { position: relative; height: 1.4em; margin: 0 .6em; }
.ticks span { position: absolute; transform: translateX(-50%); }
"""


def report_html(
    title: str,
    judged: Sequence[Bound],
    figures: Mapping[str, str],
    frames: Mapping[str, Mapping[str, str]],
    scales: Sequence[Scale],
) -> str:
    """
    Compose the page.

    Parameters
    ----------
    title : str
        Heading.
    judged : sequence of Bound
        What was promised.
    figures : mapping
        Name and value of each row of the table.
    frames : mapping
        For each caption the pictures of a frame: {title: data URL}.
    scales : sequence of Scale
        Colour legends of the pictures.

    Returns
    -------
    HTML text that needs no other file and no network.

    """
    kept = all(bound.kept for bound in judged)
    word, colour = ('passed', 'good') if kept else ('failed', 'bad')
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<title>{escape(title)}</title><style>{STYLE}</style></head><body>',
        f'<h1>{escape(title)}: <span class="{colour}">{word}</span></h1>',
        _bounds_table(judged),
        '<h2>Figures</h2>',
        _figures_table(figures),
        '<h2>Frames</h2>',
        f'<div class="legends">{"".join(map(_legend, scales))}</div>',
        *(_frame(caption, shown) for caption, shown in frames.items()),
        '<p>Dark grey is unknown: no depth is published there, or there is no truth.</p>',
        '</body></html>',
    ]
    return '\n'.join(parts)


def _bounds_table(judged: Sequence[Bound]) -> str:
    rows = ''.join(
        f'<tr><td>{escape(bound.what)}</td><td>{escape(bound.limit)}</td>'
        f'<td>{escape(bound.value)}</td>{_mark(bound.kept)}</tr>'
        for bound in judged
    )
    head = '<tr><th>promised</th><th>bound</th><th>measured</th><th></th></tr>'
    return f'<table>{head}{rows}</table>'


def _mark(kept: bool) -> str:
    word, colour = ('✓ kept', 'good') if kept else ('✗ missed', 'bad')
    return f'<td class="mark {colour}">{word}</td>'


def _figures_table(figures: Mapping[str, str]) -> str:
    rows = ''.join(
        f'<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>'
        for name, value in figures.items()
    )
    return f'<table class="figures">{rows}</table>'


def _legend(scale: Scale) -> str:
    ticks = ''.join(
        f'<span style="left:{place:.1f}%">{escape(text)}</span>' for place, text in scale.ticks
    )
    return (
        f'<div class="legend">{escape(scale.title)}<img alt="" src="{scale.colours}">'
        f'<div class="ticks">{ticks}</div></div>'
    )


def _frame(caption: str, shown: Mapping[str, str]) -> str:
    figures = ''.join(
        f'<figure><img alt="{escape(name)}" src="{url}"><figcaption>{escape(name)}</figcaption>'
        '</figure>'
        for name, url in shown.items()
    )
    return f'<h3>{escape(caption)}</h3><div class="frame">{figures}</div>'
