# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Images of any camera through model files in all runtimes."""

import math
import pickle
import shutil
from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_file import load_model_file, write_model_file
from adu_depth_core.inference.model_info import ModelInfo
from adu_depth_core.inference.predictor import Prediction, Predictor
from adu_depth_core.models.head import LogDepth
from adu_depth_core.models.metric_depth import metric
from adu_depth_core.models.presets import PRESETS, Preset
from adu_depth_core.models.student import Student
from adu_depth_core.weights import shipped_model

CAMERA = Camera(200, 100, 150.0, 150.0, 99.5, 49.5)
EVERY_RUNTIME = ['openvino', 'onnxruntime', 'torch']
INFO = ModelInfo('tiny', canonical_focal=360.0, temperature=1.5, pixels=128 * 64)


@pytest.fixture(scope='module')
def model(tmp_path_factory):
    """A copy of the model file that ships, and of its graph."""
    path = tmp_path_factory.mktemp('model') / 'model.safetensors'
    for suffix in ('.safetensors', '.onnx'):
        shutil.copy(shipped_model('tiny').with_suffix(suffix), path.with_suffix(suffix))
    return path


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 255, (100, 200, 3), np.uint8)


class ConstantRuntime:
    """Answers with a fixed depth and std, whatever it is shown."""

    name, device, info, model_sha256 = 'constant', 'cpu', INFO, ''
    precision = native_precision = 'float32'

    def __init__(self, depth, std, fixed_size=None):
        self.depth, self.std, self.fixed_size = depth, std, fixed_size
        self.seen = None

    def __call__(self, image, fx):
        self.seen = image, fx
        return tuple(
            np.full(image.shape[:2], value, np.float32) for value in (self.depth, self.std)
        )


@pytest.mark.parametrize('runtime', EVERY_RUNTIME)
def test_prediction_has_the_size_of_the_camera(model, image, runtime):
    prediction = Predictor.load(str(model), runtime=runtime).without_limits()(image, CAMERA)
    for values in prediction.depth_m, prediction.std_m:
        assert values.shape == (100, 200)
        assert values.dtype == np.float32
        assert values.flags.c_contiguous
        assert (values > 0).all()
    assert prediction.depth_m.std() > 0


@pytest.mark.parametrize('camera', [CAMERA, Camera(640, 480, 525, 525, 319.5, 239.5)])
@pytest.mark.parametrize('runtime', ['openvino', 'onnxruntime'])
def test_graph_agrees_with_torch_in_float32(model, camera, runtime):
    image = np.random.default_rng(1).integers(0, 255, (camera.height, camera.width, 3), np.uint8)
    first, second = (
        Predictor.load(str(model), runtime=name, precision='float32').without_limits()
        for name in ('torch', runtime)
    )
    expected, found = first(image, camera), second(image, camera)
    np.testing.assert_allclose(found.depth_m, expected.depth_m, rtol=1e-3)
    np.testing.assert_allclose(found.std_m, expected.std_m, rtol=1e-3)


@pytest.mark.parametrize(('width', 'height'), [(640, 480), (1242, 375)])
def test_warm_up_shows_the_network_an_image_as_the_camera_will(width, height):
    runtime = ConstantRuntime(10.0, 1.0)
    predictor = Predictor(runtime)
    predictor(np.zeros((height, width, 3), np.uint8), Camera(width, height, 500, 500, 0, 0))
    expected, runtime.seen = runtime.seen[0].shape, None
    predictor.warm_up(width, height)
    assert runtime.seen[0].shape == expected


def test_warm_up_is_done_anew_when_another_size_came_between():
    runtime = ConstantRuntime(10.0, 1.0)
    predictor = Predictor(runtime)
    done = []
    for size in ((640, 480), (640, 480), (200, 100), (640, 480)):
        runtime.seen = None
        predictor.warm_up(*size)
        done.append(runtime.seen is not None)
    assert done == [True, False, True, True]


def test_warm_up_that_fails_is_done_again(monkeypatch):
    def fail(self, image, fx):
        raise RuntimeError('no memory')

    runtime = ConstantRuntime(10.0, 1.0)
    predictor = Predictor(runtime)
    with monkeypatch.context() as broken:
        broken.setattr(ConstantRuntime, '__call__', fail)
        with pytest.raises(RuntimeError, match='no memory'):
            predictor.warm_up(640, 480)
    predictor.warm_up(640, 480)
    assert runtime.seen is not None


