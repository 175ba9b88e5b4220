# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A student beside a teacher: what moves it, what does not, and what of it is deployed."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_file import load_teacher_file, write_model_file
from adu_depth_core.inference.model_info import ModelInfo, TeacherInfo
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.models.head import LogDepth
from adu_depth_core.models.presets import PRESETS
from adu_depth_core.models.student import Student
from adu_depth_core.models.teacher import Teacher
from adu_depth_core.samples.sample import StereoSample
from adu_depth_core.training.batch import Batch, collate
from adu_depth_core.training.config import (
    DataConfig,
    DistillationConfig,
    ModelConfig,
    SourceConfig,
    TrainingConfig,
)
from adu_depth_core.training.distillation_losses import teacher_weights, warm_up_factor
from adu_depth_core.training.student_training import StudentTraining
from adu_depth_core.training.targets import disparity_target, log_target
from adu_depth_core.training.teacher_training import TeacherTraining
from adu_depth_core.training.teacher_view import (
    FrozenTeacher,
    TeacherView,
    combined,
    followed,
)
from adu_depth_core.training.views.geometry import cut_flipped
from adu_depth_core.training.views.training_view import augmented_view, plain_view

WIDTH, HEIGHT = 96, 96
CAMERA = Camera(WIDTH, HEIGHT, 60.0, 60.0, 47.5, 47.5)
RIG = StereoRig(CAMERA, CAMERA, 0.5)
LN2 = torch.tensor(math.log(2))


def sample(seed=0, **changes):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 255, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    truth = np.full((HEIGHT, WIDTH), 10.0, np.float32)
    plain = StereoSample(
        f'made/{seed}', 0, image, CAMERA, right=np.roll(image, -3, 1), rig=RIG, depth_m=truth
    )
    return replace(plain, **changes)


def batch_of(*samples):
    return collate([plain_view(s) for s in samples])


@pytest.fixture(scope='module')
def teacher_file(tmp_path_factory):
    torch.manual_seed(1)
    info = TeacherInfo('tiny', 360.0, max_disparity_px=48, pixels=WIDTH * HEIGHT)
    path = tmp_path_factory.mktemp('teacher') / 'teacher.safetensors'
    write_model_file(path, Teacher(info.architecture()), info)
    return path


def config(teacher=None, **changes):
    settings = DistillationConfig(teacher=teacher and str(teacher), warm_up=0.0)
    return TrainingConfig(
        DataConfig([SourceConfig('made')], [], sizes=[(WIDTH, HEIGHT)]),
        distillation=replace(settings, **changes),
    )


def training(teacher=None, **changes):
    torch.manual_seed(0)
    module = StudentTraining(config(teacher, **changes))
    module.log = module.log_dict = lambda *_, **__: None
    return module


def gradient_of_head(module, batch):
    """Gradients of the two rows of the head, those of m and of s."""
    module.zero_grad()
    loss = module.training_step(batch, 0)
    loss.backward()
    m, s = module.network.head.conv.weight.grad
    return float(m.abs().sum()), float(s.abs().sum()), loss


def without_truth(seed=0, **changes):
    return sample(seed, depth_m=None, **changes)


def test_batch_without_any_truth_still_moves_s_through_a_teacher_that_looks(teacher_file):
    batch = batch_of(without_truth(0), without_truth(1))
    m, s, _ = gradient_of_head(training(teacher_file), batch)
    assert m > 0
    assert s > 0
    only_likelihood = training(teacher_file, feature_weight=0.0, response_weight=0.0)
    m, s, _ = gradient_of_head(only_likelihood, batch)
    assert m == 0
    assert s > 0


def test_batch_without_any_truth_still_moves_s_through_a_recorded_teacher():
    said = np.full((HEIGHT, WIDTH), 12.0, np.float32)
    recorded = {'teacher_depth_m': said, 'teacher_scale': said / 100, 'right': None, 'rig': None}
    m, s, _ = gradient_of_head(
        training(), batch_of(*(without_truth(n, **recorded) for n in (0, 1)))
    )
    assert m > 0
    assert s > 0


def test_batch_without_truth_and_teacher_costs_nothing_and_breaks_nothing(teacher_file):
    alone = {'right': None, 'rig': None}
    batch = batch_of(without_truth(0, **alone), without_truth(1, **alone))
    for module in (training(), training(teacher_file)):
        m, s, loss = gradient_of_head(module, batch)
        assert (m, s, float(loss.detach())) == (0, 0, 0)


def test_images_without_a_right_one_learn_from_their_truth_beside_others(teacher_file):
    batch = batch_of(sample(0), sample(1, right=None, rig=None))
    m, s, loss = gradient_of_head(training(teacher_file), batch)
    assert math.isfinite(m + s + float(loss.detach()))
    view = FrozenTeacher(teacher_file, ModelConfig())(batch)
    assert view.mask[0].all()
    assert not view.mask[1].any()


def test_weights_of_zero_switch_every_part_off(teacher_file):
    off = {'feature_weight': 0.0, 'response_weight': 0.0, 'likelihood_weight': 0.0}
    batch = batch_of(sample(0), sample(1))
    _, _, distilled = gradient_of_head(training(teacher_file, **off), batch)
    _, _, alone = gradient_of_head(training(), batch)
    torch.testing.assert_close(distilled, alone)


