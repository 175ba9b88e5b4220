# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Image encoders from timm, by contract: features at strides 4, 8, 16 and 32."""

import inspect
from collections.abc import Sequence
from typing import Any, NamedTuple

import timm
import torch
from timm.layers import Conv2dSame
from timm.models import FeatureInfo
from torch import Tensor, nn
from torch.nn import functional as F

from adu_depth_core.errors import InputError
from adu_depth_core.models.pretrained import has_package, load_packaged_weights

STRIDES = (4, 8, 16, 32)


class Normalisation(NamedTuple):
    """Mean and deviation of RGB, 1 = white, that an encoder wants subtracted and divided by."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


IMAGENET = Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


class Encoder(nn.Module):
    """
    A timm backbone that returns one feature map per stride of `STRIDES`.

    Parameters
    ----------
    name : str
        Any timm model whose `features_only` form has these strides.
    pretrained : bool
        Start from ImageNet weights: those of an installed package (see `pretrained`), or what
        timm fetches from its hub, which needs a network.
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
        self._frozen: list[nn.Module] = []
        settings = getattr(self.backbone, 'default_cfg', None) or {}
        self.normalisation = Normalisation(
            settings.get('mean', IMAGENET.mean), settings.get('std', IMAGENET.std)
        )

    def freeze(self, names: Sequence[str]) -> None:
        """
        Keep parts of the backbone as they are, their normalisation statistics too.

        What comes first has the largest maps: a training that leaves it alone costs much less.

        Parameters
        ----------
        names : sequence of str
            Of modules, as the backbone names them: `conv_stem`, `blocks.0` …

        Raises
        ------
        InputError
            When the backbone has no such module.

        """
        modules = dict(self.backbone.named_modules())
        for name in names:
            if not name or name not in modules:
                there = ', '.join(child for child, _ in self.backbone.named_children())
                raise InputError(f'encoder: has no part "{name}" to freeze; it has {there}')
            self._frozen.append(modules[name].requires_grad_(False).eval())

    def train(self, mode: bool = True) -> 'Encoder':
        """Set the mode of all that is not frozen."""
        super().train(mode)
        for module in self._frozen:
            module.eval()
        return self

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
    from_package = pretrained and has_package(name)
    try:
        backbone = timm.create_model(
            name,
            features_only=True,
            pretrained=pretrained and not from_package,
            out_indices=indices,
            in_chans=in_channels,
            **_any_size(name),
        )
    except (OSError, RuntimeError) as error:
        raise InputError(
            f'encoder: pre-trained weights of "{name}" could not be loaded ({error}); '
            'connect to a network or set model.pretrained to false'
        ) from error
    if from_package:
        load_packaged_weights(backbone, name, in_channels)
    return _with_constant_padding(backbone)


def _with_constant_padding(backbone: nn.Module) -> nn.Module:
    """
    Fix TensorFlow's SAME padding, which timm works out from the size of each input.

    Where 32 divides the size it is always the same, and a graph with constants exports quickly
    and keeps its shapes known.
    """
    for name, module in list(backbone.named_modules()):
        if isinstance(module, Conv2dSame):
            owner, _, attribute = name.rpartition('.')
            setattr(backbone.get_submodule(owner), attribute, StridedSame(module))
    return backbone


class StridedSame(nn.Conv2d):
    """
    A convolution of stride 2 with SAME padding for even sizes: one pixel more after than before.

    Parameters
    ----------
    layer : nn.Conv2d
        Whose weights and shape it takes over; kernel 3 or 5.

    """

    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__(
            layer.in_channels,
            layer.out_channels,
            layer.kernel_size,  # type: ignore[arg-type]
            layer.stride,  # type: ignore[arg-type]
            groups=layer.groups,
            bias=layer.bias is not None,
        )
        self.load_state_dict(layer.state_dict())
        total = layer.kernel_size[0] - layer.stride[0]
        before, after = total // 2, total - total // 2
        self.around = (before, after, before, after)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W), both sides even, to half the size."""
        return super().forward(F.pad(x, self.around))


def _feature_info(backbone: nn.Module) -> FeatureInfo:
    info = backbone.feature_info
    assert isinstance(info, FeatureInfo)
    return info


def _all_strides(name: str) -> list[int]:
    with torch.device('meta'):
        return list(_feature_info(timm.create_model(name, features_only=True)).reduction())


def _any_size(name: str) -> dict[str, Any]:
    """Return what has a backbone take images of any size, where timm ties it to one (Swin)."""
    with torch.device('meta'):
        architecture = type(timm.create_model(name))
    is_tied = 'strict_img_size' in inspect.signature(architecture).parameters
    return {'strict_img_size': False} if is_tied else {}