@pytest.mark.parametrize('runtime', EVERY_RUNTIME)
def test_next_image_leaves_the_last_prediction_alone(model, image, runtime):
    predictor = Predictor.load(str(model), runtime=runtime, at_network_size=True)
    first = predictor(image, CAMERA)
    kept = first.depth_m.copy()
    predictor(255 - image, CAMERA)
    np.testing.assert_array_equal(first.depth_m, kept)


def test_prediction_goes_to_the_memory_that_is_given(model, image):
    predictor = Predictor.load(str(model))
    expected = predictor(image, CAMERA)
    memory = Prediction(*(np.full((100, 200), -1, np.float32) for _ in range(2)))
    found = predictor(image, CAMERA, out=memory)
    assert found.depth_m is memory.depth_m
    np.testing.assert_array_equal(memory.depth_m, expected.depth_m)
    np.testing.assert_array_equal(memory.std_m, expected.std_m)


@pytest.mark.parametrize(
    'memory',
    [
        np.empty((100, 201), np.float32),
        np.empty((100, 200), np.float64),
        np.empty((100, 400), np.float32)[:, ::2],
    ],
)
def test_memory_that_cannot_hold_the_depth_is_refused(image, memory):
    with pytest.raises(InputError, match=r'give contiguous float32 of \(100, 200\)'):
        Predictor(ConstantRuntime(10.0, 1.0))(image, CAMERA, out=Prediction(memory, memory))


def test_depth_at_the_size_of_the_network_has_a_camera_of_that_size(model):
    camera = Camera(300, 100, 150.0, 150.0, 149.5, 49.5)
    image = np.random.default_rng(2).integers(0, 255, (100, 300, 3), np.uint8)
    predictor = Predictor.load(str(model), at_network_size=True, input_size=(128, 64))
    small = predictor.output_camera(camera)
    prediction = predictor(image, camera)
    assert prediction.depth_m.shape == (small.height, small.width) == (43, 128)
    assert small == camera.resized(128, 43)
    full = Predictor.load(str(model), input_size=(128, 64))
    assert full.output_camera(camera) == camera
    ratio = np.nanmedian(prediction.depth_m) / np.nanmedian(full(image, camera).depth_m)
    assert ratio == pytest.approx(1, abs=0.01)


def test_input_size_is_the_box_that_the_network_sees():
    runtime = ConstantRuntime(10.0, 1.0)
    Predictor(runtime, input_size=(96, 64))(np.zeros((100, 200, 3), np.uint8), CAMERA)
    image, fx = runtime.seen
    assert image.shape == (64, 96, 3)
    assert fx == pytest.approx(150.0 * 96 / 200)


def test_graph_of_one_size_is_filled_by_padding():
    runtime = ConstantRuntime(10.0, 1.0, fixed_size=(128, 128))
    predictor = Predictor(runtime)
    prediction = predictor(np.zeros((100, 200, 3), np.uint8), CAMERA)
    image, fx = runtime.seen
    assert image.shape == (128, 128, 3)
    assert fx == pytest.approx(150.0 * 128 / 200)
    assert prediction.depth_m.shape == (100, 200)


@pytest.mark.parametrize(
    ('size', 'message'),
    [((100, 64), 'multiples of 32'), ((96, 64), 'takes images of 128x128 only')],
)
def test_input_size_that_the_graph_cannot_take_is_refused(size, message):
    with pytest.raises(InputError, match=message):
        Predictor(ConstantRuntime(10.0, 1.0, fixed_size=(128, 128)), input_size=size)


def test_twice_the_focal_length_is_twice_the_depth(model, image):
    predictor = Predictor.load(str(model)).without_limits()
    near = predictor(image, CAMERA)
    far = predictor(image, replace(CAMERA, fx=300.0, fy=300.0))
    np.testing.assert_allclose(far.depth_m, 2 * near.depth_m, rtol=1e-4)
    np.testing.assert_allclose(far.std_m, 2 * near.std_m, rtol=1e-4)


@pytest.mark.parametrize('view', ['bgr', 'padded rows', 'grey'])
def test_views_of_any_strides_predict_as_their_copies(model, image, view):
    views = {
        'bgr': image[..., ::-1],
        'padded rows': np.pad(image, ((0, 0), (0, 8), (0, 0)))[:, :200],
        'grey': np.broadcast_to(image[..., :1], image.shape),
    }
    predictor = Predictor.load(str(model))
    seen, copied = predictor(views[view], CAMERA), predictor(views[view].copy(), CAMERA)
    np.testing.assert_array_equal(seen.depth_m, copied.depth_m)


