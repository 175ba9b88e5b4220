# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Steps a second, memory, and how long a training waits for data.

Each row trains in a process of its own on 40 scenes that are rendered beforehand. Reported are
medians over logging intervals of ten steps, without the first, in which memory is laid out.
"""

import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import torch
from lightning import seed_everything

from adu_depth_core.benchmarks.parts import Options, Result
from adu_depth_core.benchmarks.tables import Table
from adu_depth_core.inference.model_file import write_model_file
from adu_depth_core.inference.model_info import TeacherInfo
from adu_depth_core.models.teacher import Teacher
from adu_depth_core.training.config import (
    DataConfig,
    OptimiserConfig,
    SourceConfig,
    TrainingConfig,
)
from adu_depth_core.training.data_module import DepthData, open_source
from adu_depth_core.training.engine.json_lines_logger import read_lines
from adu_depth_core.training.run import NETWORKS, fit

SUMMARY = 'training steps a second, peak memory and the share of time that waits for data'
SIZES = ((320, 96), (640, 192))
PRECISIONS = ('32-true', 'bf16-mixed')
MEASURES = ('time/steps_per_second', 'time/data_share', 'memory/peak_mib')
KINDS = (('student', False), ('student', True), ('teacher', False))


@dataclass(frozen=True)
class Row:
    """One training: what, with which images of how many px, and on what."""

    network: str
    width: int
    height: int
    precision: str
    device: str
    distilled: bool = False
    preset: str = 'tiny'
    batch_size: int = 8
    workers: int = 2


def measure(options: Options) -> Result:
    """Train for some steps in every way."""
    scenes_used, steps = (8, 20) if options.quick else (40, 30)
    cache = str(options.folder / 'scenes')
    source = SourceConfig('synthetic_scenes:1', frames=scenes_used, cache=cache)
    scenes = open_source(source)
    for index in range(len(scenes)):
        scenes[index]
    wanted = [Row('student', 96, 32, '32-true', 'cpu', workers=0)] if options.quick else rows()
    measured_rows = [asdict(row) | in_fresh_process(row, source, steps) for row in wanted]
    return {'steps': steps, 'rows': measured_rows}


def tables(result: Result) -> list[Table]:
    """Return one table of all trainings."""
    return [
        Table(
            'Training',
            'Batch 8, reading processes beside it; medians over intervals of ten steps.',
            (
                *('network', 'preset', 'size', 'precision', 'device', 'steps/s'),
                *('peak memory, MiB', 'waiting for data, %'),
            ),
            [
                (
                    'distilled student' if row['distilled'] else row['network'],
                    *(row['preset'], f'{row["width"]}×{row["height"]}'),
                    *(row['precision'], row['device'], row['time/steps_per_second']),
                    *(row['memory/peak_mib'], 100 * row['time/data_share']),
                )
                for row in result['rows']
            ],
        )
    ]


def rows() -> list[Row]:
    """All trainings: on the CPU, and on a GPU if there is one."""
    devices = ['cpu', 'gpu'] if torch.cuda.is_available() else ['cpu']
    return [
        Row(network, *size, precision, device, distilled=distilled)
        for device in devices
        for network, distilled in KINDS
        for size in SIZES
        for precision in PRECISIONS
    ]


def in_fresh_process(row: Row, source: SourceConfig, steps: int) -> dict[str, float]:
    """Measure a row where nothing before it has taken memory."""
    context = multiprocessing.get_context('spawn')
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        return executor.submit(measured, row, source, steps).result()


def measured(row: Row, source: SourceConfig, steps: int) -> dict[str, float]:
    """Train, and return the medians of what the log says."""
    # A spawned process would spawn its readers, too.
    multiprocessing.set_start_method('fork', force=True)
    with tempfile.TemporaryDirectory() as output:
        config = configured(row, source, steps, output)
        if row.distilled:
            config.distillation.teacher = str(new_teacher(row, Path(output)))
        seed_everything(config.seed, workers=True)
        data = DepthData.from_config(config, trains_teacher=row.network == 'teacher')
        fit(config, NETWORKS[row.network](config), data)
        lines = [line for line in read_lines(Path(output) / 'log.jsonl') if MEASURES[0] in line]
    return {name: median(line[name] for line in lines[1:]) for name in MEASURES}


def new_teacher(row: Row, folder: Path) -> Path:
    """Write a teacher that has learnt nothing: it takes as long as any other."""
    info = TeacherInfo(row.preset, 360.0, pixels=row.width * row.height)
    path = folder / 'teacher.safetensors'
    write_model_file(path, Teacher(info.architecture()), info)
    return path


def configured(row: Row, source: SourceConfig, steps: int, output: str) -> TrainingConfig:
    """Return the configuration of a row; validation is left to the end and to one image."""
    shown = SourceConfig(source.spec, frames=1, cache=source.cache)
    config = TrainingConfig(
        data=DataConfig(
            [source],
            [shown],
            sizes=[(row.width, row.height)],
            batch_size=row.batch_size,
            workers=row.workers,
        ),
        optimiser=OptimiserConfig(steps=steps, precision=row.precision),
        output=output,
        checkpoint_every=steps,
        validate_every=steps,
        device=row.device,
    )
    config.model.preset = row.preset
    return config
