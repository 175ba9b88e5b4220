# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What benchmark/speed measures beside `adu-depth benchmark`, and the targets it judges by."""

import sys
from pathlib import Path

import pytest

from adu_depth_core.benchmarks import parts
from adu_depth_ros.benchmarks import node_tables

REPOSITORY = Path(__file__).parents[2]
# Its modules are scripts that import each other by their bare names.
sys.path.insert(0, str(REPOSITORY / 'benchmark' / 'speed'))

import bag_reading  # noqa: E402
import forward_beside_baseline  # noqa: E402
import measure  # noqa: E402
import raw_images  # noqa: E402
import rendering_speed  # noqa: E402
import training_speed  # noqa: E402
from forward_beside_baseline import BASELINE  # noqa: E402
from project_targets import Target, judged, targets_of_forward, targets_of_node, targets_table  # noqa: E402


def test_parts_say_what_they_measure() -> None:
    for part in (
        forward_beside_baseline,
        bag_reading,
        raw_images,
        rendering_speed,
        training_speed,
    ):
        assert '\n' not in part.SUMMARY
        assert callable(part.measure)
        assert callable(part.tables)


def test_nothing_is_judged_where_nothing_was_wanted() -> None:
    assert judged({'bags': {}, 'rendering': {}}) == []


def test_targets_are_met_on_the_right_side_of_their_bound() -> None:
    found = [
        Target('ms', 25.0, 25),
        Target('ms', 25.1, 25),
        Target('times', 6.0, 6, 'at least'),
        Target('times', 5.9, 6, 'at least'),
        Target('ms', None, 25),
        Target('ms', float('nan'), 25),
    ]
    assert [target.met for target in found] == [True, False, True, False, False, False]
    assert '| times | ≥ 6 | 5.90 | **missed** |' in targets_table(found).markdown()


def test_bags_are_read_in_all_forms(tmp_path: Path) -> None:
    result = bag_reading.measure(parts.Options(tmp_path, cores=1, quick=True))
    rows = {(row['storage'], row['images'], row['step']): row for row in result['rows']}
    assert len(rows) == len(result['rows']) == 12
    for row in rows.values():
        assert row['count'] == result['rounds'] == 2
        assert row['ms_a_frame'] == pytest.approx(row['p50_ms'] / 3, abs=1e-3)
    megabytes = [
        rows['mcap', form, 'bytes']['mb_per_s'] * rows['mcap', form, 'bytes']['p50_ms'] / 1e3
        for form in ('raw', 'compressed')
    ]
    raw_mb = 3 * 1242 * 375 * (3 + 4) / 1e6
    assert megabytes[0] == pytest.approx(raw_mb, rel=0.05)
    assert megabytes[1] < raw_mb / 2


def test_raw_images_are_compared_with_the_resize_of_rectified_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_images, 'SIZES', ((320, 96),))
    result = raw_images.measure(parts.Options(tmp_path, cores=1, quick=True))
    plain, *raw = result['rows']
    assert (plain['lens'], plain['more_ms'], plain['ratio']) == ('resize', 0, 1)
    assert [row['lens'] for row in raw] == ['plumb_bob', 'rational_polynomial', 'equidistant']
    for row in raw:
        assert row['count'] == result['runs'] * result['rounds'] == 6
        assert row['more_ms'] == pytest.approx(row['p50_ms'] - plain['p50_ms'], abs=1e-3)
    (table,) = raw_images.tables(result)
    assert '| 320×96 | 320×96 | equidistant |' in table.markdown()


def test_frames_a_second_of_a_gpu_are_judged() -> None:
    rows = [
        {'network': name, 'width': 1216, 'height': 352, 'alone': {'p50_ms': ms}}
        for name, ms in (('tiny', 1.0), ('base', 4.0), ('resnet18 u-net', 9.0))
    ]
    found = targets_of_forward({'rows': [], 'gpu': {'rows': rows}})
    assert [(t.found, t.bound, t.met) for t in found] == [(1000, 800, True), (250, 400, False)]