@pytest.mark.parametrize('part', ['feature_weight', 'response_weight', 'likelihood_weight'])
def test_every_part_can_be_switched_on_alone(teacher_file, part):
    off = {'feature_weight': 0.0, 'response_weight': 0.0, 'likelihood_weight': 0.0}
    batch = batch_of(without_truth(0), without_truth(1))
    _, _, loss = gradient_of_head(training(teacher_file, **(off | {part: 1.0})), batch)
    assert float(loss.detach()) > 0


@pytest.mark.parametrize('kind', ['focal', 'l1', 'laplace_kl'])
def test_every_kind_of_response_can_be_chosen(teacher_file, kind):
    batch = batch_of(without_truth(0), without_truth(1))
    settings = {'response': kind, 'feature_weight': 0.0, 'likelihood_weight': 0.0}
    m, _, _ = gradient_of_head(training(teacher_file, **settings), batch)
    assert m > 0


def test_teacher_is_frozen_and_not_part_of_the_module(teacher_file):
    module = training(teacher_file)
    before = [p.clone() for p in module._teacher._network.parameters()]
    module.train()
    gradient_of_head(module, batch_of(sample(0), sample(1)))
    assert not any('teacher' in name for name in module.state_dict())
    assert not module._teacher._network.training
    for old, new in zip(before, module._teacher._network.parameters(), strict=True):
        assert new.grad is None
        torch.testing.assert_close(old, new)


def test_adapters_are_trained_and_never_deployed(teacher_file, tmp_path):
    module = training(teacher_file)
    gradient_of_head(module, batch_of(sample(0), sample(1)))
    assert any('adapters' in name for name in module.state_dict())
    assert all(a.projection.weight.grad is not None for a in module.adapters.adapters)
    path = module.write_model(tmp_path, [])
    assert not any('adapter' in name for name in load_file(path))
    parameters = sum(p.numel() for p in training().network.parameters())
    assert sum(weights.numel() for weights in load_file(path).values()) < 1.05 * parameters


def test_teacher_is_not_heard_where_it_contradicts_truth():
    target = torch.log(torch.tensor([10.0, 10.0, 10.0, 10.0])).view(1, 1, 2, 2)
    known = torch.tensor([True, True, True, False]).view(1, 1, 2, 2)
    said = torch.log(torch.tensor([10.5, 11.5, 8.0, 30.0])).view(1, 1, 2, 2)
    depth = LogDepth(said, torch.full_like(said, -2.0))
    view = TeacherView(
        depth, torch.ones_like(known), None, torch.ones(1, 1, 1, 1, dtype=torch.bool)
    )
    weights = teacher_weights(depth, view, (target, known), DistillationConfig())
    assert (weights > 0).flatten().tolist() == [True, False, False, True]


