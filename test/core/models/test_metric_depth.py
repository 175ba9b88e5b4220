# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The module that is deployed, in every precision of its backbone."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from adu_depth_core.models.encoder import IMAGENET
from adu_depth_core.models.metric_depth import MetricDepth, metric
from adu_depth_core.models.presets import PRESETS
from adu_depth_core.models.student import Student, normalised

IMAGE = torch.randint(0, 256, (1, 32, 64, 3), generator=torch.manual_seed(0)).byte()
FX = torch.tensor([300.0])


class Recorder(TorchDispatchMode):
    """Notes the name of every operation."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.append(str(func))
        return func(*args, **(kwargs or {}))


@pytest.fixture
def model():
    torch.manual_seed(1)
    return MetricDepth(Student(PRESETS['tiny']), 360.0, 1.5).eval()


@torch.inference_mode()
def test_it_is_the_network_with_its_arithmetic_around(model):
    expected = metric(model.network(normalised(IMAGE, IMAGENET)), FX, 360.0, 1.5)
    for found, values in zip(model(IMAGE, FX), expected, strict=True):
        torch.testing.assert_close(found, values, rtol=1e-6, atol=0)


def test_what_it_adds_to_the_weights_is_in_no_file(model):
    assert all(name.startswith('network.') for name in model.state_dict())


@torch.no_grad()
@pytest.mark.parametrize('kind', [torch.float32, torch.float16])
def test_nothing_is_made_from_numbers_on_the_way(model, kind):
    model.with_backbone_in(kind)
    with Recorder() as recorder:
        model(IMAGE, FX)
    assert any('convolution' in name for name in recorder.names)
    assert not any('lift' in name for name in recorder.names)  # what torch.tensor(...) leaves


@torch.inference_mode()
@pytest.mark.parametrize('kind', [torch.bfloat16, torch.float16])
def test_head_stays_in_float32_and_convolutions_go_channels_last(model, kind):
    depth, std = model.with_backbone_in(kind)(IMAGE, FX)
    assert depth.dtype == std.dtype == torch.float32
    assert model.network.head.conv.weight.dtype == torch.float32
    assert {p.dtype for p in model.network.encoder.parameters()} == {kind}
    weights = [p for p in model.network.encoder.parameters() if p.ndim == 4]
    assert all(w.is_contiguous(memory_format=torch.channels_last) for w in weights)
