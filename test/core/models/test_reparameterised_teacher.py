# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The teacher as it is deployed says what the trained one says."""

import pytest
import torch

from adu_depth_core.models.matching import groupwise_correlation
from adu_depth_core.models.presets import Preset
from adu_depth_core.models.reparameterised_teacher import (
    ReparameterisedFusion,
    ReparameterisedTeacher,
)
from adu_depth_core.models.teacher import CorrelationFusion, Teacher, TeacherArchitecture

SMALL = Preset('mobilenetv4_conv_small_050', 32)


@torch.inference_mode()
@pytest.mark.parametrize(('disparities', 'width'), [(6, 10), (6, 4), (1, 3)])
def test_correlation_is_the_trained_one_in_another_order(disparities, width):
    torch.manual_seed(0)
    fusion = CorrelationFusion(16, disparities, 8).eval()
    left, right = torch.randn(2, 2, 16, 5, width).unbind(0)
    expected = groupwise_correlation(
        fusion.descriptor(left), fusion.descriptor(right), disparities=disparities, groups=8
    )
    found = ReparameterisedFusion(fusion)._correlation(left, right)
    by_disparity = found.unflatten(1, (disparities, 8)).transpose(1, 2)
    torch.testing.assert_close(by_disparity, expected)
    wanted = fusion(left, right)
    fused, (_, volume) = ReparameterisedFusion(fusion)(left, right)
    torch.testing.assert_close(fused, wanted.fused)
    torch.testing.assert_close(volume, wanted.volume)


@torch.inference_mode()
@pytest.mark.parametrize('refined', [True, False])
@pytest.mark.parametrize('fusion', ['correlation', 'concat'])
def test_teacher_is_the_trained_one(fusion, refined):
    torch.manual_seed(1)
    teacher = Teacher(TeacherArchitecture(SMALL, 360.0, fusion, 48, refined=refined)).eval()
    teacher.head.conv.weight.normal_(std=0.05)
    if fusion == 'correlation':
        teacher.scores.of_groups.uniform_(0, 5)
    left, right = torch.randn(2, 2, 3, 64, 96).unbind(0)
    rig = torch.tensor([0.5, 0.1]), torch.tensor([0.0, 4.0])
    found = ReparameterisedTeacher(teacher)(left, right, *rig)
    expected = teacher(left, right, *rig).depth
    torch.testing.assert_close(found.m, expected.m)
    torch.testing.assert_close(found.b, expected.b)
    assert expected.m.std() > 0.01
