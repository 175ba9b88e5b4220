# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A rounded model says nearly what it said, and its folded weights are those of bfloat16."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from adu_depth_core.inference.model_file import load_model_file
from adu_depth_core.models.bfloat16_weights import round_weights
from adu_depth_core.models.presets import Preset
from adu_depth_core.models.student import Student
from adu_depth_core.weights import model_path


@pytest.fixture
def student() -> Student:
    network = load_model_file(model_path('tiny_free'))[0].network
    assert isinstance(network, Student)
    return network


def folded(student: Student) -> Iterator[Tensor]:
    """Yield weights and biases as torch folds the normalisations of EfficientNet and decoder."""
    backbone, decoder = student.encoder.backbone, student.decoder
    pairs = [(backbone.conv_stem, backbone.bn1)]
    for block in backbone.blocks.modules():
        names = [('conv_dw', 'bn1'), ('conv_pw', 'bn2'), ('conv_pwl', 'bn3')]
        if hasattr(block, 'conv_pwl'):
            names = [('conv_pw', 'bn1'), ('conv_dw', 'bn2'), ('conv_pwl', 'bn3')]
        if hasattr(block, 'conv_pw'):
            pairs += [
                (getattr(block, c), getattr(block, n)) for c, n in names if hasattr(block, c)
            ]
    for mix in decoder.mix:
        pairs += [(mix.depthwise, mix.depthwise_norm), (mix.pointwise, mix.pointwise_norm)]
    for conv, norm in pairs:
        yield from fuse_conv_bn_weights(
            *(conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps),
            *(norm.weight, norm.bias),
        )
    for lateral in decoder.lateral:
        yield from (lateral.weight, lateral.bias)


@torch.no_grad()
def off_grid(student: Student) -> float:
    """Return how far a folded value is from what bfloat16 holds, of the largest of its tensor."""
    return max(
        float((values - values.bfloat16().float()).abs().max() / values.abs().max())
        for values in folded(student)
    )


def test_folded_weights_are_held_by_bfloat16(student: Student) -> None:
    convolutions = sum(isinstance(m, nn.Conv2d) for m in student.modules())
    assert len(list(folded(student))) == 2 * (convolutions - 1)  # all but the head
    assert off_grid(student) > 1e-3
    round_weights(student)
    assert off_grid(student) < 1e-5


@torch.inference_mode()
def test_rounded_model_says_nearly_the_same(student: Student) -> None:
    image = torch.rand(1, 3, 96, 160, generator=torch.Generator().manual_seed(0)) * 2 - 1
    before = student.eval()(image)
    head = {name: value.clone() for name, value in student.head.state_dict().items()}
    round_weights(student.train())
    assert student.training
    after = student.eval()(image)
    difference = float((before.m - after.m).abs().mean())
    assert 1e-4 < difference < 0.03
    assert all(torch.equal(value, head[name]) for name, value in student.head.state_dict().items())


@pytest.mark.parametrize('encoder', ['convnext_atto', 'swin_tiny_patch4_window7_224'])
def test_encoder_without_batch_normalisation_is_rounded_as_it_is(encoder: str) -> None:
    network = Student(Preset(encoder, 16))
    round_weights(network)
    found = [m.weight for m in network.encoder.modules() if isinstance(m, nn.Conv2d)]
    assert found
    assert all(torch.equal(weight, weight.bfloat16().float()) for weight in found)
