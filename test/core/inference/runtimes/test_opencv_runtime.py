# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The shipped graph in cv2.dnn: as in onnxruntime, and what cannot be run is refused."""

import json
import math

import cv2
import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from adu_depth_core.errors import InputError
from adu_depth_core.inference.graph_file import EXAMPLE_KEY, example_image, written_example
from adu_depth_core.inference.model_info import SHA256_KEY, ModelInfo, TeacherInfo
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.inference.runtimes import opencv_runtime
from adu_depth_core.inference.runtimes.loading import load_runtime
from adu_depth_core.inference.runtimes.opencv_graph import backbone, read_graph
from adu_depth_core.inference.runtimes.opencv_runtime import OpenCvRuntime
from adu_depth_core.inference.runtimes.parity import parity_frame
from adu_depth_core.weights import shipped_model

GRAPH = shipped_model('tiny').with_suffix('.onnx')
INFO = ModelInfo('tiny', 360.0, encoder='tf_efficientnet_lite0', decoder_width=64)


@pytest.mark.parametrize('size', [(640, 192), (96, 64), (64, 64), (64, 160)])
def test_metres_are_those_of_onnxruntime_at_any_size(size):
    ours, reference = (
        load_runtime(GRAPH, name, 'cpu').runtime for name in ('opencv', 'onnxruntime')
    )
    for fx in (150.0, 700.0):
        pairs = zip(ours(parity_frame(*size), fx), reference(parity_frame(*size), fx), strict=True)
        for values, expected in pairs:
            assert (values.shape, values.dtype) == (size[::-1], np.float32)
            np.testing.assert_allclose(values, expected, rtol=2e-5)


@pytest.mark.parametrize('size', [(32, 32), (640, 32), (32, 192)])
def test_sizes_that_opencv_is_wrong_about_are_refused(size):
    runtime = OpenCvRuntime(GRAPH)
    with pytest.raises(InputError, match=f'{size[0]}x{size[1]}: where a side is below 64 px'):
        runtime(parity_frame(*size), 300.0)


def test_images_of_two_sizes_take_turns_without_loading_again(monkeypatch):
    loaded = []
    original = opencv_runtime.backbone

    def counted(graph, width, height):
        loaded.append((width, height))
        return original(graph, width, height)

    monkeypatch.setattr(opencv_runtime, 'backbone', counted)
    runtime = OpenCvRuntime(GRAPH)
    loaded.clear()
    frames = [parity_frame(160, 64), parity_frame(128, 64)]
    first, second = ([runtime(frame, 300.0)[0] for frame in frames] for _ in range(2))
    assert loaded == [(160, 64), (128, 64)]
    for depth, again in zip(first, second, strict=True):
        np.testing.assert_array_equal(depth, again)


def test_part_of_the_graph_computes_no_shapes_and_has_the_weights_of_the_whole():
    part = onnx.load_from_string(backbone(read_graph(GRAPH), 640, 192))
    kinds = {node.op_type for node in part.graph.node}
    assert {'Conv', 'Resize'} <= kinds
    assert not kinds & {'Shape', 'Reshape', 'Concat', 'Pad'}
    (image,), (maps,) = part.graph.input, part.graph.output
    assert [side.dim_value for side in image.type.tensor_type.shape.dim] == [1, 3, 192, 640]
    assert [side.dim_value for side in maps.type.tensor_type.shape.dim] == [1, 2, 48, 160]
    whole = {t.name: t for t in onnx.load(GRAPH).graph.initializer}
    copied = [t for t in part.graph.initializer if t.name in whole]
    assert len(copied) > 60
    assert all(t == whole[t.name] for t in copied)


def test_limits_of_the_scale_are_those_of_the_head():
    from adu_depth_core.models import head

    assert opencv_runtime.MAX_SCALE == head.MAX_SCALE
    assert opencv_runtime.MIN_LOG_SCALE == head.MIN_LOG_SCALE
    t = np.array([[-1e4, -3.0, 0.0, 1e4]], np.float32)
    depth, std = opencv_runtime._metric(np.full_like(t, math.log(12)), t, 180.0, INFO)
    np.testing.assert_allclose(depth, 6.0, rtol=1e-6)  # half of the canonical focal length
    b = [math.exp(-6), 0.5 / (1 + math.exp(3)), 0.25, 0.5]
    np.testing.assert_allclose(std[0], [math.sqrt(2) * x * 6 for x in b], rtol=1e-6)


@pytest.mark.parametrize('threads', [1, 2])
def test_threads_are_those_asked_for(threads):
    before = cv2.getNumThreads()
    try:
        Predictor.load(runtime='opencv', threads=threads).warm_up(320, 96)
        assert cv2.getNumThreads() == threads
    finally:
        cv2.setNumThreads(before)


@pytest.mark.parametrize(
    ('device', 'precision', 'message'),
    [
        ('cuda', 'float32', r'"cuda" is not for opencv; use cpu'),
        ('cpu', 'float16', r'"float16" is not to be had with opencv; there is float32'),
    ],
)
def test_what_opencv_cannot_do_is_refused(device, precision, message):
    with pytest.raises(InputError, match=message):
        load_runtime(GRAPH, 'opencv', device, precision)


