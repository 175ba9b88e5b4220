# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The page of a report: its head, and the sections in their order."""

from collections.abc import Mapping, Sequence
from typing import Any

from adu_depth_core.evaluation.report.frame_pictures import ShownFrame
from adu_depth_core.evaluation.report.markup import Markup, element, joined
from adu_depth_core.evaluation.report.numbers import text
from adu_depth_core.evaluation.report.sections import (
    charts_section,
    figures_section,
    frames_section,
    model_section,
    origin_section,
    promises_section,
    run_section,
    unusable_section,
    warnings_section,
)
from adu_depth_core.evaluation.report.style import STYLE

VIEWPORT = 'width=device-width, initial-scale=1'


def report_html(document: Mapping[str, Any], shown: Sequence[ShownFrame] = ()) -> str:
    """
    Compose the report of an evaluation.

    Parameters
    ----------
    document : mapping
        What a result file holds: `title`, `model`, `sensors` (results of `Scores`, one for each
        sensor of truth), and, where there are any, `data`, `command`, `machine`, `version`,
        `interrupted`, `frames_in`, `frames_out`, `dropped`, `warnings`, `unusable`, `latency`,
        `timeline` and `promises`. What it lacks has no section; a value that is None is `unknown`.
    shown : sequence of ShownFrame
        Frames to look at.

    Returns
    -------
    HTML text that needs no other file, no network and no script.

    """
    title = text(document.get('title'))
    sections = (
        promises_section(document),
        figures_section(document),
        run_section(document),
        charts_section(document),
        frames_section(shown),
        warnings_section(document),
        unusable_section(document),
        model_section(document),
        origin_section(document),
    )
    body = element('body', _heading(document, title), *sections)
    return f'<!DOCTYPE html>\n{element("html", _head(title), body, lang="en")}\n'


def _head(title: str) -> Markup:
    return element(
        'head',
        element('meta', charset='utf-8'),
        element('meta', name='viewport', content=VIEWPORT),
        element('title', title),
        element('style', Markup(STYLE)),
    )


def _heading(document: Mapping[str, Any], title: str) -> Markup:
    parts = [element('h1', title, *_verdict(document.get('promises')))]
    model = document.get('model') or {}
    lead = [document.get('data'), model.get('name') and f'model {model["name"]}']
    if any(lead):
        parts.append(element('p', ' · '.join(str(part) for part in lead if part), class_='lead'))
    if document.get('interrupted'):
        note = 'This evaluation was interrupted: the figures are of the frames up to then.'
        parts.append(element('p', note, class_='notice'))
    return joined(*parts)


def _verdict(promises: Sequence[Mapping[str, Any]] | None) -> tuple[object, ...]:
    if not promises:
        return ()
    if all(promise.get('kept') for promise in promises):
        return ': ', element('span', 'passed', class_='good')
    return ': ', element('span', 'failed', class_='bad')
