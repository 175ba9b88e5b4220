# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Batches for Lightning: sources, mixture, transforms."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from adu_depth_core.data.cached import CachedLeft
from adu_depth_core.data.sample import StereoDataset
from adu_depth_core.data.sources import open_dataset
from adu_depth_core.data.transforms import View, augmented, left_view, resized
from adu_depth_core.inference.network_size import network_size
from adu_depth_core.training.config import SourceConfig, TrainingConfig
from adu_depth_core.training.step_sampler import Draw, StepSampler


class Batch(NamedTuple):
    """
    What a step gets.

    Attributes
    ----------
    image : (B, H, W, 3) uint8
        RGB.
    fx : (B,) float32
        Focal length in px.
    depth_m : (B, 1, H, W) float32
        NaN unknown, +inf sky.

    """

    image: Tensor
    fx: Tensor
    depth_m: Tensor


class DepthData(LightningDataModule):
    """Training batches that go on where the trainer stands, and validation images one by one."""

    def __init__(self, config: TrainingConfig) -> None:
        super().__init__()
        self._config = config
        self._train = [open_source(source) for source in config.data.train]
        self.validation = [open_source(source) for source in config.data.validation]

    def train_dataloader(self) -> DataLoader[View]:
        """Return the batches of the steps that are still to be done."""
        data = self._config.data
        sampler = StepSampler(
            [len(source) for source in self._train],
            [source.weight for source in data.train],
            data.sizes,
            batch_size=data.batch_size,
            steps=self._config.optimiser.steps,
            seed=self._config.seed,
            start=self.trainer.global_step if self.trainer else 0,
        )
        return DataLoader(
            TrainingViews(self._train),
            batch_sampler=sampler,
            collate_fn=collate,
            num_workers=data.workers,
        )

    def val_dataloader(self) -> DataLoader[View]:
        """Return each validation sample as a batch of one, as large as inference makes it."""
        pixels = max(width * height for width, height in self._config.data.sizes)
        return DataLoader(
            ValidationViews(self.validation, pixels),
            batch_size=1,
            collate_fn=collate,
            num_workers=self._config.data.workers,
        )


class TrainingViews(Dataset[View]):
    """Augmented views, addressed by `Draw`."""

    def __init__(self, sources: Sequence[StereoDataset]) -> None:
        self._sources = sources

    def __getitem__(self, draw: Draw) -> View:
        """Read and augment one sample with the random stream of its draw."""
        sample = self._sources[draw.source][draw.sample]
        rng = np.random.default_rng(draw.stream)
        return augmented(left_view(sample), draw.width, draw.height, rng)


class ValidationViews(Dataset[View]):
    """All samples of some sources, one after another, cut to multiples of 32."""

    def __init__(self, sources: Sequence[StereoDataset], pixels: int) -> None:
        self._sources = sources
        self._pixels = pixels
        self._places = [(s, i) for s, source in enumerate(sources) for i in range(len(source))]

    def __len__(self) -> int:
        """Count the samples of all sources."""
        return len(self._places)

    def __getitem__(self, index: int) -> View:
        """Read one sample at the network's size, stretched by a few pixels instead of padded."""
        source, frame = self._places[index]
        view = left_view(self._sources[source][frame])
        size = network_size(view.camera.width, view.camera.height, self._pixels)
        return resized(view, size.padded_width, size.padded_height)


def open_source(source: SourceConfig) -> StereoDataset:
    """Open one source of the configuration, with its cache if it has one."""
    dataset = open_dataset(source.spec, drives=source.drives, limit=source.frames)
    return CachedLeft(dataset, Path(source.cache)) if source.cache else dataset


def collate(views: Sequence[View]) -> Batch:
    """Stack views of one size."""
    return Batch(
        torch.from_numpy(np.stack([view.image for view in views])),
        torch.tensor([view.camera.fx for view in views], dtype=torch.float32),
        torch.from_numpy(np.stack([view.depth_m for view in views]))[:, None],
    )
