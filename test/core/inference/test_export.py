# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The graph that `adu-depth export` writes, of any size and of one."""

import numpy as np
import onnx
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.commands.export import main as export
from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_info import sha256
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.inference.runtimes.loading import load_runtime
from adu_depth_core.inference.runtimes.parity import parity_frame
from adu_depth_core.weights import shipped_model

TINY = shipped_model('tiny')


# An export takes long: each is made once, in one process.
pytestmark = pytest.mark.xdist_group('export')


@pytest.fixture(scope='module')
def graphs(tmp_path_factory):
    """Graphs of the shipped model for any size, and for 320 x 96 only."""
    folder = tmp_path_factory.mktemp('graphs')
    export([str(TINY), '--output', str(folder / 'any.onnx')])
    export([str(TINY), '--output', str(folder / 'one.onnx'), '--size', '320x96'])
    return folder


def run(path, name, frame, fx):
    return load_runtime(path, name, 'cpu', 'float32').runtime(frame, fx)


@pytest.mark.parametrize('runtime', ['onnxruntime', 'openvino', 'opencv'])
@pytest.mark.parametrize('graph', ['any', 'one'])
def test_graph_returns_the_metres_of_torch(graphs, graph, runtime):
    frame = parity_frame(320, 96)
    for fx in (150.0, 700.0):
        expected = run(TINY, 'torch', frame, fx)
        found = run(graphs / f'{graph}.onnx', runtime, frame, fx)
        for values, reference in zip(found, expected, strict=True):
            assert (values.shape, values.dtype) == ((96, 320), np.float32)
            np.testing.assert_allclose(values, reference, rtol=1e-3)


@pytest.mark.parametrize('runtime', ['onnxruntime', 'openvino', 'opencv'])
def test_graph_of_any_size_takes_one_size_after_the_other(graphs, runtime):
    loaded = load_runtime(graphs / 'any.onnx', runtime, 'cpu', 'float32').runtime
    assert loaded.fixed_size is None
    for width, height in ((320, 96), (64, 160), (320, 96)):
        expected = run(TINY, 'torch', parity_frame(width, height), 200.0)
        found = loaded(parity_frame(width, height), 200.0)
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-3)


@pytest.mark.parametrize('runtime', ['onnxruntime', 'openvino', 'opencv'])
def test_graph_of_one_size_serves_cameras_of_any_size(graphs, runtime):
    predictor = Predictor.load(str(graphs / 'one.onnx'), runtime=runtime, device='cpu')
    camera = Camera(640, 480, 525, 525, 319.5, 239.5)
    prediction = predictor.without_limits()(parity_frame(640, 480), camera)
    assert prediction.depth_m.shape == (480, 640)
    assert (prediction.std_m > 0).all()
    with pytest.raises(InputError, match='takes images of 320x96 only, not of 640x192'):
        Predictor.load(str(graphs / 'one.onnx'), runtime=runtime, input_size=(640, 192))


def test_graph_of_one_size_computes_no_shapes(graphs):
    kinds = {node.op_type for node in onnx.load(graphs / 'one.onnx').graph.node}
    assert 'Conv' in kinds
    assert 'Shape' not in kinds


def test_graph_tells_nothing_about_the_machine_that_made_it(graphs):
    for graph in graphs.iterdir():
        assert b'site-packages' not in graph.read_bytes()
        assert b'stack_trace' not in graph.read_bytes()


def test_shipped_graph_was_made_from_the_shipped_weights():
    shipped = Predictor.load('tiny', runtime='onnxruntime', device='cpu')
    assert shipped.model_sha256 == sha256(TINY)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['--size', '320x95'], 'multiples of 32'),
        (['--output', 'graph.txt'], 'suffix .onnx'),
    ],
)
def test_what_cannot_be_written_is_refused(options, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        export([str(TINY), *options])
    assert list(tmp_path.iterdir()) == []
