# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which runtime is taken, in which precision, and that the head stays in float32."""

import gc
import logging
import shutil
import subprocess
import sys
import weakref
from dataclasses import dataclass

import numpy as np
import onnxruntime
import pytest
import torch
from onnxruntime import InferenceSession

from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_info import ModelInfo
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.inference.runtimes import loading, onnx_runtime, openvino_runtime
from adu_depth_core.inference.runtimes.loading import load_runtime
from adu_depth_core.inference.runtimes.openvino_runtime import native_precisions
from adu_depth_core.inference.runtimes.parity import compared, measured_parity, parity_frame
from adu_depth_core.inference.runtimes.torch_runtime import RecordedGraph, TorchRuntime
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
        ({'openvino', 'onnxruntime', 'torch', 'opencv'}, 'openvino'),
        ({'onnxruntime', 'torch', 'opencv'}, 'onnxruntime'),
        ({'torch', 'opencv'}, 'torch'),
        ({'opencv'}, 'opencv'),
    ],
)
def test_auto_takes_the_fastest_that_is_installed(monkeypatch, installed, expected):
    monkeypatch.setattr(loading, 'is_installed', installed.__contains__)
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
    monkeypatch.setattr(loading, '_has_nvidia_driver', lambda: True)
    monkeypatch.setattr(loading, '_has_cuda', lambda row: row.name in with_cuda)
    assert loading._usable(TINY, device)[0].name == expected


def test_auto_goes_on_where_a_library_is_broken(monkeypatch, caplog):
    def broken(*args):
        raise ImportError('libtbb.so.12: cannot open shared object file')

    monkeypatch.setattr(
        'adu_depth_core.inference.runtimes.openvino_runtime.OpenVinoRuntime', broken
    )
    assert load_runtime(TINY, device='cpu').runtime.name == 'onnxruntime'
    assert 'goes on without openvino: libtbb.so.12' in caplog.text
    with pytest.raises(ImportError):
        load_runtime(TINY, 'openvino', 'cpu')


class SessionWithoutGpu:
    """What onnxruntime gives where CUDA's libraries are not to be found."""

    def __init__(self, path, options, *, providers, enable_fallback):
        assert enable_fallback == 0
        self._session = InferenceSession(path, options, providers=providers[-1:])

    def __getattr__(self, name):
        return getattr(self._session, name)


@pytest.mark.parametrize('kind', ['cuda', 'tensorrt'])
def test_gpu_that_onnxruntime_leaves_out_is_no_cpu(monkeypatch, caplog, kind):
    monkeypatch.setenv('NVIDIA_TF32_OVERRIDE', '0')
    monkeypatch.setattr(onnxruntime, 'InferenceSession', SessionWithoutGpu)
    monkeypatch.setattr(onnxruntime, 'preload_dlls', lambda: None)
    providers = list(onnx_runtime.PROVIDERS.values())
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: providers)
    with pytest.raises(InputError, match=f'"{kind}": onnxruntime cannot load .*, it has CPU'):
        load_runtime(TINY, 'onnxruntime', kind)
    assert load_runtime(TINY, 'onnxruntime', 'auto').runtime.device == 'cpu'
    assert 'onnxruntime cannot load CUDAExecutionProvider' in caplog.text


def test_cameras_of_two_sizes_take_turns_without_compiling_again(monkeypatch):
    compiled = []
    original = openvino_runtime.of_size

    def counted(model, height, width):
        compiled.append((width, height))
        return original(model, height, width)

    monkeypatch.setattr(openvino_runtime, 'of_size', counted)
    runtime = load_runtime(TINY, 'openvino', 'cpu', 'float32').runtime
    frames = [parity_frame(64, 32), parity_frame(96, 64)]
    first, second = ([runtime(frame, 300.0)[0].copy() for frame in frames] for _ in range(2))
    assert compiled == [(64, 32), (96, 64)]
    for depth, again, frame in zip(first, second, frames, strict=True):
        assert depth.shape == frame.shape[:2]
        np.testing.assert_array_equal(depth, again)


@pytest.mark.parametrize('runtime', ['openvino', 'onnxruntime', 'torch', 'opencv'])
def test_memory_of_a_runtime_is_given_back_with_its_last_user(runtime):
    loaded = load_runtime(TINY, runtime, 'cpu', 'float32').runtime
    loaded(parity_frame(64, 64), 300.0)
    still_there = weakref.ref(loaded)
    gc.disable()
    try:
        del loaded
        assert still_there() is None
    finally:
        gc.enable()


@pytest.mark.parametrize('runtime', ['openvino', 'onnxruntime', 'torch', 'opencv'])
def test_runtime_that_is_not_installed_is_refused(monkeypatch, runtime):
    monkeypatch.setattr(loading, 'is_installed', lambda name: False)
    with pytest.raises(InputError, match=f'"{runtime}" is not installed; pip install'):
        load_runtime(TINY, runtime=runtime)


