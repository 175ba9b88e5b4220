# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The configuration of a training, as it stands in the YAML files of `adu_depth_core.configs`."""

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal, get_args

from adu_depth_core.errors import InputError


@dataclass
class SourceConfig:
    """
    One data set of a mixture.

    Parameters
    ----------
    spec : str
        As for `adu_depth_core.datasets.sources.open_dataset`.
    drives : list of str
        Drives of KITTI or of a recording, with ranges (`0005[0-103]`), or sequences of
        DrivingStereo.
    frames : int, optional
        Use the first so many frames.
    weight : float
        Relative frequency in the mixture.
    truth : str
        Where the truth of KITTI comes from, see `KittiRaw`; `none` hides it in every data set.
    laser_share : float, optional
        Of dense truth, leave this share of the samples what a laser scanner would see, and the
        others nothing: the labels that a robot has.
    pseudo_depth : str, optional
        Folder of depth maps that an outside stereo system made, see `PseudoDepth`: they take the
        teacher's place.
    matcher : str, optional
        `sgbm`: OpenCV's semi-global block matching says of pairs what a teacher would, see
        `BlockMatching`.
    teacher : str, optional
        Shipped name or file of a stereo teacher, which says once of each pair what it would say
        at each step, pooled with block matching, see `TeacherLabels`.
    max_pixels : int, optional
        Shrink larger images to about so many pixels: those that the network will see are not
        read and resampled from the camera's size at each step.
    cache : str, optional
        Folder to keep the samples in, as they are after all of the above.
    pairs : bool
        Leave out what has no right image, for a teacher; each sample is read once to see that.

    """

    spec: str
    drives: list[str] = field(default_factory=list)
    frames: int | None = None
    weight: float = 1.0
    truth: Literal[
        'auto',
        'groundtruth',
        'velodyne_raw',
        'velodyne_points',
        'velodyne_points_minus_one',
        'best',
        'none',
    ] = 'auto'
    laser_share: float | None = None
    pseudo_depth: str | None = None
    matcher: Literal['sgbm'] | None = None
    teacher: str | None = None
    max_pixels: int | None = None
    cache: str | None = None
    pairs: bool = False


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

    @property
    def pixels(self) -> int:
        """Area of the largest input, which is that of inference."""
        return max(width * height for width, height in self.sizes)


@dataclass
class AugmentationConfig:
    """
    How training views differ from what the camera took.

    Parameters
    ----------
    flip, cut_flip : float
        Probabilities of mirroring, and of exchanging the upper and lower part of the student's
        image.
    max_zoom : float
        The smallest window is this many times smaller than the largest that fits.
    colours : bool
        Change the student's colours strongly, and the teacher's a little.

    """

    flip: float = 0.5
    cut_flip: float = 0.0
    max_zoom: float = 1.5
    colours: bool = True


@dataclass
class ModelConfig:
    """
    What is trained.

    Parameters
    ----------
    preset : str
        `tiny`, `base`, `large` or `leaderboard`.
    pretrained : bool
        Start from ImageNet weights of the encoder: an installed package's, or those of timm's
        hub, which needs a network.
    frozen : list of str
        Parts of the encoder that stay as they are, as timm names its modules.
    initial : str, optional
        Model file of the same preset to start from, instead of random weights, or the name of a
        model that ships.
    canonical_focal : float
        Focal length in px of the camera in which the network predicts.
    max_depth : float
        Metres; truth beyond it and sky are trained as 1.25 times this.
    description, licence : str
        Go into the model file: what the weights were trained on, and who may use them.

    """

    preset: str = 'tiny'
    pretrained: bool = False
    frozen: list[str] = field(default_factory=list)
    initial: str | None = None
    canonical_focal: float = 360.0
    max_depth: float = 80.0
    description: str = ''
    licence: str = 'Apache-2.0'


@dataclass
class StereoConfig:
    """
    How a stereo teacher looks at its two images.

    Parameters
    ----------
    fusion : str
        `correlation` matches features along the rows; `concat` feeds six channels to the encoder
        and is there to be compared with.
    max_disparity_px : int
        Largest disparity that is matched, in px of the network's input, a multiple of 16.
    groups : int
        Groups of channels that are correlated separately.
    refined : bool
        Refine the match at stride 2, and let depth follow it where it is to be trusted.
    disparity_weight, matching_weight : float
        Weights of the auxiliary losses on the matched disparity and on the scores at stride 4.

    """

    fusion: Literal['correlation', 'concat'] = 'correlation'
    max_disparity_px: int = 96
    groups: int = 8
    refined: bool = True
    disparity_weight: float = 1.0
    matching_weight: float = 1.0


