# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pairs of any rig through a teacher's files in all runtimes."""

import subprocess
import sys
from dataclasses import replace

import cv2
import numpy as np
import onnx
import pytest
import torch

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.inference.block_matching_predictor import BlockMatchingPredictor
from adu_depth_core.inference.export import export_onnx
from adu_depth_core.inference.model_file import load_teacher_file, write_model_file
from adu_depth_core.inference.model_info import TeacherInfo, sha256
from adu_depth_core.inference.prediction import new_prediction
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.inference.runtimes.parity import parity_frame
from adu_depth_core.inference.stereo_predictor import StereoPredictor
from adu_depth_core.models.student import normalised
from adu_depth_core.models.teacher import Teacher

INFO = TeacherInfo(
    'small',
    360.0,
    temperature=1.5,
    max_depth=1000.0,
    pixels=160 * 64,
    encoder='mobilenetv4_conv_small_050',
    decoder_width=32,
    max_disparity_px=48,
)
CAMERA = Camera(160, 64, 110.0, 110.0, 79.5, 31.5)
RIG = StereoRig(CAMERA, replace(CAMERA, cx=81.5), 0.54)
LEFT = parity_frame(160, 64)
RIGHT = np.roll(LEFT, -6, 1)


# An export takes long: each is made once, in one process.
pytestmark = pytest.mark.xdist_group('stereo_predictor')


@pytest.fixture(scope='module')
def model(tmp_path_factory):
    """A teacher of random weights, and its graph for any size."""
    torch.manual_seed(0)
    teacher = Teacher(INFO.architecture())
    with torch.no_grad():
        teacher.head.conv.weight.normal_(std=0.05)
        teacher(*torch.randn(2, 2, 3, 64, 160), torch.ones(2), torch.zeros(2))
    path = tmp_path_factory.mktemp('teacher') / 'teacher.safetensors'
    write_model_file(path, teacher, INFO)
    export_onnx(path, path.with_suffix('.onnx'))
    return path


def load(model, **options):
    return StereoPredictor.load(str(model), device='cpu', **options)


@torch.inference_mode()
def trained(model, left, right, rig):
    """Metres by the trained network itself."""
    network, info = load_teacher_file(model)
    views = (normalised(torch.from_numpy(x)[None], network.normalisation) for x in (left, right))
    numbers = torch.tensor([[rig.baseline_m], [rig.disparity_offset_px]]).float()
    said = network(*views, *numbers).depth
    depth = said.m.exp() * rig.left.fx / info.canonical_focal
    return depth[0, 0].numpy(), (2**0.5 * info.temperature * said.b * depth)[0, 0].numpy()


@pytest.mark.parametrize('runtime', ['torch', 'onnxruntime', 'openvino'])
def test_every_runtime_says_what_the_trained_teacher_says(model, runtime):
    predictor = load(model, runtime=runtime).without_limits()
    assert predictor.runtime_name == runtime
    assert (predictor.precision, predictor.parity) == ('float32', None)
    assert predictor.info == load_teacher_file(model)[1]
    assert predictor.model_sha256 == sha256(model)
    # Two sizes by one graph, and another rig.
    wide = replace(CAMERA, width=96, cx=47.5)
    other = StereoRig(wide, wide, 0.1)
    for left, right, rig in ((LEFT, RIGHT, RIG), (LEFT[:, :96], RIGHT[:, :96], other)):
        found = predictor(left, right, rig)
        expected = trained(model, np.ascontiguousarray(left), np.ascontiguousarray(right), rig)
        for values, wanted in zip((found.depth_m, found.std_m), expected, strict=True):
            np.testing.assert_allclose(values, wanted, rtol=1e-3)
        assert expected[0].std() > 0.01


def test_unknown_is_nan_as_for_one_image(model):
    predictor = load(model)
    free = predictor.without_limits()(LEFT, RIGHT, RIG)
    predictor.max_depth = float(np.median(free.depth_m))
    predictor.max_relative_std = 10.0
    limited = predictor(LEFT, RIGHT, RIG)
    beyond = free.depth_m > predictor.max_depth
    assert 0.4 < beyond.mean() < 0.6
    np.testing.assert_array_equal(np.isnan(limited.depth_m), beyond)
    np.testing.assert_array_equal(np.isnan(limited.std_m), beyond)
    np.testing.assert_array_equal(limited.depth_m[~beyond], free.depth_m[~beyond])


def test_pair_goes_to_the_memory_that_is_given_at_the_size_that_is_wanted(model):
    predictor = load(model, input_size=(96, 64), at_network_size=True)
    small = predictor.output_camera(CAMERA)
    assert (small.width, small.height) == (96, 38)
    memory = new_prediction(small)
    assert predictor(LEFT, RIGHT, RIG, memory) is memory
    predictor.warm_up(160, 64)
    with pytest.raises(InputError, match='does not fit its rig'):
        predictor(LEFT, RIGHT[:, :-1], RIG)


def test_files_of_the_other_kind_are_refused(model):
    for path in (model, model.with_suffix('.onnx')):
        with pytest.raises(InputError, match='a stereo teacher, and not a model for single'):
            Predictor.load(str(path), device='cpu')
    with pytest.raises(InputError, match='not a stereo teacher'):
        StereoPredictor.load('tiny', device='cpu')


@pytest.mark.parametrize('runtime', ['torch', 'onnxruntime', 'openvino'])
def test_lower_precision_is_refused(model, runtime):
    with pytest.raises(InputError, match='there is float32'):
        load(model, runtime=runtime, precision='bfloat16')


def test_graph_knows_its_shapes_but_for_the_size(model):
    kinds = [node.op_type for node in onnx.load(model.with_suffix('.onnx')).graph.node]
    assert {'Loop', 'If', 'NonZero', 'Where', 'ScatterND', 'GatherND'} & set(kinds) == set()
    assert len(kinds) < 700


@pytest.mark.parametrize('runtime', ['onnxruntime', 'openvino'])
def test_graph_is_run_without_torch(model, runtime):
    program = (
        'import sys, numpy as np\n'
        'from adu_depth_core.inference.stereo_predictor import StereoPredictor\n'
        f"predictor = StereoPredictor.load('{model}', runtime='{runtime}', device='cpu')\n"
        'predictor.warm_up(160, 64)\n'
        "print({'torch', 'onnx', 'timm', 'lightning'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, 'set()'), done.stderr


def test_block_matching_corrects_a_teacher_where_it_answers(model):
    rng = np.random.default_rng(0)
    left = cv2.GaussianBlur(rng.integers(0, 255, (64, 160, 3), np.uint8), None, 1.0)
    # The right camera's principal point lies 2 px farther, so 6 px of shift are 8 of disparity.
    right = np.roll(left, -6, 1)
    alone, pooled = (
        load(model, block_matching=on).without_limits()(left, right, RIG) for on in (False, True)
    )
    true_m = 110.0 * 0.54 / 8
    matched = np.s_[8:-8, 24:100]
    before, after = (np.abs(np.log(p.depth_m[matched] / true_m)).mean() for p in (alone, pooled))
    assert after < 0.3 * before
    silent = np.isnan(BlockMatchingPredictor()(left, right, RIG).depth_m)
    assert silent.any()
    np.testing.assert_array_equal(pooled.depth_m[silent], alone.depth_m[silent])
    np.testing.assert_array_equal(pooled.std_m[silent], alone.std_m[silent])
