# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A drive: one street, one rig, ten frames a second."""

from dataclasses import replace

import numpy as np

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.samples.sample import Missing, StereoSample
from adu_depth_core.synthetic.rendering import Exposure, Pose, render
from adu_depth_core.synthetic.street import random_street

KITTI_CAMERA = Camera(1242, 375, 721.5377, 721.5377, 609.5593, 172.854)
KITTI_BASELINE_M = 0.5327
CLEAR_M = 0.6  # either side of the cameras, which sway a little
EPOCH_NS = 1_700_000_000 * 10**9


class SyntheticDrive:
    """
    Frames of a car driving along an endless street, both images and both depths exact.

    Parameters
    ----------
    seed : int
        Everything follows from it.
    frames : int
        Length of the drive.
    camera : Camera
        Of both images; KITTI's where not given.
    baseline_m : float
        Distance of the two cameras.
    rate_hz : float
        Frames per second.
    right : bool
        Render the right image too, which takes as long as the left one.
    device : str
        Where to render: `cpu`, `cuda` …

    """

    missing = Missing()

    def __init__(
        self,
        seed: int,
        frames: int,
        *,
        camera: Camera = KITTI_CAMERA,
        baseline_m: float = KITTI_BASELINE_M,
        rate_hz: float = 10.0,
        right: bool = True,
        device: str = 'cpu',
    ) -> None:
        self._seed, self._frames, self._rate_hz, self._device = seed, frames, rate_hz, device
        self._rig, self._has_right = StereoRig(camera, camera, baseline_m), right
        street = random_street(seed)
        rng = np.random.default_rng((seed, 5))
        self._speed = rng.uniform(5.0, 11.0)
        self._height = rng.uniform(1.6, 1.7)
        self._lane = street.half_width * rng.uniform(0.1, 0.4)
        way = (self._lane - CLEAR_M, self._lane + baseline_m + CLEAR_M)
        self._street = replace(street, kept_clear=way)
        self._sway = rng.uniform(0, 2 * np.pi, 4)
        self._exposure = random_exposure(rng)
        self._right_exposure = self._exposure.of_twin(rng)

    @property
    def names(self) -> list[str]:
        """Names of the samples, without rendering them."""
        return [self._name(index) for index in range(self._frames)]

    def __len__(self) -> int:
        """Count the frames."""
        return self._frames

    def __getitem__(self, index: int) -> StereoSample:
        """Render one frame."""
        if not 0 <= index < self._frames:
            raise IndexError(index)
        left, depth = self._view(index, right=False)
        sample = StereoSample(
            name=self._name(index),
            stamp_ns=EPOCH_NS + round(index * 1e9 / self._rate_hz),
            left=left,
            camera=self._rig.left,
            depth_m=depth,
        )
        if not self._has_right:
            return sample
        right, right_depth = self._view(index, right=True)
        return replace(sample, right=right, rig=self._rig, right_depth_m=right_depth)

    def _name(self, index: int) -> str:
        return f'synthetic_drive_{self._seed:04d}/{index:010d}'

    def _view(self, index: int, *, right: bool) -> tuple[np.ndarray, np.ndarray]:
        return render(
            self._street,
            self._rig.left,
            self._pose(index / self._rate_hz),
            self._right_exposure if right else self._exposure,
            right_by_m=self._rig.baseline_m if right else 0.0,
            time_s=index / self._rate_hz,
            noise_seed=(self._seed * 1_000_003 + index) * 2 + right,
            device=self._device,
        )

    def _pose(self, time_s: float) -> Pose:
        """Follow a lane, nodding and swaying a little."""
        a, b, c, d = np.sin(np.array([0.31, 0.47, 1.9, 1.3]) * time_s + self._sway)
        return Pose(
            x=self._lane + 0.25 * a,
            height=self._height + 0.01 * c,
            z=self._speed * time_s,
            yaw=0.02 * b,
            pitch=0.006 * c,
            roll=0.008 * d,
        )


def random_exposure(rng: np.random.Generator) -> Exposure:
    """Draw an exposure from a little dark to a little bright."""
    return Exposure(
        level=float(0.25 * np.exp(rng.normal(0, 0.35))),
        gamma=float(rng.uniform(1.9, 2.4)),
        noise=float(rng.uniform(0.003, 0.02)),
        vignetting=float(rng.uniform(0.0, 0.3)),
    )
