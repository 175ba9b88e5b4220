# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Unrelated scenes through random stereo rigs: what networks are trained on."""

from dataclasses import dataclass, replace

import numpy as np
import torch

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.samples.sample import Depth, Image, Missing, StereoSample
from adu_depth_core.synthetic.drive import KITTI_CAMERA, random_exposure
from adu_depth_core.synthetic.rendering import Exposure, Pose, depth_alone, render
from adu_depth_core.synthetic.solids import SolidArrays
from adu_depth_core.synthetic.street import Street, random_street

PIXELS = 640 * 192
KITTI_SHARE = 0.4
CAR_SHARE = 0.7
CAR_BASELINE_M = 0.54  # KITTI has 0.533 to 0.537 m, DrivingStereo 0.545 m
ATTEMPTS = 20
CLEARANCE_M = 0.2
BLOCKED_M, BLOCKED_SHARE = 1.0, 0.25
NEAR_M, NEAR_SHARE = 4.0, 0.15
# Poses are judged through this lens of 90 degrees, whatever the camera of the scene.
JUDGING_CAMERA = Camera(96, 72, 48.0, 48.0, 47.5, 35.5)


@dataclass(frozen=True)
class Scene:
    """One street at one moment, and where the left camera of which rig stands in it."""

    street: Street
    time_s: float
    pose: Pose
    rig: StereoRig
    left_exposure: Exposure
    right_exposure: Exposure
    noise_seed: int


class SyntheticScenes:
    """
    Stereo images with exact depth, each pair from its own street, rig and pose.

    Parameters
    ----------
    seed : int
        A sample is a function of (seed, index) and the parameters below.
    count : int
        Number of scenes.
    camera : Camera, optional
        Of all images; a random one for each scene where not given. Street, pose, baseline and
        exposures of a scene stay the same through any camera.
    pixels : int
        Most pixels of a random camera, whose sides are multiples of 32.
    right : bool
        Render the right image too, which takes as long as the left one.
    near : bool
        Stand before things: in each scene something that reaches up to the camera's height fills
        a good part of the view within `NEAR_M`, and small robots' cameras are lower still.
    device : str
        Where to render: `cpu`, `cuda` …

    """

    missing = Missing()

    def __init__(
        self,
        seed: int,
        count: int,
        *,
        camera: Camera | None = None,
        pixels: int = PIXELS,
        right: bool = True,
        near: bool = False,
        device: str = 'cpu',
    ) -> None:
        self._seed, self._count, self._camera, self._pixels = seed, count, camera, pixels
        self._has_right, self._near, self._device = right, near, device

    @property
    def names(self) -> list[str]:
        """Names of the samples, without rendering them."""
        return [self._name(index) for index in range(self._count)]

    def __len__(self) -> int:
        """Count the scenes."""
        return self._count

    def __getitem__(self, index: int) -> StereoSample:
        """Render one scene."""
        if not 0 <= index < self._count:
            raise IndexError(index)
        scene = random_scene(self._seed, index, self._camera, self._pixels, near=self._near)
        left, depth = self._view(scene, right=False)
        sample = StereoSample(
            name=self._name(index),
            stamp_ns=0,
            left=left,
            camera=scene.rig.left,
            depth_m=depth,
        )
        if not self._has_right:
            return sample
        right, right_depth = self._view(scene, right=True)
        return replace(sample, right=right, rig=scene.rig, right_depth_m=right_depth)

    def _name(self, index: int) -> str:
        kind = 'near' if self._near else 'scenes'
        return f'synthetic_{kind}_{self._seed:04d}/{index:010d}'

    def _view(self, scene: Scene, *, right: bool) -> tuple[Image, Depth]:
        return render(
            scene.street,
            scene.rig.left,
            scene.pose,
            scene.right_exposure if right else scene.left_exposure,
            right_by_m=scene.rig.baseline_m if right else 0.0,
            time_s=scene.time_s,
            noise_seed=scene.noise_seed + right,
            device=self._device,
        )


