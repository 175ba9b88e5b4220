# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which runtime is taken, in which precision, and that the head stays in float32."""

import logging
import shutil
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from adu_depth_core.errors import InputError
from adu_depth_core.inference import runtimes
from adu_depth_core.inference.model_info import ModelInfo
from adu_depth_core.inference.openvino_runtime import native_precisions
from adu_depth_core.inference.parity import compared, measured_parity, parity_frame
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.inference.runtimes import load_runtime
from adu_depth_core.inference.torch_runtime import TorchRuntime
from adu_depth_core.weights import shipped_model

TINY = shipped_model('tiny')

SMALL = ModelInfo('tiny', canonical_focal=360.0, pixels=64 * 64)


@dataclass
class Blurred:
    """Answers 10 m to 20 m, in a lower precision with a relative error."""

    precision: str
    error: float = 0.0
    native_precision: str = 'bfloat16'
    name: str = 'blurred'
    device: str = 'cpu'
    info: ModelInfo = SMALL
    model_sha256: str = ''
    fixed_size: tuple[int, int] | None = None

    def __call__(self, image, fx):
        depth = np.linspace(10, 20, image[..., 0].size, dtype=np.float32)
        depth = depth.reshape(image.shape[:2])
        if self.precision != 'float32':
            depth = depth * np.float32(1 + self.error)
        return depth, depth


@pytest.mark.parametrize(
    ('installed', 'expected'),
    [
        ({'openvino', 'onnxruntime', 'torch'}, 'openvino'),
        ({'onnxruntime', 'torch'}, 'onnxruntime'),
        ({'torch'}, 'torch'),
    ],
)
def test_auto_takes_the_fastest_that_is_installed(monkeypatch, installed, expected):
    monkeypatch.setattr(runtimes, 'is_installed', installed.__contains__)
    assert load_runtime(TINY, device='cpu').runtime.name == expected


def test_model_without_a_graph_runs_in_torch(tmp_path):
    shutil.copy(TINY, tmp_path / 'model.safetensors')
    assert load_runtime(tmp_path / 'model.safetensors', device='cpu').runtime.name == 'torch'


def test_graph_without_a_model_file_runs(tmp_path):
    shutil.copy(TINY.with_suffix('.onnx'), tmp_path / 'model.onnx')
    assert load_runtime(tmp_path / 'model.onnx').runtime.name != 'torch'
    with pytest.raises(InputError, match=r'no model file beside the graph'):
        load_runtime(tmp_path / 'model.onnx', runtime='torch')


@pytest.mark.parametrize(
    ('device', 'with_cuda', 'expected'),
    [
        ('auto', {'torch', 'onnxruntime'}, 'torch'),
        ('auto', {'onnxruntime'}, 'onnxruntime'),
        ('auto', set(), 'openvino'),
        ('cpu', {'torch', 'onnxruntime'}, 'openvino'),
        ('cuda:1', {'onnxruntime'}, 'onnxruntime'),
        ('tensorrt', {'torch', 'onnxruntime'}, 'onnxruntime'),
    ],
)
def test_auto_prefers_a_gpu_where_a_runtime_has_one(monkeypatch, device, with_cuda, expected):
    monkeypatch.setattr(runtimes, '_has_nvidia_driver', lambda: True)
    monkeypatch.setattr(runtimes, '_has_cuda', with_cuda.__contains__)
    assert runtimes._fastest(TINY, device) == expected


@pytest.mark.parametrize('runtime', ['openvino', 'onnxruntime', 'torch'])
def test_runtime_that_is_not_installed_is_refused(monkeypatch, runtime):
    monkeypatch.setattr(runtimes, 'is_installed', lambda name: False)
    with pytest.raises(InputError, match=f'"{runtime}" is not installed; pip install'):
        load_runtime(TINY, runtime=runtime)


@pytest.mark.parametrize(
    ('error', 'precision', 'level'), [(0.001, 'bfloat16', 'INFO'), (0.01, 'float32', 'WARNING')]
)
def test_lower_precision_is_taken_only_if_its_depth_is_good(caplog, error, precision, level):
    with caplog.at_level(logging.INFO):
        loaded = runtimes._judged(lambda precision: Blurred(precision, error))
    assert loaded.runtime.precision == precision
    assert loaded.parity.mean == pytest.approx(error, rel=1e-3)
    assert caplog.records[-1].levelname == level
    assert f'mean {100 * error:.2f} %' in caplog.text


def test_lower_precision_that_cannot_be_had_leaves_float32(caplog):
    def load(precision):
        if precision != 'float32':
            raise InputError('no such luck')
        return Blurred(precision)

    assert runtimes._judged(load).runtime.precision == 'float32'
    assert 'no such luck' in caplog.text


def test_openvino_keeps_the_head_in_float32():
    lower = native_precisions()
    if not lower:
        with pytest.raises(InputError, match='is not to be had with openvino on this CPU'):
            load_runtime(TINY, 'openvino', 'cpu', 'bfloat16')
        pytest.skip('this CPU has no lower precision')
    fast, exact = (
        load_runtime(TINY, 'openvino', 'cpu', name).runtime for name in (lower[0], 'float32')
    )
    parity = measured_parity(fast, exact)
    assert (fast.precision, exact.precision) == (lower[0], 'float32')
    assert parity.distinct > 0.9 * parity.distinct_reference > 50_000
    assert 0 < parity.mean < 0.005
    assert parity.largest < 0.05


@pytest.mark.parametrize('precision', ['bfloat16', 'float16'])
def test_torch_keeps_the_head_in_float32(precision):
    fast, exact = (TorchRuntime(TINY, 'cpu', name) for name in (precision, 'float32'))
    frame = parity_frame(256, 96)
    (depth, std), (reference, _) = fast(frame, 300.0), exact(frame, 300.0)
    parity = compared(depth, reference)
    assert depth.dtype == std.dtype == np.float32
    assert parity.distinct > 0.9 * parity.distinct_reference > 10_000
    assert 0 < parity.mean < 0.01
    assert {p.dtype for p in fast._model.network.head.parameters()} == {torch.float32}
    assert {p.dtype for p in fast._model.network.decoder.parameters()} == {
        getattr(torch, precision)
    }


@pytest.mark.parametrize('runtime', ['openvino', 'onnxruntime'])
def test_graph_is_run_without_torch(runtime):
    program = (
        'import sys, numpy as np\n'
        'from adu_depth_core.camera import Camera\n'
        'from adu_depth_core.inference.predictor import Predictor\n'
        f"predictor = Predictor.load('tiny', runtime='{runtime}', device='cpu')\n"
        'predictor.warm_up()\n'
        "print({'torch', 'onnx', 'timm', 'lightning'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, 'set()'), done.stderr


def test_predictor_tells_what_it_runs_on():
    predictor = Predictor.load('tiny', runtime='onnxruntime', device='cpu')
    assert (predictor.runtime_name, predictor.device_name) == ('onnxruntime', 'cpu')
    assert (predictor.precision, predictor.parity) == ('float32', None)
    assert predictor.without_limits().precision == 'float32'
