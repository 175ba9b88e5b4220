# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What `adu-depth benchmark` is made of: figures, turns, tables, conditions."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from adu_depth_core.benchmarks import parts
from adu_depth_core.benchmarks.conditions import pinned
from adu_depth_core.benchmarks.durations import interleaved, percentiles_ms, spread_ms
from adu_depth_core.benchmarks.process_figures import child_running, sample
from adu_depth_core.benchmarks.tables import Table, cell
from adu_depth_core.benchmarks.worker import FEWEST_RUNS, Work, Worker, timed
from adu_depth_core.commands import benchmark
from adu_depth_core.errors import InputError


# A worker finds functions of installed modules only, so these are made of such.
def always(work: Callable[..., object], *given: object) -> Callable[[], Work]:
    return partial(partial, work, *given)


def test_percentiles_are_in_milliseconds() -> None:
    found = percentiles_ms([n / 1000 for n in range(101)])
    assert found == {'p50_ms': 50, 'p95_ms': 95, 'p99_ms': 99}


def test_percentiles_of_nothing_are_unknown() -> None:
    assert set(percentiles_ms([]).values()) == {None}


def test_spread_tells_the_medians_of_rounds() -> None:
    found = spread_ms([[0.001, 0.002, 0.003], [0.004, 0.005, 0.009], []])
    assert (found['least_p50_ms'], found['largest_p50_ms'], found['count']) == (2, 5, 6)


def test_a_slow_round_with_few_runs_counts_as_much_as_a_fast_one() -> None:
    found = spread_ms([[0.001] * 100, [0.008] * 10, [0.009] * 10])
    assert found['p50_ms'] == 8
    assert spread_ms([[]])['p50_ms'] is None


def test_contenders_take_turns() -> None:
    order: list[str] = []
    turns = {name: partial(order.append, name) for name in 'AB'}
    visits = interleaved(turns, 3)
    assert ''.join(order) == 'ABABAB'
    assert visits == {'A': [None] * 3, 'B': [None] * 3}


def test_runs_before_the_timing_do_not_count() -> None:
    runs: list[int] = []
    found = timed(lambda: runs.append(0), 0.0)
    assert len(found.seconds) == FEWEST_RUNS
    assert len(runs) == FEWEST_RUNS + 1


def test_a_worker_times_in_another_process() -> None:
    with Worker(always(time.sleep, 0.01)) as worker:
        visits = [worker.visit(0.0), worker.visit(0.1)]
    assert all(second >= 0.01 for visit in visits for second in visit.seconds)
    assert sum(visits[1].seconds) >= 0.1
    assert visits[0].cpu_seconds < sum(visits[0].seconds)


def test_what_a_worker_cannot_make_is_told_here() -> None:
    with pytest.raises(InputError, match='no benchmark "nothing"'):
        Worker(partial(parts.find_part, 'nothing', {}))  # type: ignore[arg-type]


def test_the_death_of_a_worker_is_told_here() -> None:
    with Worker(always(os._exit, 3)) as worker, pytest.raises(InputError, match='ended with 3'):
        worker.visit(0.0)


def test_a_process_is_found_and_its_figures_read() -> None:
    program = 'import time; kept = bytearray(50_000_000); print(flush=True); time.sleep(60)'
    words = [sys.executable, '-c', program, 'mark.of.this_test']
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            assert child_running('mark.of.this_test') == process.pid
            found = sample(process.pid)
        finally:
            process.kill()
    assert found is not None
    assert 50 < found.resident_mb < 150
    assert found.cpu_s < 10
    assert child_running('mark.of.this_test') is None
    assert sample(process.pid) is None


def test_pinning_holds_for_the_block_and_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('OMP_NUM_THREADS', '7')
    monkeypatch.delenv('MKL_NUM_THREADS', raising=False)
    before = os.sched_getaffinity(0)
    with pinned(1) as cores:
        assert cores == len(os.sched_getaffinity(0)) == 1
        assert os.environ['OMP_NUM_THREADS'] == os.environ['MKL_NUM_THREADS'] == '1'
    assert os.sched_getaffinity(0) == before
    assert os.environ['OMP_NUM_THREADS'] == '7'
    assert 'MKL_NUM_THREADS' not in os.environ


def test_more_cores_than_there_are_are_refused() -> None:
    with pytest.raises(InputError, match='--cores 100000'), pinned(100_000):
        pass