def test_focal_length_is_given_at_the_size_of_the_network():
    runtime = ConstantRuntime(10.0, 1.0)
    Predictor(runtime)(np.zeros((100, 200, 3), np.uint8), CAMERA)
    image, fx = runtime.seen
    assert image.shape == (64, 128, 3)
    assert fx == pytest.approx(150.0 * 128 / 200)


def test_padding_repeats_the_border_and_is_dropped_again():
    runtime = ConstantRuntime(10.0, 1.0)
    image = np.full((50, 60, 3), 200, np.uint8)
    prediction = Predictor(runtime)(image, Camera(60, 50, 50, 50, 29.5, 24.5))
    assert runtime.seen[0].shape == (64, 64, 3)
    assert (runtime.seen[0] == 200).all()
    assert prediction.depth_m.shape == (50, 60)


@pytest.mark.parametrize(
    ('depth', 'std', 'known'),
    [
        (10.0, 1.0, True),
        (81.0, 1.0, False),
        (0.2, 0.01, False),
        (10.0, 5.1, False),
        (math.nan, 1.0, False),
        (10.0, math.nan, False),
        (math.inf, 1.0, False),
    ],
)
def test_depth_out_of_range_or_too_uncertain_is_unknown_in_both_images(depth, std, known):
    prediction = Predictor(ConstantRuntime(depth, std))(np.zeros((100, 200, 3), np.uint8), CAMERA)
    assert np.isfinite(prediction.depth_m).all() == known
    assert np.isfinite(prediction.std_m).all() == known
    assert np.isnan(prediction.depth_m).all() == (not known)
    assert np.isnan(prediction.std_m).all() == (not known)


def test_limits_may_change_between_images():
    predictor = Predictor(ConstantRuntime(10.0, 1.0))
    blank = np.zeros((100, 200, 3), np.uint8)
    predictor.max_depth = 5.0
    assert np.isnan(predictor(blank, CAMERA).depth_m).all()
    predictor.max_depth, predictor.max_relative_std = 80.0, 0.05
    assert np.isnan(predictor(blank, CAMERA).depth_m).all()


def test_std_is_root_two_times_temperature_times_scale_times_depth():
    log_depth = LogDepth(torch.full((1, 1, 1, 1), math.log(8.0)), torch.full((1, 1, 1, 1), -2.0))
    depth, std = metric(log_depth, torch.tensor([720.0]), 360.0, 1.5)
    assert float(depth) == pytest.approx(16.0)
    assert float(std) == pytest.approx(math.sqrt(2) * 1.5 * math.exp(-2.0) * 16.0)


def test_image_that_does_not_fit_its_camera_is_refused(model):
    with pytest.raises(InputError, match=r'expected \(100, 200, 3\)'):
        Predictor.load(str(model))(np.zeros((100, 201, 3), np.uint8), CAMERA)


def test_missing_model_is_named():
    with pytest.raises(InputError, match=r'nowhere\.safetensors: no such model file'):
        Predictor.load('nowhere.safetensors')
    with pytest.raises(InputError, match='"huge" is neither a file nor shipped'):
        Predictor.load('huge')


