# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What tests share: a small drive, and configurations of short trainings on it."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

WIDTH, HEIGHT, FRAMES = 160, 64, 6


@pytest.fixture(scope='session')
def plane_drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drive over a chequered plane, with truth on every fourth pixel below the horizon."""
    from adu_depth_core.samples.image_files import write_depth_png, write_rgb

    root = tmp_path_factory.mktemp('kitti')
    date = root / '2011_09_26'
    drive = date / '2011_09_26_drive_0005_sync'
    projection = '100 0 79.5 0 0 100 20 0 0 0 1 0'
    date.mkdir()
    (date / 'calib_cam_to_cam.txt').write_text(
        f'S_rect_02: {WIDTH} {HEIGHT}\nR_rect_00: 1 0 0 0 1 0 0 0 1\n'
        f'P_rect_02: {projection}\nP_rect_03: {projection.replace("79.5 0", "79.5 -50")}\n'
    )
    (date / 'calib_velo_to_cam.txt').write_text('R: 1 0 0 0 1 0 0 0 1\nT: 0 0 0\n')
    for frame in range(FRAMES):
        image, depth = plane(frame)
        write_rgb(drive / 'image_02/data' / f'{frame:010d}.png', image)
        write_depth_png(drive / 'proj_depth/velodyne_raw/image_02' / f'{frame:010d}.png', depth)
    return root


def plane(frame: int) -> tuple[np.ndarray, np.ndarray]:
    """Image (H, W, 3) uint8 and truth (H, W) in metres; each frame is 1 m further on."""
    v, u = np.mgrid[:HEIGHT, :WIDTH]
    with np.errstate(divide='ignore', invalid='ignore'):
        depth = np.where(v > 22, 150.0 / (v - 20), np.nan).astype(np.float32)
    x, z = (u - 79.5) / 100 * np.nan_to_num(depth), np.nan_to_num(depth) + frame
    image = np.where((np.floor(x) + np.floor(z)) % 2, 200, 60).astype(np.uint8)
    depth[(u + v) % 4 > 0] = np.nan
    return np.repeat(image[..., None], 3, -1), depth


@pytest.fixture(scope='session')
def short_training(plane_drive: Path) -> Callable[..., Any]:
    """Return a function of the output folder that configures six steps of 96 x 32 px on a CPU."""
    from adu_depth_core.training.config import (
        DataConfig,
        OptimiserConfig,
        SourceConfig,
        TrainingConfig,
    )

    def configured(output: Path, *, workers: int = 0, steps: int = 6, **changes: Any) -> Any:
        source = SourceConfig(f'kitti_raw:{plane_drive}', drives=['0005'])
        data = DataConfig([source], [source], [(96, 32), (64, 64)], batch_size=4, workers=workers)
        optimiser = OptimiserConfig(steps=steps, learning_rate=3e-3, ema_decay=0.9)
        defaults = {'checkpoint_every': 2, 'validate_every': 3, 'device': 'cpu', 'export': False}
        return TrainingConfig(
            data=data, optimiser=optimiser, output=str(output), **{**defaults, **changes}
        )

    return configured


@pytest.fixture(scope='session')
def fitted() -> Callable[..., Any]:
    """Return a function that trains like `adu-depth train student` and writes no model file."""
    from lightning import seed_everything

    from adu_depth_core.training.data_module import DepthData
    from adu_depth_core.training.run import fit
    from adu_depth_core.training.student_training import StudentTraining

    def fit_student(config: Any, **options: Any) -> Any:
        seed_everything(config.seed, workers=True)
        module = StudentTraining(config)
        fit(config, module, DepthData.from_config(config), **options)
        return module

    return fit_student


@pytest.fixture(scope='session')
def written_config() -> Callable[..., str]:
    """Return a function that writes a configuration into a folder and returns its path."""

    def write(config: Any, folder: Path) -> str:
        path = folder / 'config.yaml'
        path.write_text(yaml.safe_dump(json.loads(json.dumps(asdict(config)))))
        return str(path)

    return write
