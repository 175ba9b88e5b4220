# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Unrelated scenes through random cameras: what networks are trained on."""

import numpy as np

from adu_depth_core.camera import Camera
from adu_depth_core.data.sample import Depth, Missing, StereoSample
from adu_depth_core.data.synthetic.drive import KITTI_CAMERA, random_exposure
from adu_depth_core.data.synthetic.rendering import Pose, render
from adu_depth_core.data.synthetic.street import random_street

PIXELS = 640 * 192
KITTI_SHARE = 0.4
ATTEMPTS = 6
BLOCKED_M, BLOCKED_SHARE = 1.0, 0.25


class SyntheticScenes:
    """
    Left images with exact depth, each from its own street, camera and pose.

    Parameters
    ----------
    seed : int
        A sample is a function of (seed, index) alone.
    count : int
        Number of scenes.
    device : str
        Where to render: `cpu`, `cuda` …

    """

    missing = Missing()

    def __init__(self, seed: int, count: int, *, device: str = 'cpu') -> None:
        self._seed, self._count, self._device = seed, count, device

    def __len__(self) -> int:
        """Count the scenes."""
        return self._count

    def __getitem__(self, index: int) -> StereoSample:
        """Render one scene."""
        if not 0 <= index < self._count:
            raise IndexError(index)
        rng = np.random.default_rng((self._seed, index))
        street = random_street(int(rng.integers(2**31)))
        kitti = rng.random() < KITTI_SHARE
        camera = KITTI_CAMERA.resized(640, 192) if kitti else random_camera(rng)
        for _ in range(ATTEMPTS):
            pose = random_pose(rng, street.half_width, car=kitti or rng.random() < 0.5)
            image, depth = render(
                street,
                camera,
                pose,
                random_exposure(rng),
                time_s=float(rng.uniform(0, 5)),
                noise_seed=int(rng.integers(2**31)),
                device=self._device,
            )
            if not is_blocked(depth):
                break
        name = f'synthetic_scenes_{self._seed:04d}/{index:010d}'
        return StereoSample(name, 0, image, camera, depth_m=depth)


def is_blocked(depth_m: Depth) -> bool:
    """Tell whether the camera stands inside a tree or before a wall, and shows little else."""
    return bool((depth_m < BLOCKED_M).mean() > BLOCKED_SHARE)


def random_camera(rng: np.random.Generator) -> Camera:
    """Draw a lens of 50 to 100 degrees and an aspect from 4:3 to 3.5:1 at a fixed area."""
    aspect = float(np.exp(rng.uniform(np.log(4 / 3), np.log(3.5))))
    width = round((PIXELS * aspect) ** 0.5 / 32) * 32
    height = PIXELS // width // 32 * 32
    focal = width / (2 * np.tan(np.radians(rng.uniform(50, 100)) / 2))
    cx, cy = rng.normal(0, 0.02, 2) * (width, height) + ((width - 1) / 2, (height - 1) / 2)
    return Camera(width, height, float(focal), float(focal), float(cx), float(cy))


def random_pose(rng: np.random.Generator, half_width: float, *, car: bool) -> Pose:
    """Draw where a car's camera or a small robot's might be."""
    if car:
        return Pose(
            x=float(rng.uniform(-0.2, 0.6) * half_width),
            height=float(rng.uniform(1.3, 2.0)),
            z=float(rng.uniform(0, 500)),
            yaw=float(rng.normal(0, 0.08)),
            pitch=float(rng.normal(0, 0.02)),
            roll=float(rng.normal(0, 0.015)),
        )
    return Pose(
        x=float(rng.uniform(-1.3, 1.3) * half_width),
        height=float(rng.uniform(0.4, 2.2)),
        z=float(rng.uniform(0, 500)),
        yaw=float(rng.uniform(-0.6, 0.6)),
        pitch=float(rng.normal(0, 0.06)),
        roll=float(rng.normal(0, 0.03)),
    )
