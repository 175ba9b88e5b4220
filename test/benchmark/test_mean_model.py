# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The mean of models is that of their weights, and models of different kinds have none."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_file import load_model_file, write_model_file
from adu_depth_core.inference.model_info import ModelInfo
from adu_depth_core.models.bfloat16_weights import round_weights
from adu_depth_core.models.presets import PRESETS
from adu_depth_core.models.student import Student

sys.path.insert(0, str(Path(__file__).parents[2] / 'benchmark'))

from mean_model import main

INFO = ModelInfo('tiny', 360.0, temperature=1.0)


def written(folder: Path, seed: int, info: ModelInfo = INFO) -> Path:
    torch.manual_seed(seed)
    path = folder / f'{seed}.safetensors'
    write_model_file(path, Student(PRESETS['tiny']), info)
    return path


def test_mean_has_the_mean_weights_and_a_temperature_between(tmp_path: Path) -> None:
    paths = [written(tmp_path, 0), written(tmp_path, 1, replace(INFO, temperature=4.0))]
    output = tmp_path / 'mean.safetensors'
    assert main([*map(str, paths), '--output', str(output)]) == 0
    mean, info = load_model_file(output)
    assert info.temperature == pytest.approx(2.0)
    first, second = (load_model_file(path)[0].network.state_dict() for path in paths)
    expected = Student(PRESETS['tiny'])
    expected.load_state_dict({name: (first[name] + second[name]) / 2 for name in first})
    round_weights(expected)
    for name, tensor in mean.network.state_dict().items():
        torch.testing.assert_close(tensor, expected.state_dict()[name], rtol=1e-3, atol=1e-6)


def test_models_that_differ_have_no_mean(tmp_path: Path) -> None:
    paths = [written(tmp_path, 0), written(tmp_path, 1, replace(INFO, canonical_focal=500.0))]
    with pytest.raises(InputError, match=r'1\.safetensors: is another kind of model than .*0\.'):
        main([*map(str, paths), '--output', str(tmp_path / 'mean.safetensors')])
    assert not (tmp_path / 'mean.safetensors').exists()
