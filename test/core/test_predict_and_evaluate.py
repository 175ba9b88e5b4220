# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The command evaluate, with the model that ships."""

import json

import numpy as np
import pytest

from adu_depth_core.commands.evaluate import main as evaluate
from adu_depth_core.data.kitti_raw import KittiRaw
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.evaluate import scored
from adu_depth_core.evaluation.protocols import find_protocol
from adu_depth_core.inference.predictor import Prediction, Predictor


@pytest.mark.real_data
def test_evaluate_writes_the_protocol_beside_its_figures(data_root, tmp_path, capsys):
    root = data_root / 'kitti_raw'
    report = tmp_path / 'result.json'
    arguments = ['--data', f'kitti_raw:{root}', '--drives', '0005[114-117]', '--json', str(report)]
    assert evaluate(arguments) == 0
    result = json.loads(report.read_text())
    assert result['protocol'] == 'eigen_garg_kb'
    assert (result['images'], result['missing']) == (4, 0)
    for name in ('abs_rel', 'sq_rel', 'rmse', 'rmse_log', 'd1', 'd2', 'd3', 'silog'):
        assert np.isfinite(result[name])
    assert len(result['model_sha256']) == 64
    printed = capsys.readouterr().out
    assert 'eigen_garg_kb' in printed
    assert f'{result["abs_rel"]:.4f}' in printed


@pytest.mark.real_data
def test_figures_equal_a_computation_written_out_in_plain_numpy(data_root):
    dataset = KittiRaw(data_root / 'kitti_raw', drives=['0002'])
    predictor = Predictor.load().without_limits()
    predictions = [predictor(dataset[i].left, dataset[i].camera) for i in range(3)]
    answers = iter(predictions)

    class First:
        missing = dataset.missing

        def __len__(self):
            return 3

        def __getitem__(self, index):
            return dataset[index]

    result = scored(First(), find_protocol('eigen_garg_kb'), lambda _: next(answers))
    expected = []
    for i, prediction in enumerate(predictions):
        g = dataset[i].depth_m[375 - 352 :, 13 : 13 + 1216][143:349, 43:1172]
        p = prediction.depth_m[375 - 352 :, 13 : 13 + 1216][143:349, 43:1172]
        good = (g > 1e-3) & (g < 80)
        p, g = np.clip(p[good], 1e-3, 80).astype(np.float64), g[good].astype(np.float64)
        expected.append([np.mean(abs(p - g) / g), np.sqrt(np.mean((p - g) ** 2))])
    assert result['abs_rel'] == pytest.approx(np.mean(expected, 0)[0], abs=1e-6)
    assert result['rmse'] == pytest.approx(np.mean(expected, 0)[1], abs=1e-6)


@pytest.mark.real_data
def test_drive_without_truth_cannot_be_scored(data_root):
    dataset = KittiRaw(data_root / 'kitti_raw', drives=['0001[0-4]'])
    with pytest.raises(InputError, match='none of'):
        scored(dataset, find_protocol('eigen_garg_kb'), lambda _: Prediction(None, None))
