# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Networks as `adu-depth benchmark` times them: modes, work and rows."""

from pathlib import Path

import pytest
import torch
from torch import nn

from adu_depth_core.benchmarks import forward
from adu_depth_core.benchmarks.gpu import measure_gpu, work_of
from adu_depth_core.benchmarks.networks import model_of_preset
from adu_depth_core.benchmarks.parts import Options
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.inference.runtimes.table import fastest_first
from adu_depth_core.weights import shipped_model

SIZE = 96, 64


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp('networks')


def test_a_preset_that_ships_is_timed_as_it_ships(folder: Path) -> None:
    assert model_of_preset('tiny', folder) == shipped_model('tiny')


@pytest.mark.slow
def test_a_preset_that_does_not_ship_is_written_untrained_and_runs(folder: Path) -> None:
    path = model_of_preset('base', folder)
    assert path.with_suffix('.onnx').is_file()
    predictor = Predictor.load(str(path), runtime='onnxruntime', precision='float32')
    assert predictor.info.preset == 'base'


def test_a_forward_run_has_a_row_for_each_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, 'SIZES', ((1216, 352), SIZE))
    monkeypatch.setattr(forward, 'RUNTIMES', {'openvino': ('float32', 'float16')})
    result = forward.measure(Options(tmp_path, cores=1, quick=True))
    rows = {row['network']: row for row in result['rows'] if row['precision'] == 'float32'}
    assert list(rows) == ['tiny']
    for row in rows.values():
        assert 0 < row['p50_ms'] <= row['p95_ms'] <= row['p99_ms']
        assert row['count'] >= 3
        assert row['cores_used'] > 0
    timed = {f'{row["network"]} openvino {row["precision"]}' for row in result['rows']}
    assert timed | set(result['left_out']) == {
        f'{network} openvino {p}' for network in rows for p in ('float32', 'float16')
    }
    assert all('float16' in name for name in result['left_out'])
    assert [cells[0] for cells in forward.tables(result)[0].rows] == ['tiny'] * len(result['rows'])


def test_every_runtime_for_a_cpu_is_timed_in_float32() -> None:
    timed = [mode.runtime for mode in forward.modes_of('tiny') if mode.precision == 'float32']
    assert timed == [row.name for row in fastest_first('cpu')]


def test_work_of_a_convolution_by_hand() -> None:
    layer = nn.Conv2d(2, 3, 3, padding=1, bias=False)
    flop, elements = work_of(nn.Sequential(layer), torch.zeros(1, 2, 4, 5))
    assert flop == 2 * (4 * 5) * 3 * (2 * 9)
    assert elements == 2 * 20 + 3 * 2 * 9 + 3 * 20


@pytest.mark.skipif(torch.cuda.is_available(), reason='there is a GPU')
def test_without_a_gpu_nothing_is_said_of_one(tmp_path: Path) -> None:
    assert measure_gpu(Options(tmp_path, cores=1), (SIZE,), ('tiny',), {}) == {}
