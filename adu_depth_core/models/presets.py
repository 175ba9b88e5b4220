# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Named sizes of the networks."""

from dataclasses import dataclass

from adu_depth_core.errors import InputError


@dataclass(frozen=True)
class Preset:
    """
    What a name such as `tiny` stands for.

    Parameters
    ----------
    encoder : str
        timm name of the backbone.
    decoder_width : int
        Channels of the decoder.

    """

    encoder: str
    decoder_width: int


PRESETS = {
    'tiny': Preset('tf_efficientnet_lite0', 64),
    'base': Preset('tf_efficientnet_lite2', 128),
    'large': Preset('convnext_tiny', 192),
    'leaderboard': Preset('swin_large_patch4_window12_384', 256),
}


def find_preset(name: str) -> Preset:
    """Return the preset of that name; `InputError` names the ones there are."""
    if name not in PRESETS:
        raise InputError(f'preset: "{name}" is unknown; there are {", ".join(PRESETS)}')
    return PRESETS[name]
