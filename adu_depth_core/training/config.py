# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The configuration of a training, as it stands in the YAML files of `adu_depth_core.configs`."""

from dataclasses import dataclass, field


@dataclass
class SourceConfig:
    """
    One data set of a mixture.

    Parameters
    ----------
    spec : str
        As for `adu_depth_core.data.sources.open_dataset`.
    drives : list of str
        Drives of KITTI raw, with ranges: `0005[0-103]`.
    frames : int, optional
        Use the first so many frames.
    weight : float
        Relative frequency in the mixture.
    cache : str, optional
        Folder to keep rendered samples in.

    """

    spec: str
    drives: list[str] = field(default_factory=list)
    frames: int | None = None
    weight: float = 1.0
    cache: str | None = None


@dataclass
class DataConfig:
    """
    What is trained and validated on.

    Parameters
    ----------
    train, validation : list of SourceConfig
        Validation also fits the temperature of the uncertainty.
    sizes : list of [width, height]
        Sizes in px of the network's input, multiples of 32; each batch draws one.
    batch_size, workers : int
        Images a step; processes that read them.

    """

    train: list[SourceConfig]
    validation: list[SourceConfig]
    sizes: list[tuple[int, int]] = field(default_factory=lambda: [(640, 192)])
    batch_size: int = 8
    workers: int = 2


@dataclass
class ModelConfig:
    """
    What is trained.

    Parameters
    ----------
    preset : str
        `tiny` or `base`.
    pretrained : bool
        Start from timm's weights of the encoder, which needs a network.
    initial : str, optional
        Model file of the same preset to start from, instead of random weights.
    canonical_focal : float
        Focal length in px of the camera in which the network predicts.
    max_depth : float
        Metres; truth beyond it and sky are trained as 1.25 times this.
    description, licence : str
        Go into the model file: what the weights were trained on, and who may use them.

    """

    preset: str = 'tiny'
    pretrained: bool = False
    initial: str | None = None
    canonical_focal: float = 360.0
    max_depth: float = 80.0
    description: str = ''
    licence: str = 'Apache-2.0'


@dataclass
class OptimiserConfig:
    """
    How it is trained: AdamW under a one-cycle schedule.

    Parameters
    ----------
    steps : int
        Optimiser steps in all.
    learning_rate, weight_decay, gradient_clip : float
        Peak rate, decoupled decay, largest norm of the gradient.
    likelihood_weight : float
        Weight of the Laplace likelihood beside SILog.
    precision : str
        As Lightning names it: `32-true`, `bf16-mixed`, `16-mixed`.

    """

    steps: int = 2000
    learning_rate: float = 2e-3
    weight_decay: float = 0.01
    gradient_clip: float = 1.0
    likelihood_weight: float = 1.0
    precision: str = '32-true'


@dataclass
class TrainingConfig:
    """
    A whole training.

    Parameters
    ----------
    data, model, optimiser
        See there.
    output : str
        Folder for logs, checkpoints and the finished model.
    seed : int
        Weights, batches and augmentation follow from it.
    checkpoint_every, validate_every : int
        In steps.
    device : str
        As Lightning names accelerators: `auto`, `cpu`, `gpu`.

    """

    data: DataConfig
    model: ModelConfig = field(default_factory=ModelConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    output: str = 'out/train'
    seed: int = 0
    checkpoint_every: int = 200
    validate_every: int = 500
    device: str = 'auto'