@pytest.mark.parametrize(
    ('value', 'text'),
    [
        (None, '–'),
        (float('nan'), '–'),
        ('a|b', 'a\\|b'),
        (1234.4, '1234'),
        (1234, '1234'),
        (5, '5'),
        (12.345, '12.3'),
        (1.234, '1.23'),
        (0.0, '0'),
    ],
)
def test_cells_have_three_figures(value: float | str | None, text: str) -> None:
    assert cell(value) == text


def test_a_table_is_markdown_with_numbers_to_the_right() -> None:
    table = Table('Title', 'Note.', ('what', 'ms'), [('a', 1.0), ('b', None)])
    assert table.markdown() == (
        '### Title\n\nNote.\n\n| what | ms |\n|---|---:|\n| a | 1.00 |\n| b | – |'
    )


def test_all_parts_are_registered_and_say_what_they_measure() -> None:
    modules = parts.installed()
    assert list(modules) == ['forward', 'node']
    for name in modules:
        part = parts.find_part(name, modules)
        assert '\n' not in part.SUMMARY
        assert callable(part.measure)
        assert callable(part.tables)


def test_tables_of_forward_and_node_need_neither_torch_nor_ros() -> None:
    program = (
        'import sys; from adu_depth_core.benchmarks.parts import find_part, installed; '
        '[find_part(name, installed()) for name in installed()]; '
        "print(sorted({'torch', 'timm', 'rclpy', 'openvino'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert done.stdout == '[]\n', done.stderr


def test_an_unknown_part_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r'"speed".*forward, node'):
        parts.find_part('speed', {'forward': 'a', 'node': 'b'})


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Parts that take no time: one that gives a figure, and one that cannot."""

    def fail(options: parts.Options) -> parts.Result:
        raise InputError('the node took no image')

    good, bad = ModuleType('good_part'), ModuleType('bad_part')
    for module in (good, bad):
        module.SUMMARY = 'nothing'  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
    good.measure = lambda options: {'ms': 2.5, 'cores': options.cores}  # type: ignore[attr-defined]
    good.tables = lambda result: [Table('Good', '', ('ms',), [(result['ms'],)])]  # type: ignore[attr-defined]
    bad.measure = fail  # type: ignore[attr-defined]
    return {'good': 'good_part', 'bad': 'bad_part'}


def test_the_command_writes_json_and_prints_the_same_again(
    quick: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / 'result.json'
    words = ['good', '--quick', '--cores', '1', '--output', str(output)]
    assert benchmark.run(words, quick) == 0
    printed = capsys.readouterr().out
    document = json.loads(output.read_text())
    assert document['cores'] == document['parts']['good']['cores'] == 1
    assert document['threads']['OMP_NUM_THREADS'] == '1'
    assert document['libraries']['numpy']
    assert 'these figures are worth nothing' in printed
    assert '| 2.50 |' in printed
    assert benchmark.run(['--table', str(output)], quick) == 0
    assert capsys.readouterr().out == printed


def test_tables_of_a_judge_come_before_those_of_the_parts(
    quick: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ['good', '--output', str(tmp_path / 'result.json')]
    benchmark.run(words, quick, lambda results: [Table('Judged', '', ('n',), [(len(results),)])])
    printed = capsys.readouterr().out
    assert 0 < printed.index('### Judged') < printed.index('### Good')


def test_what_was_measured_before_a_failure_is_kept(quick: dict[str, str], tmp_path: Path) -> None:
    output = tmp_path / 'result.json'
    with pytest.raises(InputError, match='took no image'):
        benchmark.run(['good', 'bad', '--cores', '1', '--output', str(output)], quick)
    assert list(json.loads(output.read_text())['parts']) == ['good']


def test_output_that_cannot_be_written_is_refused_before_anything_is_measured(
    quick: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / 'file').touch()
    with pytest.raises(InputError, match='cannot be written'):
        benchmark.run(['bad', '--output', str(tmp_path / 'file' / 'result.json')], quick)


def test_a_table_of_something_else_is_refused(tmp_path: Path) -> None:
    other = tmp_path / 'other.json'
    other.write_text('{}')
    for path in (other, tmp_path / 'nowhere.json'):
        with pytest.raises(InputError, match=path.name):
            benchmark.main(['--table', str(path)])


def test_watching_memory_is_for_the_node_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        benchmark.main(['forward', '--minutes', '1'])
    assert '--minutes' in capsys.readouterr().err
