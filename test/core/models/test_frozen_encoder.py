# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Frozen parts of an encoder stay as they are, statistics too, and the rest learns."""

import pytest
import torch

from adu_depth_core.errors import InputError
from adu_depth_core.models.encoder import Encoder

NAME, FROZEN = 'mobilenetv3_small_050', ['conv_stem', 'bn1', 'blocks.0']


def is_frozen(name):
    return any(name.startswith(f'backbone.{part}.') for part in FROZEN)


def test_training_step_changes_all_but_the_frozen_parts():
    torch.manual_seed(0)
    encoder = Encoder(NAME)
    encoder.freeze(FROZEN)
    encoder.train()
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    optimiser = torch.optim.SGD(encoder.parameters(), lr=0.1)
    sum(feature.square().mean() for feature in encoder(torch.rand(2, 3, 64, 64))).backward()
    optimiser.step()
    changed = {n for n, v in encoder.state_dict().items() if not torch.equal(v, before[n])}
    assert not any(is_frozen(name) for name in changed)
    assert {name for name, _ in encoder.named_parameters() if not is_frozen(name)} <= changed
    assert any('running_mean' in name for name in changed)


def test_part_that_is_not_there_is_told():
    for name in ('blocks.99', ''):
        with pytest.raises(InputError, match=f'has no part "{name}" to freeze; it has conv_stem'):
            Encoder(NAME).freeze([name])