def graph_of(nodes, tensors=(), info=INFO, inputs=None, **metadata):
    """An `.onnx` file that says it is one of ours."""
    floats, bytes_ = onnx.TensorProto.FLOAT, onnx.TensorProto.UINT8
    inputs = inputs or [('image', bytes_, [1, 'h', 'w', 3]), ('fx', floats, [1])]
    graph = helper.make_graph(
        nodes,
        'graph',
        [helper.make_tensor_value_info(*value) for value in inputs],
        [helper.make_tensor_value_info(name, floats, [1, 'h', 'w']) for name in ('depth', 'std')],
        list(tensors),
    )
    model = helper.make_model(graph)
    properties = {info.KEY: info.to_json(), SHA256_KEY: 'f' * 64, **metadata}
    helper.set_model_props(model, properties)
    return model.SerializeToString()


def weight(channels, name, size=1):
    values = np.full((2, channels, size, size), 0.1, np.float32)
    return numpy_helper.from_array(values, name)


def end(source):
    return helper.make_node(
        'Conv', [source, 'network.head.add.weight'], ['raw'], kernel_shape=[1, 1]
    )


def first():
    return helper.make_node('Conv', ['image', 'first'], ['a'], strides=[4, 4], kernel_shape=[4, 4])


HEAD = weight(2, 'network.head.add.weight')
FIRST = weight(3, 'first', 4)
NETWORK = [first(), end('a')]


def test_small_graph_runs_and_carries_its_example(tmp_path):
    path = tmp_path / 'model.onnx'
    path.write_bytes(graph_of(NETWORK, [FIRST, HEAD]))
    depth, std = OpenCvRuntime(path)(example_image(), 70.0)
    # Twice two maps of a tenth: log-depth is 0.2 * 0.1 * the sum over 4x4 normalised pixels.
    mean, deviation = np.array(INFO.image_mean), np.array(INFO.image_std)
    assert depth.shape == std.shape == (64, 96)
    normalised = ((example_image() / 255 - mean) / deviation).reshape(16, 4, 24, 4, 3)
    m = 0.02 * normalised.sum((1, 3, 4))
    # A full pixel in the middle of four: the mean of their values, weighted by its distances.
    near, far = 5 / 8, 3 / 8
    column = near * m[:, 4] + far * m[:, 5]
    expected = near * column[7] + far * column[8]
    assert depth[31, 19] == pytest.approx(math.exp(expected) * 70 / 360, rel=1e-4)
    text = written_example(OpenCvRuntime(path))
    path.write_bytes(graph_of(NETWORK, [FIRST, HEAD], **{EXAMPLE_KEY: text}))
    assert OpenCvRuntime(path).model_sha256 == 'f' * 64


def test_other_depths_than_when_it_was_exported_are_refused(tmp_path):
    path = tmp_path / 'model.onnx'
    path.write_bytes(graph_of(NETWORK, [FIRST, HEAD]))
    depth, std = np.array(json.loads(written_example(OpenCvRuntime(path))))
    depth[7] *= 1.05
    text = json.dumps([depth.tolist(), std.tolist()])
    path.write_bytes(graph_of(NETWORK, [FIRST, HEAD], **{EXAMPLE_KEY: text}))
    with pytest.raises(InputError, match=rf'OpenCV {cv2.__version__} is off by 4.76 %'):
        OpenCvRuntime(path)


@pytest.mark.parametrize(
    'text',
    ['{', '[]', '[[1], [1, 2]]', '{"a": 1}', '[' * 10**5, '1e999'],
    ids=lambda text: text[:20],
)
def test_example_that_is_none_is_refused(tmp_path, text):
    path = tmp_path / 'model.onnx'
    path.write_bytes(graph_of(NETWORK, [FIRST, HEAD], **{EXAMPLE_KEY: text}))
    with pytest.raises(InputError, match='the example in it cannot be read; export it anew'):
        OpenCvRuntime(path)


LIMIT = numpy_helper.from_array(np.array(6, np.int64), 'limit')
TEACHER = TeacherInfo('tiny', 360.0, encoder='tf_efficientnet_lite0', decoder_width=64)
STEREO = [
    (name, onnx.TensorProto.FLOAT, [1]) for name in ('left', 'right', 'fx', 'baseline', 'offset')
]


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (graph_of([], info=TEACHER, inputs=STEREO), 'runs no stereo teacher'),
        (graph_of([], inputs=STEREO), 'maps left, right, fx, baseline, offset to depth, std'),
        (graph_of([first()], [FIRST]), 'does not say where its head ends'),
        (graph_of([first(), end('nowhere')], [FIRST, HEAD]), 'computes with "nowhere"'),
        (
            graph_of(
                [first(), helper.make_node('Clip', ['a', '', 'limit'], ['b']), end('b')],
                [FIRST, HEAD, LIMIT],
            ),
            'has a limit that is no float32',
        ),
        (
            graph_of(
                [first(), helper.make_node('NoSuchThing', ['a'], ['b']), end('b')], [FIRST, HEAD]
            ),
            "has nodes of 'NoSuchThing', and OpenCV is known to run",
        ),
        (
            graph_of(
                [first(), helper.make_node('MaxPool', ['a'], ['b']), end('b')], [FIRST, HEAD]
            ),
            rf'OpenCV {cv2.__version__} cannot run it \(.*MaxPool',
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else 'graph',
)
def test_graphs_that_opencv_cannot_run_are_refused_in_a_sentence(tmp_path, content, message):
    path = tmp_path / 'model.onnx'
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        OpenCvRuntime(path)(example_image(), 70.0)
    assert '\n' not in str(caught.value)