def test_maps_of_the_teacher_are_mirrored_and_cut_as_the_view_of_the_student():
    views = [
        augmented_view(
            sample(n), WIDTH, HEIGHT, np.random.default_rng(n), stereo=True, flip=p, cut_flip=p
        )
        for n, p in ((0, 1.0), (1, 0.0))
    ]
    batch = collate(views)
    cut = int(batch.cut[0])
    assert cut in (32, 64)
    assert batch.cut[1] == 0
    assert batch.mirrored.tolist() == [True, False]
    for stride in (1, 4, 32):
        shape = HEIGHT // stride, WIDTH // stride
        values = np.arange(shape[0] * shape[1], dtype=np.float32).reshape(shape)
        maps = torch.from_numpy(values).expand(2, 1, *shape)
        turned, same = followed(maps, batch)[:, 0].numpy()
        np.testing.assert_array_equal(turned, cut_flipped(values[:, ::-1], cut // stride))
        np.testing.assert_array_equal(same, values)


def test_what_was_recorded_is_heard_before_the_network_that_looks():
    def word(m, images):
        speaks = torch.tensor(images).view(-1, 1, 1, 1)
        maps = torch.full((3, 1, 2, 2), m)
        return TeacherView(LogDepth(maps, -maps), speaks.expand_as(maps), None, speaks)

    features = [torch.zeros(3, 1, 1, 1)]
    live = word(1.0, [True, True, False])._replace(decoded=features)
    heard = combined(live, word(2.0, [True, False, False]))
    assert heard.depth.m[:2, 0, 0, 0].tolist() == [2.0, 1.0]
    assert heard.depth.s[:2, 0, 0, 0].tolist() == [-2.0, -1.0]
    assert heard.mask.flatten(1).all(1).tolist() == [True, True, False]
    assert heard.decoded is features
    assert heard.has_features.flatten().tolist() == [True, True, False]


def test_weights_of_the_teacher_grow_during_the_warm_up():
    settings = DistillationConfig(warm_up=0.1)
    assert [warm_up_factor(step, 100, settings) for step in (0, 4, 9, 50)] == [0.1, 0.5, 1, 1]


def test_a_teacher_speaks_with_the_temperature_that_it_publishes(teacher_file, tmp_path):
    network, info = load_teacher_file(teacher_file)
    write_model_file(tmp_path / 'warm.safetensors', network, replace(info, temperature=2.0))
    views = [
        FrozenTeacher(path, ModelConfig())(batch_of(sample(0)))
        for path in (teacher_file, tmp_path / 'warm.safetensors')
    ]
    torch.testing.assert_close(views[1].depth.s - views[0].depth.s, LN2.expand(1, 1, 96, 96))


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_half_precision_gives_finite_losses_and_gradients(teacher_file, dtype):
    batch = batch_of(sample(0), without_truth(1))
    teacher = TeacherTraining(config())
    teacher.log = teacher.log_dict = lambda *_, **__: None
    for module in (training(teacher_file), training(teacher_file, response='laplace_kl'), teacher):
        with torch.autocast('cpu', dtype):
            loss = module.training_step(batch, 0)
        assert loss.dtype == torch.float32
        loss.backward()
        assert torch.isfinite(loss)
        assert all(torch.isfinite(p.grad).all() for p in module.parameters() if p.grad is not None)


def constant_model(path, temperature, scale):
    """A model file that says canonical 12 m and b = `scale` everywhere."""
    network = Student(PRESETS['tiny'])
    torch.nn.init.zeros_(network.head.conv.weight)
    with torch.no_grad():
        network.head.conv.bias[1] = math.log(scale / (0.5 - scale))
    write_model_file(path, network, ModelInfo('tiny', 360.0, temperature=temperature))


@pytest.mark.parametrize('temperature', [0.5, 1.0, 2.0])
def test_fine_tuning_asks_nothing_of_a_model_that_is_calibrated_like_its_teacher(
    tmp_path, temperature
):
    """What is published is T b, and a fine-tuned model keeps its T."""
    constant_model(tmp_path / 'first.safetensors', temperature, 0.1 / temperature)
    settings = config(feature_weight=0.0, response_weight=0.0)
    settings.model.initial = str(tmp_path / 'first.safetensors')
    module = StudentTraining(settings)
    module.log = module.log_dict = lambda *_, **__: None
    said = np.full((HEIGHT, WIDTH), 2.0, np.float32)  # canonical 12 m

    def pull_on_s(scale):
        recorded = {'teacher_depth_m': said, 'teacher_scale': said / 2 * np.float32(scale)}
        batch = batch_of(*(without_truth(n, right=None, rig=None, **recorded) for n in (0, 1)))
        module.zero_grad()
        module.training_step(batch, 0).backward()
        return float(module.network.head.conv.bias.grad[1])

    assert pull_on_s(0.1) == pytest.approx(0, abs=2e-3)
    assert pull_on_s(0.05) > 0.1
    assert pull_on_s(0.2) < -0.1
    assert Predictor.load(str(module.write_model(tmp_path, []))).info.temperature == temperature


def test_teacher_of_another_canonical_camera_is_refused(teacher_file):
    settings = config(teacher_file)
    settings.model.canonical_focal = 500.0
    with pytest.raises(InputError, match='canonical focal length 360, the student has 500'):
        StudentTraining(settings)


def test_teacher_says_which_sample_has_no_right_image():
    module = TeacherTraining(config())
    with pytest.raises(InputError, match='made/1: has no right image'):
        module.training_step(batch_of(sample(0), sample(1, right=None, rig=None)), 0)


def test_disparity_of_truth_is_that_of_the_rig_and_of_sky_none():
    truth = np.full((HEIGHT, WIDTH), 10.0, np.float32)
    truth[0, 0], truth[0, 1], truth[0, 2] = np.inf, np.nan, 0.5
    batch = batch_of(sample(depth_m=truth))
    disparity, mask = disparity_target(batch, batch.depth_m, 48)
    assert float(disparity[0, 0, 5, 5]) == pytest.approx(60 * 0.5 / 10)
    assert float(disparity[0, 0, 0, 0]) == 0
    assert mask[0, 0, 0, :4].tolist() == [True, False, False, True]  # 0.5 m: 60 px, too near
    assert disparity_target(batch, batch.depth_m / 15, 48)[1].sum() == 1  # 45 of 44 px


def test_truth_is_trained_in_the_canonical_camera_and_sky_just_beyond_the_limit():
    depth = torch.tensor([10.0, math.inf, math.nan, 90.0]).view(1, 1, 1, 4)
    target, mask = log_target(depth, torch.tensor([180.0]), ModelConfig(canonical_focal=360.0))
    assert mask.flatten().tolist() == [True, True, False, True]
    expected = torch.tensor([20.0, 200.0, 2.0, 180.0]).log()
    torch.testing.assert_close(target.flatten(), expected)


def test_batch_is_what_it_says(teacher_file):
    batch = batch_of(sample(0), sample(1, right=None, rig=None))
    assert isinstance(batch, Batch)
    assert batch.names == ('made/0', 'made/1')
    assert batch.baseline_m[0] == 0.5
    assert torch.isnan(batch.baseline_m[1])
    torch.testing.assert_close(batch.right[1], batch.left[1])
    assert torch.isnan(batch.teacher_depth_m).all()
