# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Charts show the values that they are given, as SVG that lies inside a page."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from adu_depth_core.evaluation.report.drawing import SERIES, svg_chart
from adu_depth_core.evaluation.report.error_charts import by_distance, by_row
from adu_depth_core.evaluation.report.sections import charts, sensor_colours
from adu_depth_core.evaluation.report.time_chart import over_time, thinned
from adu_depth_core.evaluation.report.uncertainty_charts import calibration, sparsification

BLUE, ORANGE = SERIES[:2]


def texts(svg: str) -> list[str]:
    return [node.text or '' for node in ElementTree.fromstring(svg).iter('text')]


def points(svg: str, colour: str) -> list[np.ndarray]:
    """Corners of every line of a colour in the SVG's own coordinates, y downwards: (N, 2)."""
    found = []
    for path in ElementTree.fromstring(svg).iter('path'):
        style = path.get('style', '')
        if f'stroke: {colour}' in style and 'fill: none' in style:
            numbers = re.findall(r'-?[\d.]+', path.get('d', ''))
            found.append(np.array(numbers, float).reshape(-1, 2))
    return found


def ranges(*abs_rel: float | None) -> list[dict[str, float | None]]:
    edges = [0.0, 5.0, 10.0, None]
    return [
        {'from_m': edges[k], 'to_m': edges[k + 1], 'pixels': 10, 'abs_rel': value, 'bias': value}
        for k, value in enumerate(abs_rel)
    ]


def test_error_by_distance_names_ranges_and_draws_their_errors() -> None:
    chart = by_distance([(BLUE, ranges(0.1, 0.2, 0.4))])
    assert chart is not None
    assert {'0–5', '5–10', '>\u202f10', 'abs_rel', 'bias, m', 'pixels, %'} <= set(texts(chart.svg))
    errors = points(chart.svg, BLUE)[0]
    rise = errors[0, 1] - errors[:, 1]
    assert rise[2] / rise[1] == pytest.approx(3, rel=0.01)
    assert np.diff(errors[:, 0]) == pytest.approx(np.diff(errors[:, 0])[0])


def test_ranges_of_two_sensors_share_one_axis() -> None:
    far = ranges(0.1, 0.2, 0.4)[1:]
    chart = by_distance([(BLUE, ranges(0.1, 0.2, 0.4)), (ORANGE, far)])
    assert chart is not None
    blue, orange = points(chart.svg, BLUE)[0], points(chart.svg, ORANGE)[0]
    np.testing.assert_allclose(orange, blue[1:])


def test_bands_of_rows_are_drawn_from_top_to_bottom() -> None:
    bands = [
        {'from': 0.0, 'to': 0.5, 'pixels': 1, 'abs_rel': 0.1, 'bias': 1.0},
        {'from': 0.5, 'to': 1.0, 'pixels': 1, 'abs_rel': 0.4, 'bias': -1.0},
    ]
    chart = by_row([(BLUE, bands)])
    assert chart is not None
    bars = [
        np.array(re.findall(r'-?[\d.]+', path.get('d', '')), float).reshape(-1, 2)
        for path in ElementTree.fromstring(chart.svg).iter('path')
        if f'fill: {BLUE}' in path.get('style', '')
    ]
    upper, lower = bars[0], bars[1]
    assert upper[:, 1].max() < lower[:, 1].min()
    assert np.ptp(lower[:, 0]) == pytest.approx(4 * np.ptp(upper[:, 0]), rel=0.01)


def test_calibration_draws_observed_over_promised_and_the_diagonal() -> None:
    chart = calibration([(BLUE, {'levels': [0.25, 0.75], 'observed': [0.25, 0.5]})])
    assert chart is not None
    lines = points(chart.svg, 'currentColor')
    (diagonal,) = (line for line in lines if np.ptp(line, axis=0).min() > 100)
    start, end = diagonal[0], diagonal[-1]
    (drawn,) = points(chart.svg, BLUE)
    shares = (drawn - start) / (end - start)
    np.testing.assert_allclose(shares, [[0.25, 0.25], [0.75, 0.5]], atol=0.001)


def test_sparsification_draws_curve_oracle_and_random_and_leaves_out_the_empty_rest() -> None:
    pair = {'curve': [0.4, 0.2, 0.0], 'oracle': [0.4, 0.1, 0.0]}
    curves = {'removed': [0.0, 0.5, 1.0], 'abs_rel': pair}
    chart = sparsification([(BLUE, curves)], 'abs_rel')
    assert chart is not None
    curve, oracle, random = points(chart.svg, BLUE)
    assert len(curve) == len(oracle) == 2
    assert curve[1, 0] == oracle[1, 0]
    fall = (oracle[1, 1] - oracle[0, 1]) / (curve[1, 1] - curve[0, 1])
    assert fall == pytest.approx(1.5, rel=0.01)
    np.testing.assert_allclose(random[:, 1], curve[0, 1])
    assert sparsification([(BLUE, curves)], 'rmse') is None
    assert {'by std / depth', 'by error (oracle)', 'at random'} <= set(texts(chart.svg))


