# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Optimiser and schedule: what is decayed, how the rate runs."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from adu_depth_core.training.config import OptimiserConfig
from adu_depth_core.training.optimisation import (
    configured_optimiser,
    parameter_groups,
    polynomial,
)


def rates(schedule, steps=20):
    settings = OptimiserConfig(steps=steps, learning_rate=1.0, schedule=schedule)
    configured = configured_optimiser(nn.Linear(2, 2), settings)
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
    groups = configured_optimiser(network, settings)['optimizer'].param_groups
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


@pytest.mark.parametrize('schedule', ['one_cycle', 'polynomial'])
@pytest.mark.parametrize('steps', range(1, 32))
def test_every_number_of_steps_can_be_trained(schedule, steps):
    found = rates(schedule, steps)
    assert max(found) > 0.2
    assert all(0 < rate <= 1 for rate in found)


def test_encoder_has_a_rate_of_its_own_in_groups_that_decay_or_do_not():
    network = nn.ModuleDict({'encoder': nn.Conv2d(2, 3, 1), 'decoder': nn.Conv2d(3, 1, 1)})
    settings = OptimiserConfig(learning_rate=0.1, encoder_rate=0.25, weight_decay=0.05)
    groups = parameter_groups(network, settings)
    found = {(g['lr'], g['weight_decay']): [p.shape for p in g['params']] for g in groups}
    assert found == {
        (0.025, 0.05): [network['encoder'].weight.shape],
        (0.025, 0.0): [network['encoder'].bias.shape],
        (0.1, 0.05): [network['decoder'].weight.shape],
        (0.1, 0.0): [network['decoder'].bias.shape],
    }


def test_frozen_parameters_are_in_no_group_and_groups_are_not_empty():
    network = nn.ModuleDict({'encoder': nn.Conv2d(2, 3, 1), 'decoder': nn.Conv2d(3, 1, 1)})
    network['encoder'].requires_grad_(False)
    groups = parameter_groups(network, OptimiserConfig(learning_rate=0.1, encoder_rate=0.25))
    assert [group['lr'] for group in groups] == [0.1, 0.1]
    assert sum(len(group['params']) for group in groups) == 2


def test_rates_of_the_groups_keep_their_ratio_through_the_cycle():
    network = nn.ModuleDict({'encoder': nn.Linear(2, 2), 'decoder': nn.Linear(2, 2)})
    settings = OptimiserConfig(steps=20, encoder_rate=0.25)
    configured = configured_optimiser(network, settings)
    for _ in range(20):
        optimiser = configured['optimizer']
        rate = [group['lr'] for group in optimiser.param_groups]
        assert rate[0] == pytest.approx(0.25 * rate[-1])
        optimiser.step()
        configured['lr_scheduler']['scheduler'].step()