@pytest.mark.parametrize('suffix', ['.safetensors', '.onnx'])
@pytest.mark.parametrize('spoil', ['empty', 'cut', 'text'])
def test_spoilt_files_are_refused_in_one_sentence(model, tmp_path, suffix, spoil):
    whole = model.with_suffix(suffix).read_bytes()
    contents = {'empty': b'', 'cut': whole[: len(whole) // 2], 'text': b'hello' * 100}
    path = tmp_path / f'model{suffix}'
    path.write_bytes(contents[spoil])
    for runtime in ['torch'] if suffix == '.safetensors' else ['onnxruntime', 'openvino']:
        with pytest.raises(InputError, match='model') as caught:
            Predictor.load(str(path), runtime=runtime)
        assert '\n' not in str(caught.value)


@pytest.mark.parametrize('length', [0, 1, 2**20 + 1, 2**40, 2**64 - 1])
def test_absurd_header_of_a_model_file_is_refused(tmp_path, length):
    path = tmp_path / 'model.safetensors'
    path.write_bytes(length.to_bytes(8, 'little') + b'{}' + bytes(2**20 + 100))
    with pytest.raises(InputError, match=rf'not a readable \.safetensors .*header of {length} '):
        load_model_file(path)


@torch.inference_mode()
@pytest.mark.parametrize('runtime', EVERY_RUNTIME)
def test_image_is_normalised_as_its_encoder_wants(model, runtime):
    """EfficientNet-Lite wants pixels from -1 to 1, which no other encoder here does."""
    image = np.random.default_rng(3).integers(0, 255, (64, 128, 3), np.uint8)
    camera = Camera(128, 64, 150.0, 150.0, 63.5, 31.5)
    predictor = Predictor.load(str(model), runtime=runtime, precision='float32')
    found = predictor.without_limits()(image, camera).depth_m
    network = load_model_file(model)[0].network
    said = network(torch.from_numpy(image / 127.5 - 1).float().permute(2, 0, 1)[None])
    expected = said.m.exp()[0, 0].numpy() * 150.0 / INFO.canonical_focal
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_pickle_is_never_loaded(tmp_path):
    path = tmp_path / 'evil.safetensors'
    path.write_bytes(pickle.dumps({'a': 1}))
    with pytest.raises(InputError, match=r'not a readable \.safetensors'):
        load_model_file(path)


def test_weights_of_another_preset_are_refused(model, tmp_path):
    path = tmp_path / 'wrong.safetensors'
    small = Student(Preset('mobilenetv4_conv_small', 32))
    small.preset = PRESETS['tiny']
    write_model_file(path, small, INFO)
    with pytest.raises(InputError, match=r'encoder "tf_efficientnet_lite0" and .* 64'):
        load_model_file(path)


def test_graph_of_another_model_beside_the_weights_is_refused(model, tmp_path):
    for suffix in ('.safetensors', '.onnx'):
        shutil.copy(model.with_suffix(suffix), tmp_path / f'model{suffix}')
    write_model_file(tmp_path / 'model.safetensors', Student(PRESETS['tiny']), INFO)
    for runtime in ('auto', 'openvino', 'onnxruntime'):
        with pytest.raises(InputError, match='make it anew by adu-depth export'):
            Predictor.load(str(tmp_path / 'model.safetensors'), runtime=runtime)


def test_onnx_without_our_metadata_is_refused(model, tmp_path):
    graph = onnx.load(model.with_suffix('.onnx'))
    del graph.metadata_props[:]
    onnx.save(graph, tmp_path / 'foreign.onnx')
    for runtime in ('openvino', 'onnxruntime'):
        with pytest.raises(InputError, match=r'foreign\.onnx: its metadata'):
            Predictor.load(str(tmp_path / 'foreign.onnx'), runtime=runtime)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'runtime': 'caffe'}, 'runtime "caffe" is unknown'),
        ({'runtime': 'onnxruntime', 'device': 'cuda'}, 'no CUDA'),
        ({'runtime': 'onnxruntime', 'device': 'tpu'}, '"tpu" is unknown'),
        ({'runtime': 'onnxruntime', 'device': 'tensorrt'}, 'has no TensorRT'),
        ({'runtime': 'onnxruntime', 'precision': 'float16'}, 'there is float32'),
        ({'runtime': 'openvino', 'device': 'cuda'}, '"cuda" is not for openvino'),
        ({'precision': 'int4'}, 'precision "int4" is unknown'),
        ({'device': 'tpu'}, '"tpu" is unknown'),
        ({'runtime': 'torch', 'device': 'nonsense'}, '"nonsense" is unknown'),
    ],
)
def test_impossible_runtimes_and_devices_are_refused(model, options, message):
    if 'cuda' in options.values() and torch.cuda.is_available():
        pytest.skip('this machine has CUDA')
    with pytest.raises(InputError, match=message):
        Predictor.load(str(model), **options)


def test_metadata_travel_with_both_files(model):
    for runtime in EVERY_RUNTIME:
        predictor = Predictor.load(str(model), runtime=runtime)
        assert predictor.info == load_model_file(model)[1]
        assert predictor.info.canonical_focal == 360.0
        assert predictor.info.encoder == 'tf_efficientnet_lite0'
        assert predictor.info.image_mean == (0.5, 0.5, 0.5)
        assert predictor.info.licence == 'CC-BY-NC-SA-3.0'
        assert len(predictor.model_sha256) == 64