def test_time_line_draws_what_is_known() -> None:
    timeline = [
        {'time_s': 0.0, 'latency_ms': 10.0, 'abs_rel': {'a': 0.1}},
        {'time_s': 1.0, 'latency_ms': None, 'abs_rel': {}},
        {'time_s': 3.0, 'latency_ms': 30.0, 'abs_rel': {'a': None}},
    ]
    chart = over_time(timeline, {'a': BLUE})
    assert chart is not None
    assert {'abs_rel', 'latency, ms', 'time since the first frame, s'} <= set(texts(chart.svg))
    only_latency = over_time(timeline, {'b': BLUE})
    assert only_latency is not None
    assert 'abs_rel' not in texts(only_latency.svg)
    assert over_time([], {'a': BLUE}) is None


def test_long_time_line_is_in_minutes_and_says_how_it_was_thinned() -> None:
    timeline = [{'time_s': float(i), 'latency_ms': 1.0, 'abs_rel': {}} for i in range(1200)]
    chart = over_time(timeline, {})
    assert chart is not None
    assert 'time since the first frame, min' in texts(chart.svg)
    assert chart.caption.startswith('300 groups of 1200 frames')
    assert len(chart.svg) < 60_000


def test_thinning_keeps_mean_and_peaks_of_neighbours() -> None:
    places = np.arange(6.0)
    values = np.array([1.0, 3.0, np.nan, 5.0, 9.0, 100.0])
    few = thinned(places, values, most=2)
    np.testing.assert_allclose(few.places, [0.5, 4.0])
    np.testing.assert_allclose(few.means, [2.0, 38.0])
    np.testing.assert_allclose(few.lowest, [1.0, 5.0])
    np.testing.assert_allclose(few.highest, [3.0, 100.0])


def test_short_series_is_left_as_it_is() -> None:
    values = np.array([3.0, 1.0, 2.0])
    same = thinned(np.arange(3.0), values)
    for drawn in (same.means, same.lowest, same.highest):
        np.testing.assert_array_equal(drawn, values)
    assert len(thinned(np.empty(0), np.empty(0)).places) == 0


def test_sensors_keep_their_colours_and_more_than_there_are_start_anew() -> None:
    colours = sensor_colours(dict.fromkeys('abcdefg'))
    assert colours['a'] == colours['g'] == BLUE
    assert colours['b'] == ORANGE


def test_nothing_is_drawn_without_data() -> None:
    assert charts({'sensors': {}}) == []
    assert charts({'sensors': {'a': {'by_distance': ranges(None, None, None)}}}) == []


def test_svg_stands_alone_and_is_the_same_each_time() -> None:
    def draw(figure):  # type: ignore[no-untyped-def]
        figure.subplots().plot([1, 2, 4], marker='o', label='a < b')

    svg = svg_chart('three', draw)
    root = ElementTree.fromstring(svg)
    assert root.tag == 'svg'
    assert root.get('aria-label') == 'three'
    assert {'viewBox', 'role', 'aria-label'} == set(root.keys())
    assert not re.search(r'http|xlink|<!--|<style|<\?xml|DOCTYPE', svg)
    assert texts(svg)
    assert svg_chart('three', draw) == svg


def test_settings_of_the_user_do_not_change_a_chart() -> None:
    import matplotlib

    chart = calibration([(BLUE, {'levels': [0.5], 'observed': [0.5]})])
    with matplotlib.rc_context({'lines.linewidth': 9, 'font.size': 30, 'axes.facecolor': 'k'}):
        other = calibration([(BLUE, {'levels': [0.5], 'observed': [0.5]})])
    assert chart == other


def test_matplotlib_is_loaded_only_when_something_is_drawn() -> None:
    program = (
        'import sys; from adu_depth_core.evaluation.report import report_html; '
        'report_html({"title": "a", "model": {}, "sensors": {}}, []); '
        'print("matplotlib" in sys.modules)'
    )
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert done.stdout.strip() == 'False', done.stderr


def test_drawing_leaves_the_state_of_pyplot_alone() -> None:
    program = (
        'import sys; from adu_depth_core.evaluation.report.drawing import svg_chart; '
        'svg_chart("a", lambda figure: figure.subplots().plot([1, 2])); '
        'print("matplotlib.pyplot" in sys.modules)'
    )
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert done.stdout.strip() == 'False', done.stderr


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` as WCAG 2 defines it."""
    shares = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(shares <= 0.03928, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize('colour', SERIES)
def test_lines_stand_out_on_a_light_and_on_a_dark_page(colour: str) -> None:
    light = luminance(colour) + 0.05
    assert (luminance('#ffffff') + 0.05) / light >= 3
    assert light / (luminance('#121212') + 0.05) >= 3
