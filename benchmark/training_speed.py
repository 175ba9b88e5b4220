# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
How fast a training steps, how much memory it takes, and how long it waits for data.

    python benchmark/training_speed.py

Each row trains in a process of its own on 40 scenes that are rendered beforehand. Reported are
medians over logging intervals of ten steps, without the first, in which memory is laid out.
"""

import argparse
import json
import multiprocessing
import platform
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import torch
from lightning import seed_everything
from tqdm import tqdm

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.inference.teacher_file import TeacherInfo, write_teacher_file
from adu_depth_core.models.teacher import Teacher
from adu_depth_core.training.config import (
    DataConfig,
    OptimiserConfig,
    SourceConfig,
    TrainingConfig,
)
from adu_depth_core.training.data_module import DepthData, open_source
from adu_depth_core.training.json_lines_logger import read_lines
from adu_depth_core.training.run import NETWORKS, fit

SCENES = 40
SIZES = ((320, 96), (640, 192))
PRECISIONS = ('32-true', 'bf16-mixed')
MEASURES = ('time/steps_per_second', 'time/data_share', 'memory/peak_mib')


@dataclass(frozen=True)
class Row:
    """One training: what, with which images of how many px, and on what."""

    network: str
    preset: str
    width: int
    height: int
    batch_size: int
    precision: str
    device: str
    distilled: bool = False
    workers: int = 2


def main() -> None:
    """Print one line for each row, and write them all as JSON."""
    arguments = _parser().parse_args()
    source = SourceConfig('synthetic_scenes:1', frames=SCENES, cache=str(arguments.cache))
    scenes = open_source(source)
    for index in tqdm(range(len(scenes)), desc='rendering', unit='scene'):
        scenes[index]
    results = []
    for row in rows():
        result = asdict(row) | in_fresh_process(row, source, arguments.steps)
        results.append(result)
        print(
            f'{"distilled " * row.distilled}{row.network} {row.preset} {row.width}x{row.height} '
            f'{row.precision} {row.device}: '
            + ', '.join(f'{name} {result[name]:.3g}' for name in MEASURES)
        )
    document = {
        'machine': platform.platform(),
        'gpu': torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        'torch': torch.__version__,
        'threads': torch.get_num_threads(),
        'rows': results,
    }
    with written_whole(arguments.json) as temporary:
        temporary.write_text(json.dumps(document, indent=2) + '\n')


def rows() -> list[Row]:
    """All trainings: on the CPU, and on a GPU if there is one."""
    devices = ['cpu', 'gpu'] if torch.cuda.is_available() else ['cpu']
    return [
        Row(network, 'tiny', *size, 8, precision, device, distilled=distilled)
        for device in devices
        for network, distilled in (('student', False), ('student', True), ('teacher', False))
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
        stereo = row.distilled or row.network == 'teacher'
        data = DepthData.from_config(config, stereo=stereo)
        fit(config, NETWORKS[row.network](config), data)
        lines = [line for line in read_lines(Path(output) / 'log.jsonl') if MEASURES[0] in line]
    return {name: median(line[name] for line in lines[1:]) for name in MEASURES}


def new_teacher(row: Row, folder: Path) -> Path:
    """Write a teacher that has learnt nothing: it takes as long as any other."""
    info = TeacherInfo(row.preset, 360.0, 'correlation', 96, 8, row.width * row.height)
    path = folder / 'teacher.safetensors'
    write_teacher_file(path, Teacher(info.architecture()), info)
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--steps', type=int, default=30, help='of each row, at least 20')
    parser.add_argument('--cache', type=Path, default=Path('out/cache/scenes_1'))
    parser.add_argument('--json', type=Path, default=Path('benchmark/results/training_speed.json'))
    return parser


if __name__ == '__main__':
    main()