def test_targets_are_for_the_fastest_runtime_against_the_fastest_baseline() -> None:
    size = {'width': 1216, 'height': 352}
    rows = [
        {'network': 'tiny', 'precision': 'bfloat16', 'p50_ms': 30.0, **size},
        {'network': 'tiny', 'precision': 'bfloat16', 'p50_ms': 20.0, **size},
        {'network': 'tiny', 'precision': 'float32', 'p50_ms': 60.0, **size},
        {'network': BASELINE, 'precision': 'float32', 'p50_ms': 400.0, **size},
        {'network': BASELINE, 'precision': 'bfloat16', 'p50_ms': 160.0, **size},
    ]
    found = targets_of_forward({'rows': rows, 'gpu': {}})
    assert [(t.found, t.met) for t in found] == [
        (20.0, True),
        (8.0, True),
        (60.0, False),
        (pytest.approx(160 / 60), False),
    ]


def test_targets_compare_the_node_with_its_network_and_the_echo() -> None:
    def row(kind: str, rate: int, p50: float, p99: float) -> dict:
        turn = {'p50_ms': p50, 'p95_ms': p99, 'p99_ms': p99, 'dropped': 0}
        stages = {'network': {'p50_ms': 25, 'p99_ms': 29}, 'own work': {'p50_ms': 4.5}}
        beyond = [{'p99_ms': late} for late in (8.0, 9.5, 12.0)]
        found = {'rounds': [turn], 'stages': [stages], 'beyond_two_passes': beyond}
        return {'kind': kind, 'rate_hz': rate, **found}

    rows = [
        *(row('echo', 30, 5, 9), row(node_tables.SIZE, 30, 33.5, 60)),
        *(row('echo', 60, 6, 9), row(node_tables.SIZE, 60, 55, 68)),
    ]
    found = {t.what: t for t in targets_of_node({'rows': rows, 'start_up': []})}
    by_end = {what.partition(': ')[2]: t for what, t in found.items()}
    assert by_end['p50 beyond network and echo, ms'].found == pytest.approx(3.5)
    median, late = (
        by_end[f'stamp to receipt {name}, ms; two passes and the echo'] for name in ('p50', 'p99')
    )
    assert (median.found, median.bound, median.met) == (55, 56, True)
    assert (late.found, late.bound, late.met) == (68, 67, False)
    age = by_end['image by image, p99 of the age beyond two passes, ms; wanted: p99 of the echo']
    assert (age.found, age.bound, age.met) == (9.5, 9, False)
    assert sum(target.met for target in found.values()) == 5


def test_memory_that_rises_by_one_block_misses_its_target() -> None:
    memory = {'minutes': 10, 'second_tenth_mb': 300.0, 'mb_per_minute': 0.0}
    for last_mb, met in ((300.5, True), (301.4, False)):
        result = {'memory': {**memory, 'last_tenth_mb': last_mb}}
        risen, slope = targets_of_node(result)
        assert (risen.found, risen.met) == (pytest.approx((last_mb - 300) / 8), met)
        assert slope.met


def test_rendering_takes_every_way_and_counts_cpu_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering_speed, 'processors', lambda cores: [('cpu', 1)])
    result = rendering_speed.measure(parts.Options(tmp_path, cores=1, quick=True))
    (row,) = result['rows']
    assert (row['device'], row['threads'], row['width'], row['height']) == ('cpu', 1, 320, 96)
    assert row['cpu_seconds_a_pair'] > 0
    (table,) = rendering_speed.tables(result)
    assert table.rows[0][3] == pytest.approx(1e3 / row['p50_ms'])


def test_the_tables_in_the_docs_are_those_of_the_results(
    capsys: pytest.CaptureFixture[str],
) -> None:
    results = sorted((REPOSITORY / 'benchmark/results/performance').glob('*.json'))
    assert measure.main(['--table', *map(str, results)]) == 0
    page = (REPOSITORY / 'docs/performance.md').read_text()
    assert page.partition('<!-- tables -->')[2].strip() == capsys.readouterr().out.strip()
