# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The teacher: it matches, it is metric on any rig, and its file comes back."""

from dataclasses import replace

import pytest
import torch

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_file import (
    load_model_file,
    load_teacher_file,
    write_model_file,
)
from adu_depth_core.inference.model_info import ModelInfo, TeacherInfo
from adu_depth_core.inference.stereo_predictor import StereoPredictor
from adu_depth_core.models.presets import PRESETS
from adu_depth_core.models.student import Student, normalised
from adu_depth_core.models.teacher import Teacher, TeacherArchitecture
from adu_depth_core.synthetic import SyntheticDrive
from adu_depth_core.training.batch import collate
from adu_depth_core.training.views.training_view import plain_view

INFO = TeacherInfo('tiny', 360.0, max_disparity_px=48, refined=True, pixels=192 * 64)


@pytest.fixture(scope='module')
def teacher():
    torch.manual_seed(0)
    return Teacher(INFO.architecture()).eval()


def look(teacher, sample):
    batch = collate([plain_view(sample)])
    images = [normalised(view, teacher.normalisation) for view in (batch.left, batch.right)]
    with torch.no_grad():
        return teacher(*images, batch.baseline_m, batch.offset_px)


def street(camera, baseline_m=0.5):
    return SyntheticDrive(3, 1, camera=camera, baseline_m=baseline_m)[0]


def test_features_compare_scale_by_scale_with_those_of_a_student(teacher):
    image = torch.randn(1, 3, 64, 192)
    _, of_student = Student(PRESETS['tiny']).eval().with_features(image)
    output = teacher(image, image, torch.ones(1), torch.zeros(1))
    assert [f.shape for f in output.decoded] == [f.shape for f in of_student]
    assert output.depth.m.shape == output.depth.s.shape == (1, 1, 64, 192)
    assert output.disparity_px.shape == (1, 1, 32, 96)
    assert output.scores.shape == (1, 12, 16, 48)


def test_focal_length_alone_does_not_change_the_canonical_map(teacher):
    sample = street(Camera(192, 64, 110.0, 110.0, 95.5, 31.5))
    longer = replace(
        sample.rig,
        left=replace(sample.rig.left, fx=165.0),
        right=replace(sample.rig.right, fx=165.0),
    )
    through_longer_lens = replace(sample, rig=longer, camera=longer.left)
    torch.testing.assert_close(
        look(teacher, sample).depth.m, look(teacher, through_longer_lens).depth.m
    )


def test_baseline_and_offset_enter_the_depth(teacher):
    image = torch.randn(1, 3, 64, 192)

    def m(baseline, offset):
        return teacher(image, image, torch.tensor([baseline]), torch.tensor([offset])).depth.m

    assert not torch.equal(m(0.5, 0.0), m(0.1, 0.0))
    assert not torch.equal(m(0.5, 0.0), m(0.5, 5.0))


def test_concatenation_takes_six_channels_and_has_no_disparity():
    architecture = TeacherArchitecture(PRESETS['tiny'], 360.0, fusion='concat')
    teacher = Teacher(architecture).eval()
    image = torch.randn(1, 3, 64, 96)
    output = teacher(image, image.flip(-1), torch.ones(1), torch.zeros(1))
    assert output.disparity_px is None
    assert output.depth.m.shape == (1, 1, 64, 96)
    swapped = teacher(image.flip(-1), image, torch.ones(1), torch.zeros(1))
    assert not torch.equal(output.depth.m, swapped.depth.m)


def test_all_weights_of_a_teacher_get_a_gradient():
    for fusion, refined in (('correlation', False), ('correlation', True), ('concat', True)):
        teacher = Teacher(TeacherArchitecture(PRESETS['tiny'], 360.0, fusion, 48, refined=refined))
        image = torch.randn(2, 3, 64, 96)
        output = teacher(image, image, torch.ones(2), torch.zeros(2))
        (output.depth.m.sum() + output.depth.s.sum()).backward()
        without = [name for name, p in teacher.named_parameters() if p.grad is None]
        assert without == []


def test_teacher_file_comes_back_and_predicts_metres(teacher, tmp_path):
    path = tmp_path / 'teacher.safetensors'
    write_model_file(path, teacher, replace(INFO, temperature=2.0))
    loaded, info = load_teacher_file(path)
    assert info.temperature == 2.0
    assert loaded.architecture == teacher.architecture
    sample = street(Camera(200, 70, 110.0, 110.0, 99.5, 34.5))
    predictor = StereoPredictor.load(str(path), device='cpu').without_limits()
    prediction = predictor(sample.left, sample.right, sample.rig)
    assert prediction.depth_m.shape == prediction.std_m.shape == (70, 200)
    assert (prediction.std_m <= 2.0 * 2**0.5 * 0.5 * prediction.depth_m * 1.001).all()
    with pytest.raises(InputError, match='does not fit its rig'):
        predictor(sample.left[:-1], sample.right, sample.rig)


def test_files_of_students_and_teachers_are_told_apart(teacher, tmp_path):
    mono, stereo = tmp_path / 'model.safetensors', tmp_path / 'teacher.safetensors'
    write_model_file(mono, Student(PRESETS['tiny']), ModelInfo('tiny', 360.0))
    write_model_file(stereo, teacher, INFO)
    with pytest.raises(InputError, match='not a stereo teacher'):
        load_teacher_file(mono)
    with pytest.raises(InputError, match='not a model for single images'):
        load_model_file(stereo)