def random_scene(
    seed: int, index: int, camera: Camera | None, pixels: int, *, near: bool = False
) -> Scene:
    """Draw a scene; only its rig's two cameras depend on `camera` and `pixels`."""
    # A stream for each: what one draws does not shift what the other gets.
    lens, world, light = (np.random.default_rng((seed, index, stream)) for stream in range(3))
    street = random_street(int(world.integers(2**31)))
    car, time_s = bool(world.random() < CAR_SHARE), float(world.uniform(0, 5))
    camera = camera or random_camera(lens, pixels, car=car)
    exposure = random_exposure(light)
    return Scene(
        street,
        time_s,
        (near_pose if near else open_pose)(world, street, time_s, car=car),
        StereoRig(camera, camera, random_baseline(light, car=car)),
        exposure,
        exposure.of_twin(light),
        int(light.integers(2**31)),
    )


def random_camera(rng: np.random.Generator, pixels: int, *, car: bool) -> Camera:
    """Draw KITTI's lens for many cars, or else one of 50 to 100 degrees, 4:3 to 3.5:1."""
    if car and rng.random() < KITTI_SHARE / CAR_SHARE:
        aspect = KITTI_CAMERA.width / KITTI_CAMERA.height
        return KITTI_CAMERA.resized(*network_size(aspect, pixels))
    aspect = float(np.exp(rng.uniform(np.log(4 / 3), np.log(3.5))))
    width, height = network_size(aspect, pixels)
    focal = width / (2 * np.tan(np.radians(rng.uniform(50, 100)) / 2))
    cx, cy = rng.normal(0, 0.02, 2) * (width, height) + ((width - 1) / 2, (height - 1) / 2)
    return Camera(width, height, float(focal), float(focal), float(cx), float(cy))


def network_size(aspect: float, pixels: int) -> tuple[int, int]:
    """Return width and height, multiples of 32, of about `aspect` and at most `pixels`."""
    width = round((pixels * aspect) ** 0.5 / 32) * 32
    return width, pixels // width // 32 * 32


def random_baseline(rng: np.random.Generator, *, car: bool) -> float:
    """Draw the distance of a car's cameras or a small robot's, in metres."""
    if car:
        return CAR_BASELINE_M * float(rng.uniform(0.9, 1.1))
    return float(np.exp(rng.uniform(np.log(0.06), np.log(0.25))))


def open_pose(rng: np.random.Generator, street: Street, time_s: float, *, car: bool) -> Pose:
    """Draw poses until one has a view, through `JUDGING_CAMERA` and in the middle of it."""
    for _ in range(ATTEMPTS):
        pose = random_pose(rng, street.half_width, car=car)
        depth = depth_from(pose, street, time_s)
        if depth is not None and not is_blocked(depth) and not is_blocked(depth[18:54, 24:72]):
            break
    return pose


def near_pose(rng: np.random.Generator, street: Street, time_s: float, *, car: bool) -> Pose:
    """Draw poses until something stands near before the camera, which still has a view."""
    best, most = None, -1.0
    for _ in range(ATTEMPTS):
        pose = random_pose(rng, street.half_width, car=car)
        if not car:
            pose = replace(pose, height=float(rng.uniform(0.2, 0.6)))
        depth = depth_from(pose, street, time_s)
        if depth is None or is_blocked(depth):
            continue
        # Above the middle row there is no ground.
        share = float((depth[12:36, 12:84] < NEAR_M).mean())
        if share > most:
            best, most = pose, share
        if share >= NEAR_SHARE:
            break
    return best or pose


def depth_from(pose: Pose, street: Street, time_s: float) -> Depth | None:
    """Return what `JUDGING_CAMERA` sees, or None where it would stand in something."""
    solids = SolidArrays.stacked(street.solids(pose.z), time_s, 'cpu')
    return None if is_inside(pose, solids) else depth_alone(solids, JUDGING_CAMERA, pose)


def is_inside(pose: Pose, solids: SolidArrays) -> bool:
    """Tell whether a camera would stand inside a solid, or nearer to one than `CLEARANCE_M`."""
    return bool(solids.around(torch.tensor(pose.position).float(), CLEARANCE_M).any())


def is_blocked(depth_m: Depth) -> bool:
    """Tell whether something very near, as leaves or a wall, fills too much of the view."""
    return bool((depth_m < BLOCKED_M).mean() > BLOCKED_SHARE)


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
        height=float(rng.uniform(0.3, 1.6)),
        z=float(rng.uniform(0, 500)),
        yaw=float(rng.uniform(-0.6, 0.6)),
        pitch=float(rng.normal(0, 0.06)),
        roll=float(rng.normal(0, 0.03)),
    )
