# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Promises are judged, and the report shows them without help from the network."""

import base64
import re
from dataclasses import replace

import cv2
import numpy as np
import pytest

from adu_depth_core.evaluation.bounds import Bound, Figures, bounds, verdict
from adu_depth_core.evaluation.colours import UNKNOWN_COLOUR, coloured_depth
from adu_depth_core.evaluation.playback_pictures import pictures, scales
from adu_depth_core.evaluation.playback_report import report_html

GOOD = Figures(
    frames_in=100,
    frames_out=95,
    incomplete=0,
    abs_rel=0.29,
    coverage_error=0.05,
    density=0.9,
    latency_p50_ms=40.0,
    latency_p95_ms=99.0,
)


def missed(figures: Figures, *, ours: bool = True, has_truth: bool = True) -> list[str]:
    judged = bounds(figures, is_drive_of_ours=ours, has_truth=has_truth)
    return [bound.what for bound in judged if not bound.kept]


def test_good_run_misses_nothing() -> None:
    assert missed(GOOD) == []
    assert verdict(bounds(GOOD, is_drive_of_ours=True, has_truth=True)) is None


@pytest.mark.parametrize(
    ('change', 'what'),
    [
        ({'frames_in': 49, 'frames_out': 49}, 'frames in'),
        ({'frames_out': 94}, 'frames out'),
        ({'latency_p95_ms': 100.0}, 'latency p95'),
        ({'latency_p95_ms': None}, 'latency p95'),
        ({'incomplete': 1}, 'stamps with depth, std and both camera_info'),
        ({'abs_rel': 0.3}, 'abs_rel'),
        ({'abs_rel': None}, 'abs_rel'),
    ],
)
def test_each_promise_can_be_missed(change: dict[str, float], what: str) -> None:
    assert missed(replace(GOOD, **change)) == [what]


def test_bag_of_a_user_may_be_short_and_without_truth() -> None:
    short = replace(GOOD, frames_in=5, frames_out=5, abs_rel=None)
    assert missed(short, ours=False, has_truth=False) == []
    assert missed(replace(short, frames_out=0), ours=False, has_truth=False) == ['frames out']
    assert missed(replace(short, frames_in=0, frames_out=0), ours=False, has_truth=False)


def test_verdict_names_everything_that_was_missed() -> None:
    bad = replace(GOOD, frames_out=10, abs_rel=0.5)
    sentence = verdict(bounds(bad, is_drive_of_ours=True, has_truth=True))
    assert sentence == (
        'missed: frames out 10 of 100 (must be at least 95% of the frames in); '
        'abs_rel 0.5 (must be below 0.3)'
    )


def decoded(url: str) -> np.ndarray:
    head, data = url.split(',')
    assert head in ('data:image/png;base64', 'data:image/jpeg;base64')
    pixels = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
    return pixels[..., ::-1]


def test_error_is_shown_where_there_is_truth_and_is_grey_elsewhere() -> None:
    image = np.zeros((2, 2, 3), np.uint8)
    depth_m = np.array([[10, 20], [np.nan, 40]], np.float32)
    truth_m = np.array([[10, 60], [10, np.inf]], np.float32)
    shown = pictures(image, depth_m, depth_m / 10, truth_m)
    error = decoded(shown['error'])
    blue, red = decoded(scales()[1].colours)[0, [0, -1]]
    np.testing.assert_array_equal(error[0], [blue, red])
    np.testing.assert_array_equal(error[1], [UNKNOWN_COLOUR, UNKNOWN_COLOUR])
    np.testing.assert_array_equal(decoded(shown['depth']), coloured_depth(depth_m))


def test_pictures_are_shrunk_and_sparse_truth_stays_visible() -> None:
    truth_m = np.full((375, 1242), np.nan, np.float32)
    truth_m[100, ::9] = 12.0
    depth_m = np.full((375, 1242), 10.0, np.float32)
    shown = pictures(np.zeros((375, 1242, 3), np.uint8), depth_m, depth_m / 10, truth_m)
    error = decoded(shown['error'])
    assert error.shape == (188, 621, 3)
    assert (error != UNKNOWN_COLOUR).any(axis=-1).sum() > 138


def test_legend_of_depth_is_in_metres_on_a_logarithmic_scale() -> None:
    depth, error = scales()
    assert depth.ticks[0] == (0.0, '2')
    assert depth.ticks[-1] == (pytest.approx(100.0), '80')
    assert depth.ticks[3] == (pytest.approx(100 * np.log(10) / np.log(40)), '20')
    assert error.ticks[2] == (50.0, '5')
    ramp = decoded(depth.colours)
    ends = coloured_depth(np.array([[2.0, 80.0]]))
    np.testing.assert_array_equal(ramp[:, [0, -1]], ends)


def test_report_needs_nothing_from_outside_and_escapes_what_it_is_told() -> None:
    judged = [Bound('frames <in>', 'at least 50', '3', False)]
    picture = scales()[0].colours
    page = report_html('a & b', judged, {'x': '<1>'}, {'best': {'depth': picture}}, scales())
    assert 'failed' in page
    assert 'frames &lt;in&gt;' in page
    assert '<td>&lt;1&gt;</td>' in page
    assert 'name="viewport"' in page
    sources = re.findall(r'src="([^"]*)"', page)
    assert len(sources) == 3
    assert all(source.startswith('data:image/png;base64,') for source in sources)
    assert not re.search(r'https?:|url\(|<script|<link', page)


def test_report_of_a_good_run_says_so() -> None:
    judged = bounds(GOOD, is_drive_of_ours=True, has_truth=True)
    page = report_html('run', judged, {}, {}, scales())
    assert page.count('✓ kept') == 5
    assert 'failed' not in page
