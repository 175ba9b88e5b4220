# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Batches for Lightning: sources, mixture, views."""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from lightning import LightningDataModule
from lightning.pytorch.utilities.rank_zero import rank_zero_info
from torch.utils.data import DataLoader, Dataset

from adu_depth_core.datasets.block_matching import BlockMatching
from adu_depth_core.datasets.laser_pattern import LaserLabels
from adu_depth_core.datasets.pseudo_depth import PseudoDepth
from adu_depth_core.datasets.sources import open_dataset
from adu_depth_core.datasets.subsets import ChosenFrames
from adu_depth_core.errors import InputError
from adu_depth_core.inference.network_size import network_size
from adu_depth_core.inference.teacher_labels import TeacherLabels
from adu_depth_core.samples.cached import CachedSamples
from adu_depth_core.samples.sample import StereoDataset
from adu_depth_core.training.config import AugmentationConfig, SourceConfig, TrainingConfig
from adu_depth_core.training.engine.processes import processes_per_node
from adu_depth_core.training.engine.reading_processes import (
    LONGEST_WAIT_S,
    collate_shared,
    fitting_workers,
    leave_signals_to_parent,
)
from adu_depth_core.training.step_sampler import Draw, StepSampler
from adu_depth_core.training.views.geometry import WithinPixels, resized
from adu_depth_core.training.views.training_view import TrainingView, augmented_view, plain_view
from adu_depth_core.user_paths import user_path

# How far the aspects of images and of a size may differ, and what is a small size to fine-tune at.
SHAPES_APART = 1.5
NOTICE_PIXELS = 320 * 224


