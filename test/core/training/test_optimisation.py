# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Optimiser and schedule: what is decayed, how the rate runs."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from adu_depth_core.training.config import OptimiserConfig
from adu_depth_core.training.optimisation import configured_optimiser, polynomial


def rates(schedule, steps=20):
    settings = OptimiserConfig(steps=steps, learning_rate=1.0, schedule=schedule)
    configured = configured_optimiser(nn.Linear(2, 2).parameters(), settings)
    optimiser, scheduler = configured['optimizer'], configured['lr_scheduler']['scheduler']
    found = []
    for _ in range(steps):
        found.append(optimiser.param_groups[0]['lr'])
        optimiser.step()
        scheduler.step()
    return found


def test_biases_and_norms_are_not_decayed_and_frozen_weights_not_touched():
    network = nn.Sequential(nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3), nn.Linear(3, 3))
    network[2].requires_grad_(False)
    settings = OptimiserConfig(weight_decay=0.05)
    groups = configured_optimiser(network.parameters(), settings)['optimizer'].param_groups
    assert [group['weight_decay'] for group in groups] == [0.05, 0.0]
    assert [len(group['params']) for group in groups] == [1, 3]


def test_polynomial_runs_from_the_peak_to_a_tenth():
    assert polynomial(0) == 1.0
    assert polynomial(1) == pytest.approx(0.1)
    found = rates('polynomial')
    assert found[0] == 1.0
    assert all(a > b for a, b in pairwise(found))


def test_one_cycle_rises_for_a_tenth_of_the_steps_and_then_falls():
    found = rates('one_cycle')
    peak = max(range(20), key=found.__getitem__)
    assert peak in (1, 2)
    assert found[-1] < 0.05 < found[0] + 0.05
    assert torch.tensor(found[peak:]).diff().max() < 0
