# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The U-Net that benchmark/speed times in turns with our networks: its shape, and its rows."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from adu_depth_core.benchmarks import forward
from adu_depth_core.benchmarks.forward import Mode
from adu_depth_core.benchmarks.gpu import work_of
from adu_depth_core.benchmarks.parts import Options
from adu_depth_core.errors import InputError

# Its modules are scripts that import each other by their bare names.
sys.path.insert(0, str(Path(__file__).parents[2] / 'benchmark' / 'speed'))

import forward_beside_baseline
from forward_beside_baseline import BASELINE, make_baseline
from unet_baseline import WIDTHS, ResNet18UNet, WithoutFocalLength, baseline, baseline_graph

SIZE = 96, 64


@pytest.fixture(scope='module')
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return baseline_graph(tmp_path_factory.mktemp('networks'), SIZE)


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
        expected = torch.as_tensor(
            make_baseline(Mode(BASELINE, 'torch', 'float32'), graph, SIZE)()
        )
    by_onnxruntime: Any = make_baseline(Mode(BASELINE, 'onnxruntime', 'float32'), graph, SIZE)()
    by_openvino: Any = make_baseline(Mode(BASELINE, 'openvino', 'float32'), graph, SIZE)()
    for found in (by_onnxruntime[0], by_openvino['disparity']):
        assert torch.allclose(torch.as_tensor(found), expected, atol=1e-3)


def test_a_runtime_that_the_baseline_does_not_know_is_one_sentence(graph: Path) -> None:
    with pytest.raises(InputError, match='the baseline is not timed in runtime "opencv"'):
        make_baseline(Mode(BASELINE, 'opencv', 'float32'), graph, SIZE)


def test_work_of_the_baseline_is_the_same_behind_the_face_of_ours() -> None:
    image = torch.zeros(1, SIZE[1], SIZE[0], 3, dtype=torch.uint8)
    behind = work_of(WithoutFocalLength(baseline()), image, torch.ones(1))
    assert behind == work_of(baseline(), image)


def test_baseline_takes_turns_with_ours_and_ratios_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, 'SIZES', ((1216, 352), SIZE))
    monkeypatch.setattr(forward, 'RUNTIMES', {'openvino': ('float32', 'float16')})
    result = forward_beside_baseline.measure(Options(tmp_path, cores=1, quick=True))
    rows = {row['network']: row for row in result['rows'] if row['precision'] == 'float32'}
    assert list(rows) == ['tiny', BASELINE]
    (table,) = forward_beside_baseline.tables(result)[:1]
    fastest = forward.fastest_ms(result, SIZE, BASELINE)
    for cells in table.rows:
        assert cells[-1] == pytest.approx(fastest / float(cells[3]))  # type: ignore[arg-type]
