# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the comparisons of trainings share: a training without ceremony, and their results."""

import json
import platform
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from lightning import Trainer

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.benchmarks.tables import Table
from adu_depth_core.errors import InputError
from adu_depth_core.inference.predictor import Prediction, Predictor
from adu_depth_core.inference.stereo_predictor import StereoPredictor
from adu_depth_core.samples.sample import StereoSample
from adu_depth_core.training.config import TrainingConfig
from adu_depth_core.training.data_module import DepthData
from adu_depth_core.training.student_training import StudentTraining
from adu_depth_core.training.teacher_training import TeacherTraining

Predict = Callable[[StereoSample], Prediction]


def trained_model_file(
    config: TrainingConfig,
    data: DepthData,
    *,
    teacher: bool,
    device: str = 'cpu',
    precision: str = '32-true',
    progress: bool = False,
) -> Path:
    """Train without checkpoints, as what is interrupted here starts anew; return the model."""
    model = TeacherTraining(config) if teacher else StudentTraining(config)
    trainer = Trainer(
        accelerator=device,
        devices=1,
        max_steps=config.optimiser.steps,
        max_epochs=1,
        precision=precision,
        gradient_clip_val=config.optimiser.gradient_clip,
        limit_val_batches=0,
        use_distributed_sampler=False,
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=progress,
    )
    trainer.fit(model, data)
    output = Path(config.output)
    output.mkdir(parents=True, exist_ok=True)
    return model.write_model(output, data.validation)


def load_predict(model_file: Path) -> Predict:
    """Load what a training wrote, of either kind, with no pixel unknown."""
    if model_file.name == 'teacher.safetensors':
        stereo = StereoPredictor.load(str(model_file), runtime='torch').without_limits()
        return lambda sample: stereo(sample.left, sample.right, sample.rig)
    mono = Predictor.load(str(model_file), runtime='torch', precision='float32').without_limits()
    return lambda sample: mono(sample.left, sample.camera)


def is_finished(path: Path, settings: dict[str, object]) -> bool:
    """
    Tell whether a run has its result.

    Raises
    ------
    InputError
        When the result is there, but was made with other settings.

    """
    if not path.exists():
        return False
    found = json.loads(path.read_text())
    different = [name for name, value in settings.items() if found[name] != value]
    if different:
        name = different[0]
        raise InputError(
            f'{path}: made with {name} {found[name]}, asked for is {settings[name]}; '
            'choose another --results'
        )
    return True


def write_result(path: Path, figures: dict[str, object]) -> None:
    """Write the figures of one run and where they were made."""
    machine = {
        'machine': platform.platform(),
        'threads': torch.get_num_threads(),
        'torch': torch.__version__,
    }
    with written_whole(path) as temporary:
        temporary.write_text(json.dumps({**figures, **machine}, indent=1) + '\n')


def table(rows: Iterable[tuple[str, list[dict]]], figures: Sequence[str]) -> str:
    """Return mean and standard deviation over the runs of each named row, as markdown."""
    lines = [
        (
            name,
            len(runs),
            *(_mean_and_deviation([run[figure] for run in runs]) for figure in figures),
        )
        for name, runs in rows
    ]
    title = 'Mean ± standard deviation over seeds'
    return Table(title, '', ('row', 'seeds', *figures), lines).markdown()


def _mean_and_deviation(values: list[float]) -> str:
    spread = f' ± {np.std(values, ddof=1):.4f}' if len(values) > 1 else ''
    return f'{np.mean(values):.4f}{spread}'
