# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Networks as `adu-depth benchmark` times them: the baseline's shape, modes, work and rows."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from adu_depth_core.benchmarks import forward, forward_modes
from adu_depth_core.benchmarks.forward_modes import BASELINE, Mode, maker
from adu_depth_core.benchmarks.gpu import measure_gpu, work_of
from adu_depth_core.benchmarks.networks import baseline, baseline_graph, model_of_preset
from adu_depth_core.benchmarks.parts import Options
from adu_depth_core.benchmarks.unet_baseline import WIDTHS, ResNet18UNet
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.weights import shipped_model

SIZE = 96, 64


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp('networks')


@pytest.fixture(scope='module')
def graph(folder: Path) -> Path:
    return baseline_graph(folder, *SIZE)


def test_the_baseline_has_the_size_of_the_one_described() -> None:
    network = ResNet18UNet()
    encoder = sum(p.numel() for p in network.encoder.parameters())
    decoder = sum(p.numel() for n, p in network.named_parameters() if 'encoder' not in n)
    assert encoder == 11_176_512  # ResNet-18 without its classifier
    # Each level: 3x3 from what is below to its width, 3x3 from that and what is beside it.
    below, beside = (512, *WIDTHS[:-1]), (256, 128, 64, 64, 0)
    levels = zip(below, beside, WIDTHS, strict=True)
    convolutions = sum(9 * w * (b + w + s) + 2 * w for b, s, w in levels)
    assert decoder == convolutions + 9 * WIDTHS[-1] + 1


def test_the_baseline_answers_at_full_size_with_a_disparity_between_0_and_1() -> None:
    image = torch.randint(0, 256, (1, SIZE[1], SIZE[0], 3), dtype=torch.uint8)
    with torch.no_grad():
        disparity = baseline()(image)
        again = baseline()(image)
    assert disparity.shape == (1, SIZE[1], SIZE[0])
    assert 0 < disparity.min() < disparity.max() < 1
    assert torch.equal(disparity, again)


def test_the_baseline_in_bfloat16_says_nearly_the_same() -> None:
    image = torch.randint(0, 256, (1, SIZE[1], SIZE[0], 3), dtype=torch.uint8)
    with torch.no_grad():
        difference = baseline()(image) - baseline().computing_in(torch.bfloat16)(image)
    assert difference.abs().max() < 0.05


def test_all_runtimes_of_the_baseline_agree(graph: Path) -> None:
    with torch.no_grad():
        expected = torch.as_tensor(maker(Mode(BASELINE, 'torch', 'float32'), graph, SIZE)()())
    by_onnxruntime: Any = maker(Mode(BASELINE, 'onnxruntime', 'float32'), graph, SIZE)()()
    by_openvino: Any = maker(Mode(BASELINE, 'openvino', 'float32'), graph, SIZE)()()
    for found in (by_onnxruntime[0], by_openvino['disparity']):
        assert torch.allclose(torch.as_tensor(found), expected, atol=1e-3)


def test_a_preset_that_ships_is_timed_as_it_ships(folder: Path) -> None:
    assert model_of_preset('tiny', folder) == shipped_model('tiny')


@pytest.mark.slow
def test_a_preset_that_does_not_ship_is_written_untrained_and_runs(folder: Path) -> None:
    path = model_of_preset('base', folder)
    assert path.with_suffix('.onnx').is_file()
    predictor = Predictor.load(str(path), runtime='onnxruntime', precision='float32')
    assert predictor.info.preset == 'base'


def test_a_forward_run_has_a_row_for_each_mode_and_ratios_that_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, 'SIZES', ((1216, 352), SIZE))
    monkeypatch.setattr(forward_modes, 'RUNTIMES', {'openvino': ('float32', 'float16')})
    result = forward.measure(Options(tmp_path, cores=1, quick=True))
    rows = {row['network']: row for row in result['rows'] if row['precision'] == 'float32'}
    assert list(rows) == ['tiny', BASELINE]
    for row in rows.values():
        assert 0 < row['p50_ms'] <= row['p95_ms'] <= row['p99_ms']
        assert row['count'] >= 3
        assert row['cores_used'] > 0
    timed = {f'{row["network"]} openvino {row["precision"]}' for row in result['rows']}
    assert timed | set(result['left_out']) == {
        f'{network} openvino {p}' for network in rows for p in ('float32', 'float16')
    }
    assert all('float16' in name for name in result['left_out'])
    (table,) = forward.tables(result)[:1]
    fastest = forward.fastest_ms(result, SIZE, BASELINE)
    for cells in table.rows:
        assert cells[-1] == pytest.approx(fastest / float(cells[3]))  # type: ignore[arg-type]


def test_work_of_a_convolution_by_hand() -> None:
    layer = nn.Conv2d(2, 3, 3, padding=1, bias=False)
    flop, elements = work_of(nn.Sequential(layer), torch.zeros(1, 2, 4, 5))
    assert flop == 2 * (4 * 5) * 3 * (2 * 9)
    assert elements == 2 * 20 + 3 * 2 * 9 + 3 * 20


@pytest.mark.skipif(torch.cuda.is_available(), reason='there is a GPU')
def test_without_a_gpu_nothing_is_said_of_one(tmp_path: Path) -> None:
    assert measure_gpu(Options(tmp_path, cores=1), (SIZE,)) == {}
