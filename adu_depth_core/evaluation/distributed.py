# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An evaluation spread over processes by torchrun: each image once, the figures of one process."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed
from torch import Tensor
from torchmetrics import Metric

from adu_depth_core.evaluation.frame_loop import Evaluated
from adu_depth_core.evaluation.scores import Scores


class SummedScores(Metric):
    """
    The sums of `Scores`, added over processes.

    Parameters
    ----------
    scores : Scores
        Of this process.

    """

    full_state_update = False
    sums: Tensor

    def __init__(self, scores: Scores) -> None:
        super().__init__()
        nothing = torch.zeros(len(scores.sums.vector), dtype=torch.float64)
        self.add_state('sums', nothing, dist_reduce_fx='sum')
        self.update(scores)

    def update(self, scores: Scores) -> None:
        """Add some images."""
        self.sums += torch.from_numpy(scores.sums.vector)

    def compute(self) -> Tensor:
        """Return the sums over all images of all processes, (D,) float64."""
        return self.sums


class Torchrun:
    """
    The processes that torchrun started.

    Attributes
    ----------
    rank, count : int
        Which of how many this one is.

    """

    def __init__(self) -> None:
        self.rank = torch.distributed.get_rank()
        self.count = torch.distributed.get_world_size()

    def join(self, evaluated: Evaluated) -> None:
        """Add up the sums, collect the frames in their order."""
        for scores in evaluated.scores.values():
            scores.sums.vector[:] = SummedScores(scores).compute().numpy()
        parts: list[Evaluated] = [evaluated] * self.count
        torch.distributed.all_gather_object(parts, evaluated)
        rows = [row for part in parts for row in part.timeline]
        evaluated.timeline = sorted(rows, key=lambda row: row.key)
        started = [part for part in parts if part.timeline]
        if started:
            evaluated.first_ns = min(started, key=lambda part: part.timeline[0].key).first_ns
        evaluated.interrupted = any(part.interrupted for part in parts)


@contextmanager
def torchrun_processes() -> Iterator[Torchrun]:
    """Meet the other processes that torchrun started, over gloo."""
    torch.distributed.init_process_group('gloo')
    try:
        yield Torchrun()
    finally:
        torch.distributed.destroy_process_group()
