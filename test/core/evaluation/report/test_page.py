# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The report holds what the document holds, needs nothing from outside, and trusts no text."""

import copy
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from adu_depth_core.evaluation.report import ShownFrame, report_html
from adu_depth_core.evaluation.report.summary import summary_table

SECTIONS = [
    'Promises',
    'Figures',
    'Frames and latency',
    'Charts',
    'Frames',
    'Unusable messages',
    'Model',
    'How this was made',
]
CHARTS = [
    'Error by distance',
    'Error by image row',
    'Over time',
    'Calibration',
    'Sparsification, abs_rel',
    'Sparsification, rmse',
]
VOID = {'img', 'meta', 'path', 'use', 'rect'}
MINIMAL: dict[str, Any] = {'title': 'bare', 'model': {}, 'sensors': {}}


class Page(HTMLParser):
    """Elements with their attributes, and the text of each."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == 'tr':
            self.rows.append([])
        elif tag in ('td', 'th'):
            self.rows[-1].append('')
        if tag not in ('img', 'meta'):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f'{tag} closes nothing'

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else '', data))
        if 'td' in self.open or 'th' in self.open:
            self.rows[-1][-1] += data

    def texts_of(self, tag: str) -> list[str]:
        return [text for of_tag, text in self.texts if of_tag == tag]

    def attributes(self, name: str) -> Iterator[str]:
        return (given[name] or '' for _, given in self.elements if name in given)

    def row(self, first: str) -> list[str]:
        (found,) = (cells[1:] for cells in self.rows if cells and cells[0].startswith(first))
        return found


def result(abs_rel: float | None = 0.1234) -> dict[str, Any]:
    """What `Scores` tell, with three ranges, two bands and five shares removed."""
    edges = ((0.0, 10.0), (10.0, 80.0), (80.0, None))
    removed = [0.0, 0.25, 0.5, 0.75, 1.0]
    lines = {'curve': [0.4, 0.3, 0.2, 0.1, 0.0], 'oracle': [0.4, 0.2, 0.1, 0.05, 0.0]}
    return {
        'protocol': 'dense',
        'images': 12,
        'without_truth': 2,
        'pixels': 1234567,
        'figures': {
            'abs_rel': abs_rel,
            'rmse': 4.1,
            'd1': 0.9,
            'density': 0.951,
            'nll': -0.5,
            'ause_abs_rel': None,
            'ard_8m': 0.05,
            'brand_new': 1.5,
        },
        'coverage': {'levels': [0.5, 0.95], 'observed': [0.4, 0.9]},
        'by_distance': [
            {'from_m': low, 'to_m': high, 'pixels': 50, 'abs_rel': abs_rel, 'bias': -1.0}
            for low, high in edges
        ],
        'by_row': [
            {'from': 0.0, 'to': 0.5, 'pixels': 0, 'abs_rel': None, 'bias': None},
            {'from': 0.5, 'to': 1.0, 'pixels': 9, 'abs_rel': 0.2, 'bias': 0.5},
        ],
        'sparsification': {'removed': removed, 'abs_rel': lines, 'rmse': lines},
    }


def full_document() -> dict[str, Any]:
    return {
        'title': 'a drive',
        'data': 'drive.bag',
        'command': 'adu-depth evaluate-bag drive.bag',
        'machine': 'two cores',
        'version': '0.1.0',
        'interrupted': True,
        'model': {'name': 'tiny', 'sha256': 'abc', 'licence': None, 'card': '# Card\n\nwords'},
        'sensors': {'depth topic /truth': result(), 'laser scans /points': result(0.2)},
        'frames_in': 20,
        'frames_out': 19,
        'dropped': None,
        'unusable': {'/image: too short': 1, '/image: no JPEG': 7},
        'latency': {'what': 'forward pass', 'p50_ms': 12.34, 'p95_ms': None, 'p99_ms': 30.0},
        'timeline': [
            {'time_s': 0.0, 'latency_ms': 12.0, 'abs_rel': {'depth topic /truth': 0.1}},
            {'time_s': 0.1, 'latency_ms': None, 'abs_rel': {}},
            {'time_s': 0.2, 'latency_ms': 14.0, 'abs_rel': {'laser scans /points': None}},
        ],
        'promises': [
            {'what': 'abs_rel', 'limit': 'below 0.3', 'value': '0.12', 'kept': True},
            {'what': 'latency', 'limit': 'below 9 ms', 'value': None, 'kept': False},
        ],
    }


def some_frames(count: int = 1, size: tuple[int, int] = (30, 40)) -> list[ShownFrame]:
    rng = np.random.default_rng(0)
    return [
        ShownFrame(
            f'frame {number}',
            rng.integers(0, 255, (*size, 3), np.uint8),
            rng.uniform(2, 80, size).astype(np.float32),
            rng.uniform(0, 10, size).astype(np.float32),
            rng.uniform(2, 80, size).astype(np.float32),
        )
        for number in range(count)
    ]


@pytest.fixture(scope='module')
def html() -> str:
    return report_html(full_document(), some_frames())


@pytest.fixture(scope='module')
def page(html: str) -> Page:
    return Page(html)


def test_full_document_has_every_section_and_chart(page: Page) -> None:
    assert page.open == []
    assert page.texts_of('h2') == SECTIONS
    assert page.texts_of('h3') == [*CHARTS, 'frame 0', 'Card']
    assert [tag for tag, _ in page.elements].count('svg') == len(CHARTS)


def test_minimal_document_has_its_title_and_says_that_there_was_no_truth() -> None:
    page = Page(report_html(MINIMAL, []))
    assert page.texts_of('h1') == ['bare']
    assert page.texts_of('h2') == ['Figures']
    assert 'no truth to compare with' in page.texts_of('p')[0]


@pytest.mark.parametrize(
    ('key', 'section'),
    [
        ('promises', 'Promises'),
        ('unusable', 'Unusable messages'),
        ('model', 'Model'),
    ],
)
def test_what_the_document_lacks_has_no_section(key: str, section: str) -> None:
    document = {**full_document(), 'timeline': [], 'sensors': {}}
    assert section in Page(report_html(document, [])).texts_of('h2')
    del document[key]
    assert section not in Page(report_html(document, [])).texts_of('h2')


def test_heading_tells_whether_all_promises_were_kept(page: Page) -> None:
    assert ('span', 'failed') in page.texts
    judged = [cells for cells in page.rows if len(cells) == 4][:3]
    assert [cells[-1] for cells in judged] == ['', '✓ kept', '✗ missed']
    document = {**MINIMAL, 'promises': full_document()['promises'][:1]}
    assert ('span', 'passed') in Page(report_html(document, [])).texts
    assert ('span', 'passed') not in Page(report_html(MINIMAL, [])).texts


def test_interruption_is_told_first(page: Page) -> None:
    assert 'was interrupted' in page.texts_of('p')[1]
    assert 'interrupted' not in report_html({**MINIMAL, 'interrupted': False}, [])


def test_figures_have_a_column_for_each_sensor_with_sensible_digits() -> None:
    page = Page(summary_table(full_document()['sensors'], 3))
    assert page.rows[0] == ['', 'depth topic /truth', 'laser scans /points']
    assert page.row('protocol') == ['dense', 'dense']
    assert page.row('images used') == ['12', '12']
    assert page.row('images missing') == ['5', '5']
    assert page.row('pixels compared') == ['1\u202f234\u202f567'] * 2
    assert page.row('abs_rel\xa0↓') == ['0.123', '0.200']
    assert page.row('rmse\xa0↓') == ['4.10\xa0m'] * 2
    assert page.row('δ₁\xa0↑') == ['0.900'] * 2
    assert page.row('density\xa0↑') == ['95.1\xa0%'] * 2
    assert page.row('NLL\xa0↓') == ['−0.50'] * 2
    assert page.row('ARD 8m\xa0↓') == ['0.050'] * 2
    assert page.row('brand_new') == ['1.500'] * 2


def test_each_figure_says_what_it_means(page: Page) -> None:
    assert 'mean of |error| / true depth' in page.texts_of('small')


def test_what_is_none_is_unknown(page: Page) -> None:
    assert page.row('AUSE abs_rel') == ['unknown', 'unknown']
    assert page.row('dropped') == ['unknown']
    assert page.row('forward pass, p50') == ['12.3\xa0ms']
    assert page.row('forward pass, p95') == ['unknown']
    assert page.row('licence') == ['unknown']
    assert page.row('latency')[1] == 'unknown'


def test_reasons_are_ranked_by_their_number(page: Page) -> None:
    rows = [cells for cells in page.rows if cells[0].startswith('/image')]
    assert rows == [['/image: no JPEG', '7'], ['/image: too short', '1']]


def test_origin_names_command_machine_and_version(page: Page) -> None:
    assert 'adu-depth evaluate-bag drive.bag' in page.texts_of('pre')
    assert page.row('machine') == ['two cores']
    assert page.row('version') == ['0.1.0']


def test_ranges_of_distance_stand_in_a_table(page: Page) -> None:
    found = [cells for cells in page.rows if cells[0].startswith('10–80')]
    assert found[0] == ['10–80\xa0m', '50', '0.123', '−1.00\xa0m']
    assert any(cells[0] == '>\u202f80\xa0m' for cells in page.rows)


def test_colours_are_explained_only_where_several_sensors_share_the_charts(page: Page) -> None:
    assert page.texts_of('li') == ['depth topic /truth', 'laser scans /points']
    sensors = {'depth topic /truth': result()}
    alone = Page(report_html({**MINIMAL, 'sensors': sensors}, []))
    assert alone.texts_of('li') == []
    assert 'against depth topic /truth' in alone.texts_of('th')


def test_page_needs_nothing_from_outside(html: str, page: Page) -> None:
    assert all(source.startswith('data:image/') for source in page.attributes('src'))
    assert all(target.startswith('#') for target in page.attributes('href'))
    assert not {'script', 'link', 'iframe', 'object', 'base'} & {tag for tag, _ in page.elements}
    assert not any(name.startswith('on') for _, given in page.elements for name in given)
    assert 'http' not in html
    assert '@import' not in html
    assert all(part.startswith('#') for part in html.split('url(')[1:])


def test_page_fits_a_phone_and_follows_dark_mode(html: str, page: Page) -> None:
    assert ('meta', {'name': 'viewport', 'content': 'width=device-width, initial-scale=1'}) in (
        page.elements
    )
    assert 'color-scheme: light dark' in html
    assert '#010203' not in html
    assert 'currentColor' in html


def test_ids_are_unique_and_what_refers_to_them_finds_them(html: str, page: Page) -> None:
    ids = list(page.attributes('id'))
    assert len(ids) == len(set(ids))
    used = {target[1:] for target in page.attributes('href')}
    used |= {part.partition(')')[0][1:] for part in html.split('url(')[1:]}
    assert used
    assert used <= set(ids)


def test_same_document_gives_the_same_page(html: str) -> None:
    assert report_html(full_document(), some_frames()) == html


def test_document_is_left_as_it_was() -> None:
    document = full_document()
    before = copy.deepcopy(document)
    report_html(document, [])
    assert document == before


def hostile(value: Any, text: str) -> Any:
    """Put `text` behind every string, and into every name that is not one of ours."""
    if isinstance(value, dict):
        own = set(result()) | set(full_document()) | set(full_document()['model'])
        own |= {'levels', 'observed', 'removed', 'curve', 'oracle', 'from', 'to', 'rmse', 'nll'}
        own |= {'time_s', 'latency_ms', 'abs_rel', 'what', 'limit', 'value', 'kept', 'figures'}
        own |= {'from_m', 'to_m', 'bias', 'p50_ms', 'p95_ms', 'p99_ms', 'd1', 'density'}
        return {k if k in own else k + text: hostile(v, text) for k, v in value.items()}
    if isinstance(value, list):
        return [hostile(item, text) for item in value]
    return value + text if isinstance(value, str) else value


@pytest.mark.parametrize(
    'text',
    ['<script>alert(1)</script>', '"><img src=x onerror=y>', "'</td></style>&lt;", '$\\frac{1$'],
)
def test_hostile_text_stays_text(text: str) -> None:
    document = hostile(full_document(), text)
    html = report_html(document, [])
    page = Page(html)
    assert page.open == []
    tags = {tag for tag, _ in page.elements}
    assert 'script' not in tags
    assert 'img' not in tags
    assert f'a drive{text}' in page.texts_of('title')[0]
    assert any(f'drive.bag{text}' in cell for cells in page.rows for cell in cells)
    assert any(f'/image: no JPEG{text}' in cell for cells in page.rows for cell in cells)
    assert any(f'depth topic /truth{text}' in cell for cell in page.texts_of('th'))


def test_what_cannot_be_seen_is_spelled_out() -> None:
    unseen = '\x1b[31m\0\x9b\u202e\u200b\r\ufeff'
    html = report_html(hostile(full_document(), unseen), [])
    assert not set(unseen) & set(html) - set('[31m')
    spelled = r'\x1b[31m\x00\x9b\u202e\u200b\r\ufeff'
    page = Page(html)
    assert f'a drive{spelled}' in page.texts_of('title')[0]
    assert any(f'depth topic /truth{spelled}' in cell for cell in page.texts_of('th'))


def test_caption_cannot_leave_its_attribute() -> None:
    (frame,) = some_frames()
    caption = 'a" onerror="b'
    shown = ShownFrame(caption, frame.image, frame.depth_m, frame.std_m)
    page = Page(report_html(MINIMAL, [shown]))
    assert f'depth, {caption}' in list(page.attributes('alt'))
    assert not list(page.attributes('onerror'))


def test_names_that_are_no_utf8_can_be_written() -> None:
    html = report_html({**MINIMAL, 'data': b'\xff.bag'.decode('utf-8', 'surrogateescape')}, [])
    assert b'?.bag' in html.encode('utf-8')


def test_everything_unknown_still_makes_a_page() -> None:
    nothing: dict[str, Any] = dict.fromkeys(full_document())
    page = Page(report_html({**nothing, 'sensors': {'a': dict.fromkeys(result())}}, []))
    assert page.texts_of('h1') == ['unknown']
    assert page.row('images used') == ['unknown']
    assert 'Charts' not in page.texts_of('h2')


def test_not_a_number_is_unknown_too() -> None:
    scored = result(float('nan'))
    scored['coverage']['observed'] = [None, None]
    scored['sparsification']['abs_rel']['curve'] = [None] * 5
    page = Page(report_html({**MINIMAL, 'sensors': {'a': scored}}, []))
    assert page.row('abs_rel\xa0↓') == ['unknown']
    assert 'Error by distance' not in page.texts_of('h3')
    assert 'Error by image row' in page.texts_of('h3')


def test_page_stays_small_with_many_large_frames_of_noise() -> None:
    timeline = [{'time_s': 0.1 * i, 'latency_ms': i % 7, 'abs_rel': {}} for i in range(9999)]
    frames = some_frames(6, (1080, 1920))
    html = report_html({**full_document(), 'timeline': timeline}, frames)
    assert len(html.encode()) < 5_000_000