@dataclass
class DistillationConfig:
    """
    What a student learns from a teacher; every part can be switched off by a weight of 0.

    Parameters
    ----------
    teacher : str, optional
        Model file of a stereo teacher, or `teacher` for the one that ships. Without one, and
        without the data set's own `teacher_depth_m`, the student learns from truth alone.
    feature_weight, response_weight, likelihood_weight : float
        Of the attention-adapted feature loss, of the response loss, and of the likelihood
        against the teacher where there is no truth.
    response : str
        `focal` (focal-depth-adapted), `l1`, or `laplace_kl`.
    focal_tau, focal_gamma, depth_exponent : float
        Of the focal-depth-adapted response loss.
    guidance : bool
        Weight both spaces by the uncertainty of teacher and student.
    guidance_kappa : float
        How much more effort goes where the student is unsure.
    disagreement : float
        Where the teacher contradicts truth by more than this share, it is not listened to.
    warm_up : float
        Share of the steps over which the weights grow from 0.

    """

    teacher: str | None = None
    feature_weight: float = 1.0
    response_weight: float = 10.0
    likelihood_weight: float = 1.0
    response: Literal['focal', 'l1', 'laplace_kl'] = 'focal'
    focal_tau: float = 0.1
    focal_gamma: float = 1.0
    depth_exponent: float = 0.0
    guidance: bool = True
    guidance_kappa: float = 1.0
    disagreement: float = 0.1
    warm_up: float = 0.05


@dataclass
class OptimiserConfig:
    """
    How it is trained: AdamW under a one-cycle or polynomial schedule.

    Parameters
    ----------
    steps : int
        Optimiser steps in all.
    learning_rate, weight_decay, gradient_clip : float
        Peak rate, decoupled decay, largest norm of the gradient.
    encoder_rate : float
        Learning rate of the encoder relative to `learning_rate`: one that is pre-trained has
        less to learn.
    schedule : str
        `one_cycle` (10 % of the steps up, then cosine), or `polynomial` (power 0.9 to a tenth).
    ema_decay : float, optional
        Of an exponential moving average of the weights, which is then what is validated and
        written.
    depth_loss : str
        What holds depth to truth: `silog`, or `l1` of log-depth, which dirty truth moves less.
    likelihood_weight : float
        Weight of the Laplace likelihood beside it.
    precision : str
        As Lightning names it: `32-true`, `bf16-mixed`, `16-mixed`.

    """

    steps: int = 2000
    learning_rate: float = 2e-3
    weight_decay: float = 0.01
    encoder_rate: float = 1.0
    gradient_clip: float = 1.0
    schedule: Literal['one_cycle', 'polynomial'] = 'one_cycle'
    ema_decay: float | None = None
    depth_loss: Literal['silog', 'l1'] = 'silog'
    likelihood_weight: float = 1.0
    precision: str = '32-true'


@dataclass
class TrainingConfig:
    """
    A whole training.

    Parameters
    ----------
    data, model, optimiser, augmentation, stereo, distillation
        See there; `stereo` describes a teacher, `distillation` what a student learns from one.
    output : str
        Folder for logs, checkpoints and the finished model.
    seed : int
        Weights, batches and augmentation follow from it.
    checkpoint_every, validate_every : int
        In steps.
    device : str
        As Lightning names accelerators: `auto`, `cpu`, `gpu`.
    export : bool
        Write the model's ONNX graph beside its file, as `adu-depth export` does.

    """

    data: DataConfig
    model: ModelConfig = field(default_factory=ModelConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    stereo: StereoConfig = field(default_factory=StereoConfig)
    distillation: DistillationConfig = field(default_factory=DistillationConfig)
    output: str = 'out/train'
    seed: int = 0
    checkpoint_every: int = 200
    validate_every: int = 500
    device: str = 'auto'
    export: bool = True


def require_possible(config: TrainingConfig) -> None:
    """Raise `InputError` that names the first setting that is empty or below its least value."""
    _require_values(config)
    settings = {
        'optimiser.steps': (config.optimiser.steps, 1),
        'data.batch_size': (config.data.batch_size, 1),
        'data.workers': (config.data.workers, 0),
        'checkpoint_every': (config.checkpoint_every, 1),
        'validate_every': (config.validate_every, 1),
    }
    for name, (value, least) in settings.items():
        if value < least:
            raise InputError(f'{name} is {value}; it must be at least {least}')
    if not config.data.train:
        raise InputError(
            'data.train is empty; name what to learn from, as --data recording:FOLDER'
        )


def _require_values(section: Any, prefix: str = '') -> None:
    """Refuse an empty setting that must have a value: a YAML parser takes `steps:` for null."""
    for setting in fields(section):
        name, value = prefix + setting.name, getattr(section, setting.name)
        if value is None and type(None) not in get_args(setting.type):
            raise InputError(f'{name} is empty; leave the line out for its default')
        for part in value if isinstance(value, list) else [value]:
            if is_dataclass(part):
                _require_values(part, f'{name}.')