@pytest.mark.parametrize(
    ('error', 'precision', 'level'), [(0.001, 'bfloat16', 'INFO'), (0.01, 'float32', 'WARNING')]
)
def test_lower_precision_is_taken_only_if_its_depth_is_good(caplog, error, precision, level):
    with caplog.at_level(logging.INFO):
        loaded = loading._judged(lambda precision: Blurred(precision, error))
    assert loaded.runtime.precision == precision
    assert loaded.parity.mean == pytest.approx(error, rel=1e-3)
    assert caplog.records[-1].levelname == level
    assert f'mean {100 * error:.2f} %' in caplog.text


def test_lower_precision_that_cannot_be_had_leaves_float32(caplog):
    def load(precision):
        if precision != 'float32':
            raise InputError('no such luck')
        return Blurred(precision)

    assert loading._judged(load).runtime.precision == 'float32'
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
    assert parity.mean > 0
    assert parity.good


@pytest.mark.parametrize('precision', ['bfloat16', 'float16'])
def test_torch_keeps_the_head_in_float32(precision):
    fast, exact = (TorchRuntime(TINY, 'cpu', name) for name in (precision, 'float32'))
    frame = parity_frame(640, 192)  # the size for which the model was trained
    (depth, std), (reference, _) = fast(frame, 300.0), exact(frame, 300.0)
    parity = compared(depth, reference)
    assert depth.dtype == std.dtype == np.float32
    assert parity.distinct > 0.9 * parity.distinct_reference > 10_000
    assert 0 < parity.mean < 0.01
    assert {p.dtype for p in fast._model.network.head.parameters()} == {torch.float32}
    assert {p.dtype for p in fast._model.network.decoder.parameters()} == {
        getattr(torch, precision)
    }


@pytest.mark.parametrize('runtime', ['openvino', 'onnxruntime', 'opencv'])
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


on_a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason='there is no CUDA device')


@on_a_gpu
def test_cuda_graphs_of_two_sizes_are_the_network_on_the_cpu():
    fast, exact = TorchRuntime(TINY, 'cuda'), TorchRuntime(TINY, 'cpu')
    for size in ((640, 192), (320, 96), (640, 192)):
        frame = parity_frame(*size)
        for values, reference in zip(fast(frame, 300.0), exact(frame, 300.0), strict=True):
            np.testing.assert_allclose(values, reference, rtol=1e-3)


@on_a_gpu
def test_half_precision_on_a_gpu_stands_the_comparison():
    loaded = load_runtime(TINY, 'torch', 'cuda')
    assert (loaded.runtime.precision, loaded.parity.good) == ('float16', True)


@on_a_gpu
@torch.inference_mode()
def test_cuda_graph_keeps_the_weights_that_it_reads():
    layer = torch.nn.Linear(64, 64).cuda()
    image, fx = torch.ones(8, 64, device='cuda'), torch.ones(1, device='cuda')
    expected = layer(image).clone()
    recorded = RecordedGraph(lambda image, fx, layer=layer: (layer(image), fx), image, fx)
    del layer
    torch.cuda.empty_cache()
    torch.empty(2**26, device='cuda').fill_(float('nan'))
    torch.testing.assert_close(recorded(image, fx)[0], expected)


@on_a_gpu
def test_gpu_of_too_large_a_number_is_refused():
    with pytest.raises(InputError, match='"cuda:99": PyTorch finds'):
        TorchRuntime(TINY, 'cuda:99')


TWO_RUNTIMES_AND_A_SIGNAL = """
import gc, os, signal
import openvino
from pathlib import Path
from adu_depth_core.inference.runtimes.openvino_runtime import OpenVinoRuntime, native_precisions

cores, made = openvino.Core, []
openvino.Core = lambda: made.append(1) or cores()
first, second = (OpenVinoRuntime(Path({graph!r})) for _ in range(2))
native_precisions()
for name in ('first', 'second'):
    del globals()[name]
    gc.collect()
signal.signal(signal.SIGTERM, lambda *_: print('heard', len(made)))
os.kill(os.getpid(), signal.SIGTERM)
"""


def test_process_that_loaded_two_graphs_in_openvino_hears_signals_still():
    """On a CPU with AMX, two of OpenVINO's cores that end leave no stack for signals."""
    program = TWO_RUNTIMES_AND_A_SIGNAL.format(graph=str(TINY.with_suffix('.onnx')))
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, 'heard 1\n'), done.stderr


@pytest.mark.parametrize('threads', [1, 2])
def test_threads_are_those_asked_for(monkeypatch, threads):
    compiled = []
    request = openvino_runtime._request

    def remember(*arguments):
        compiled.append(request(*arguments))
        return compiled[-1]

    monkeypatch.setattr(openvino_runtime, '_request', remember)
    Predictor.load(runtime='openvino', precision='float32', threads=threads).warm_up(320, 96)
    found = [made.get_compiled_model().get_property('INFERENCE_NUM_THREADS') for made in compiled]
    assert found == [threads]
    session = load_runtime(TINY, 'onnxruntime', 'cpu', 'float32', threads).runtime._session(
        96, 320
    )
    assert session.get_session_options().intra_op_num_threads == threads
