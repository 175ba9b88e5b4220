# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Batches as a pure function of seed and step."""

import numpy as np
import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.training.step_sampler import StepSampler

SIZES = [(640, 192), (480, 256)]


def sampler(**changes):
    settings = {'batch_size': 4, 'steps': 400, 'seed': 3, **changes}
    return StepSampler([10, 1000], [0.25, 0.75], SIZES, **settings)


def test_starting_in_the_middle_gives_the_rest_of_the_same_batches():
    assert list(sampler(start=150)) == list(sampler())[150:]


def test_length_counts_all_steps_whatever_the_start():
    assert len(sampler(start=150)) == 400


def test_other_seed_gives_other_batches():
    assert sampler().batch(0) != sampler(seed=4).batch(0)


def test_images_of_a_batch_share_a_size_and_sizes_vary_between_batches():
    sizes = [{(draw.width, draw.height) for draw in batch} for batch in sampler()]
    assert all(len(size) == 1 for size in sizes)
    assert set.union(*sizes) == set(SIZES)


def test_sources_come_by_weight_and_not_by_length():
    sources = [draw.source for batch in sampler() for draw in batch]
    assert abs(np.mean(sources) - 0.75) < 0.05


def test_samples_stay_within_their_source():
    draws = [draw for batch in sampler() for draw in batch]
    assert all(draw.sample < (10, 1000)[draw.source] for draw in draws)
    assert max(draw.sample for draw in draws if draw.source == 1) > 900


def test_every_draw_has_a_stream_of_its_own():
    streams = [draw.stream for batch in sampler() for draw in batch]
    assert len(set(streams)) == len(streams)


def test_processes_share_the_batches_of_one_process_without_overlap():
    whole = list(sampler(steps=5))
    first, second = (list(sampler(steps=5, rank=rank, processes=2)) for rank in (0, 1))
    for batch, even, odd in zip(whole, first, second, strict=True):
        assert (batch[0::2], batch[1::2]) == (even, odd)


def test_batch_that_cannot_be_shared_equally_is_refused():
    with pytest.raises(InputError, match='batch_size 4 cannot be shared equally by 3 processes'):
        sampler(processes=3)
