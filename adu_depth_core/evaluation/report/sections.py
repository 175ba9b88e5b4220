# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The sections of the page; each is empty where the document has nothing for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from adu_depth_core.evaluation.report.drawing import SERIES, Chart, Series
from adu_depth_core.evaluation.report.error_charts import by_distance, by_row
from adu_depth_core.evaluation.report.frame_pictures import (
    Scale,
    ShownFrame,
    pictures,
    pixels_per_picture,
    scales,
)
from adu_depth_core.evaluation.report.markdown import card_html
from adu_depth_core.evaluation.report.markup import (
    Markup,
    element,
    facts,
    joined,
    promises_table,
    unusable_table,
)
from adu_depth_core.evaluation.report.numbers import shown as written
from adu_depth_core.evaluation.report.summary import distance_table, summary_table
from adu_depth_core.evaluation.report.time_chart import over_time
from adu_depth_core.evaluation.report.uncertainty_charts import calibration, sparsification

Document = Mapping[str, Any]
NOTHING = Markup('')
MODEL_KEYS = ('name', 'preset', 'runtime', 'device', 'precision', 'licence', 'description')
UNKNOWN_NOTE = (
    'Dark grey is unknown: no depth is given there, or no truth is known. Points of sparse truth '
    'are drawn larger than they are.'
)


def promises_section(document: Document) -> Markup:
    """Write what was promised, and whether it was kept."""
    promises = document.get('promises')
    return joined(_title('Promises'), promises_table(promises)) if promises else NOTHING


def figures_section(document: Document) -> Markup:
    """Write the figures against every sensor of truth."""
    sensors = document.get('sensors')
    if not sensors:
        note = 'There was no truth to compare with: depth, uncertainty and time only.'
        return joined(_title('Figures'), element('p', note, class_='notice'))
    return joined(_title('Figures'), summary_table(sensors, document.get('missing') or 0))


def run_section(document: Document) -> Markup:
    """Write how many frames went through, and how long each took."""
    counted = {'frames_in': 'frames in', 'frames_out': 'frames out', 'dropped': 'dropped'}
    rows = {name: written(document[key]) for key, name in counted.items() if key in document}
    latency = document.get('latency') or {}
    what = latency.get('what') or 'latency'
    for percentile in ('p50', 'p95', 'p99'):
        if f'{percentile}_ms' in latency:
            rows[f'{what}, {percentile}'] = written(latency[f'{percentile}_ms'], 1, 'ms')
    return joined(_title('Frames and latency'), facts(rows)) if rows else NOTHING


def charts_section(document: Document) -> Markup:
    """Draw the charts, with a key of colours where several sensors share them."""
    drawn = charts(document)
    if not drawn:
        return NOTHING
    sensors = document.get('sensors') or {}
    parts = [_title('Charts'), element('div', *map(_chart, drawn), class_='grid')]
    if len(sensors) > 1:
        parts.insert(1, _key(sensor_colours(sensors)))
    for name, result in sensors.items():
        if rows := result.get('by_distance'):
            heading = element('summary', f'Figures by distance, {name}')
            parts.append(element('details', heading, distance_table(rows)))
    return joined(*parts)


def frames_section(shown: Sequence[ShownFrame]) -> Markup:
    """Show frames, in colours that mean the same in all of them."""
    if not shown:
        return NOTHING
    area_px = pixels_per_picture(len(shown))
    return joined(
        _title('Frames'),
        element('p', UNKNOWN_NOTE),
        element('div', *map(_legend, scales()), class_='legends'),
        *(_frame(frame, area_px) for frame in shown),
    )


def warnings_section(document: Document) -> Markup:
    """List what is doubtful about the data."""
    sentences = document.get('warnings')
    if not sentences:
        return NOTHING
    items = (element('li', sentence) for sentence in sentences)
    return joined(_title('Warnings'), element('ul', *items))


def unusable_section(document: Document) -> Markup:
    """Count the messages that could not be used, by reason."""
    counts = document.get('unusable')
    return joined(_title('Unusable messages'), unusable_table(counts)) if counts else NOTHING


def model_section(document: Document) -> Markup:
    """Name what made the depth, and show its model card."""
    model = document.get('model') or {}
    rows = {key: model[key] for key in (*MODEL_KEYS, 'sha256') if key in model}
    card = model.get('card')
    if not rows and not card:
        return NOTHING
    return joined(
        _title('Model'),
        facts(rows) if rows else '',
        element('div', card_html(card), class_='card') if card else '',
    )


def origin_section(document: Document) -> Markup:
    """Tell how to make this report again."""
    keys = ('data', 'machine', 'version')
    rows: dict[str, object] = {key: document[key] for key in keys if key in document}
    command = document.get('command')
    if not rows and not command:
        return NOTHING
    return joined(
        _title('How this was made'),
        element('pre', command) if command else '',
        facts(rows) if rows else '',
    )


def _title(words: str) -> Markup:
    return element('h2', words)


def _chart(chart: Chart) -> Markup:
    title, caption = element('h3', chart.title), element('figcaption', chart.caption)
    return element('figure', title, Markup(chart.svg), caption)


def _key(colours: Mapping[str, str]) -> Markup:
    entries = (
        element('li', element('span', '■ ', style=f'color:{colour}', aria_hidden='true'), name)
        for name, colour in colours.items()
    )
    return element('ul', *entries, class_='key')


def _legend(scale: Scale) -> Markup:
    ticks = (element('span', label, style=f'left:{place:.1f}%') for place, label in scale.ticks)
    colours = element('img', alt='', src=scale.colours)
    places = element('div', *ticks, class_='ticks')
    return element('div', scale.title, colours, places, class_='legend')


def _frame(frame: ShownFrame, area_px: int) -> Markup:
    figures = (
        element(
            'figure',
            element('img', alt=f'{name}, {frame.caption}', src=url),
            element('figcaption', name),
        )
        for name, url in pictures(frame, area_px).items()
    )
    return joined(element('h3', frame.caption), element('div', *figures, class_='frame'))


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
