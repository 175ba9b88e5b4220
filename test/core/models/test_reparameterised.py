# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The student as it is deployed says what the trained one says."""

import pytest
import torch
from torch.nn import functional as F

from adu_depth_core.models.head import DepthHead
from adu_depth_core.models.presets import PRESETS
from adu_depth_core.models.reparameterised import (
    ReparameterisedHead,
    ReparameterisedStudent,
    bilinear_phases,
)
from adu_depth_core.models.student import Student


@pytest.fixture
def head():
    torch.manual_seed(0)
    head = DepthHead(16)
    torch.nn.init.normal_(head.conv.weight, std=0.2)
    torch.nn.init.normal_(head.conv.bias)
    return head


@torch.inference_mode()
@pytest.mark.parametrize('kind', [torch.float32, torch.bfloat16])
@pytest.mark.parametrize('shape', [(1, 16, 8, 24), (3, 16, 5, 7), (2, 16, 1, 1)])
def test_head_is_the_trained_one(head, shape, kind):
    feature = torch.randn(shape).to(kind)
    found = ReparameterisedHead(head)(feature)
    expected = head(feature, (4 * shape[2], 4 * shape[3]))
    for values, wanted in zip(found, (expected.m, expected.b), strict=True):
        assert values.dtype == torch.float32
        torch.testing.assert_close(values, wanted, rtol=1e-5, atol=1e-5)


@torch.inference_mode()
def test_scale_has_the_bounds_of_the_trained_one(head):
    torch.nn.init.zeros_(head.conv.weight)
    scales = []
    for t in (-60.0, 60.0):
        head.conv.bias[1] = t
        scales.append(float(ReparameterisedHead(head)(torch.zeros(1, 16, 1, 1)).b.max()))
    assert scales == pytest.approx([2.718281828**-6, 0.5])


@torch.inference_mode()
def test_student_is_the_trained_one():
    torch.manual_seed(1)
    student = Student(PRESETS['tiny']).eval()
    student.head.conv.weight.normal_(std=0.05)
    image = torch.randn(2, 3, 64, 96)
    found, expected = ReparameterisedStudent(student)(image), student(image)
    torch.testing.assert_close(found.m, expected.m)
    torch.testing.assert_close(found.b, expected.b)
    assert expected.m.std() > 0.01


@pytest.mark.parametrize('factor', [2, 3, 4])
def test_phases_are_bilinear_upsampling(factor):
    old = torch.randn(1, 1, 5, 6)
    kernels = bilinear_phases(factor)
    new = F.pixel_shuffle(F.conv2d(F.pad(old, (1, 1, 1, 1), mode='replicate'), kernels), factor)
    wanted = F.interpolate(old, scale_factor=factor, mode='bilinear', align_corners=False)
    assert kernels.shape == (factor**2, 1, 3, 3)
    torch.testing.assert_close(new, wanted)