class DepthData(LightningDataModule):
    """
    Training batches that go on where the trainer stands, and validation images one by one.

    Parameters
    ----------
    config : TrainingConfig
        What to do with the sources.
    train, validation : lists of StereoDataset
        As `config.data` describes them: see `from_config`.
    trains_teacher : bool
        The pairs are there to learn from, and not for a frozen teacher: see `augmented_view`.

    """

    def __init__(
        self,
        config: TrainingConfig,
        train: list[StereoDataset],
        validation: list[StereoDataset],
        *,
        trains_teacher: bool = False,
    ) -> None:
        super().__init__()
        self._config = config
        self._trains_teacher = trains_teacher
        self._train = train
        self.validation = validation

    @classmethod
    def from_config(cls, config: TrainingConfig, *, trains_teacher: bool = False) -> 'DepthData':
        """Open the sources that the configuration names."""
        train = [open_source(source) for source in config.data.train]
        for source, dataset in zip(config.data.train, train, strict=True):
            if source.spec.startswith('recording'):  # of a camera that no configuration knows
                camera = dataset[0].camera
                notice = shape_notice(camera.width, camera.height, config.data.sizes)
                if notice:
                    rank_zero_info(f'{source.spec}: {notice}')
        validation = [open_source(source) for source in config.data.validation]
        return cls(config, train, validation, trains_teacher=trains_teacher)

    def train_dataloader(self) -> DataLoader[TrainingView]:
        """Return the batches of the steps that are still to be done."""
        data = self._config.data
        rank, processes = self._share
        sampler = StepSampler(
            [len(source) for source in self._train],
            [source.weight for source in data.train],
            data.sizes,
            batch_size=data.batch_size,
            steps=self._config.optimiser.steps,
            seed=self._config.seed,
            start=self.trainer.global_step if self.trainer else 0,
            rank=rank,
            processes=processes,
        )
        return DataLoader(
            TrainingViews(
                self._train,
                self._config.augmentation,
                stereo=self._trains_teacher or self._config.distillation.teacher is not None,
                trains_teacher=self._trains_teacher,
            ),
            batch_sampler=sampler,
            **self._reading,
        )

    def val_dataloader(self) -> DataLoader[TrainingView]:
        """Return each validation sample as a batch of one, as large as inference makes it."""
        data = self._config.data
        total, (rank, processes) = sum(map(len, self.validation)), self._share
        if 0 < total < processes:
            raise InputError(
                f'data.validation: {total} samples for {processes} processes; each needs one'
            )
        return DataLoader(
            ValidationViews(self.validation, data.pixels, rank, processes),
            batch_size=1,
            **self._reading,
        )

    @cached_property
    def _reading(self) -> dict[str, Any]:
        """Options of `DataLoader` that say by whom is read, the same for both of them."""
        data, processes = self._config.data, self._share[1]
        workers = fitting_workers(data, data.batch_size // processes, processes_per_node())
        return {
            'num_workers': workers,
            'timeout': LONGEST_WAIT_S if workers else 0,
            # As up to Python 3.13; what 3.14 does instead imports torch in each process.
            'multiprocessing_context': 'fork' if workers else None,
            'collate_fn': collate_shared,
            'worker_init_fn': leave_signals_to_parent,
        }

    @property
    def _share(self) -> tuple[int, int]:
        """Rank of this process, and how many there are."""
        return (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)


def shape_notice(width: int, height: int, sizes: Sequence[tuple[int, int]]) -> str:
    """
    Say what to do where no size has about the shape of the images; an empty string where one has.

    Parameters
    ----------
    width, height : int
        Of the images, in px.
    sizes : sequence of (width, height)
        As in `DataConfig`.

    """
    aspects = [size[0] / size[1] * height / width for size in sizes]
    if any(1 / SHAPES_APART <= aspect <= SHAPES_APART for aspect in aspects):
        return ''
    fitting = network_size(width, height, NOTICE_PIXELS)
    return (
        f'the images are {width}x{height}, and nothing in data.sizes has about that shape: '
        'windows of another are all that is learned from; try '
        f"--data.sizes '[[{fitting.padded_width}, {fitting.padded_height}]]'"
    )


class TrainingViews(Dataset[TrainingView]):
    """Augmented views, addressed by `Draw`."""

    def __init__(
        self,
        sources: Sequence[StereoDataset],
        augmentation: AugmentationConfig,
        *,
        stereo: bool,
        trains_teacher: bool,
    ) -> None:
        self._sources = sources
        self._settings = {
            **asdict(augmentation),
            'stereo': stereo,
            'trains_teacher': trains_teacher,
        }

    def __getitem__(self, draw: Draw) -> TrainingView:
        """Read and augment one sample with the random stream of its draw."""
        sample = self._sources[draw.source][draw.sample]
        rng = np.random.default_rng(draw.stream)
        return augmented_view(sample, draw.width, draw.height, rng, **self._settings)


class ValidationViews(Dataset[TrainingView]):
    """The samples of some sources that fall to one process, cut to multiples of 32."""

    def __init__(
        self, sources: Sequence[StereoDataset], pixels: int, rank: int = 0, processes: int = 1
    ) -> None:
        self._sources = sources
        self._pixels = pixels
        places = [(s, i) for s, source in enumerate(sources) for i in range(len(source))]
        self._places = places[rank::processes]

    def __len__(self) -> int:
        """Count the samples of all sources that fall to this process."""
        return len(self._places)

    def __getitem__(self, index: int) -> TrainingView:
        """Read one sample at the network's size, stretched by a few pixels instead of padded."""
        source, frame = self._places[index]
        sample = self._sources[source][frame]
        size = network_size(sample.camera.width, sample.camera.height, self._pixels)
        # Nothing that a teacher once said is judged here.
        bare = replace(sample, teacher_depth_m=None, teacher_scale=None)
        return plain_view(resized(bare, size.padded_width, size.padded_height))


def _made_from(source: SourceConfig) -> str:
    """Describe what decides about the samples that are kept, but not how many or how often."""
    kept = {f.name: getattr(source, f.name) for f in fields(source)}
    for name in ('frames', 'weight', 'laser_share', 'cache', 'pairs'):
        del kept[name]
    return json.dumps(kept, sort_keys=True)


def _pairs(dataset: StereoDataset, spec: str) -> list[int]:
    pairs = [index for index in range(len(dataset)) if dataset[index].right is not None]
    rank_zero_info(f'{spec}: {len(pairs)} of {len(dataset)} samples are pairs')
    if not pairs:
        raise InputError(f'{spec}: none of its {len(dataset)} samples has a right image')
    return pairs


def open_source(source: SourceConfig) -> StereoDataset:
    """Open one source of the configuration, with its cache and its labels."""
    dataset = open_dataset(
        source.spec, drives=source.drives, truth=source.truth, limit=source.frames
    )
    if source.pseudo_depth:
        dataset = PseudoDepth(dataset, user_path(source.pseudo_depth))
    rank_zero_info(f'{source.spec}: {len(dataset)} samples, {dataset.missing.summary()}')
    if source.matcher:
        dataset = BlockMatching(dataset)
    if source.teacher:
        dataset = TeacherLabels(dataset, source.teacher)
    if source.max_pixels:
        dataset = WithinPixels(dataset, source.max_pixels)
    if source.cache:
        dataset = CachedSamples(dataset, user_path(source.cache), _made_from(source))
    if source.pairs:
        dataset = ChosenFrames(dataset, _pairs(dataset, source.spec))
    return dataset if source.laser_share is None else LaserLabels(dataset, source.laser_share)
