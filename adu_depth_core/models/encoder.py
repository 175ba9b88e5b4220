# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Image encoders from timm, by contract: features at strides 4, 8, 16 and 32."""

import timm
import torch
from timm.models import FeatureInfo
from torch import Tensor, nn

from adu_depth_core.errors import InputError

STRIDES = (4, 8, 16, 32)


class Encoder(nn.Module):
    """
    A timm backbone that returns one feature map per stride of `STRIDES`.

    Parameters
    ----------
    name : str
        Any timm model whose `features_only` form has these strides.
    pretrained : bool
        Load timm's pre-trained weights; they are fetched by timm, which needs a network.
    in_channels : int
        Channels of the input; timm spreads pre-trained weights over more than three.

    Raises
    ------
    InputError
        For an unknown name, a name with `:` (it could make timm load from elsewhere), missing
        strides, or pre-trained weights that cannot be had.

    """

    def __init__(self, name: str, *, pretrained: bool = False, in_channels: int = 3) -> None:
        super().__init__()
        self.backbone = _backbone(name, pretrained, in_channels)
        self.channels: list[int] = _feature_info(self.backbone).channels()
        # Some transformers of timm return (B, H, W, C), and say so.
        self.channels_last = str(getattr(self.backbone, 'output_fmt', '')).endswith('NHWC')

    def forward(self, image: Tensor) -> list[Tensor]:
        """Map (B, in_channels, H, W) normalised RGB to four features (B, C_s, H/s, W/s)."""
        features = self.backbone(image)
        return [f.permute(0, 3, 1, 2) for f in features] if self.channels_last else list(features)


def _backbone(name: str, pretrained: bool, in_channels: int) -> nn.Module:
    if ':' in name or not timm.is_model(name):
        raise InputError(f'encoder: "{name}" is not a timm model name')
    strides = _all_strides(name)
    if not set(STRIDES) <= set(strides):
        raise InputError(f'encoder: "{name}" has strides {strides}, needed are {list(STRIDES)}')
    indices = tuple(strides.index(stride) for stride in STRIDES)
    try:
        return timm.create_model(
            name,
            features_only=True,
            pretrained=pretrained,
            out_indices=indices,
            in_chans=in_channels,
        )
    except (OSError, RuntimeError) as error:
        raise InputError(
            f'encoder: pre-trained weights of "{name}" could not be loaded ({error}); '
            'connect to a network or set encoder.pretrained to false'
        ) from error


def _feature_info(backbone: nn.Module) -> FeatureInfo:
    info = backbone.feature_info
    assert isinstance(info, FeatureInfo)
    return info


def _all_strides(name: str) -> list[int]:
    with torch.device('meta'):
        return list(_feature_info(timm.create_model(name, features_only=True)).reduction())
