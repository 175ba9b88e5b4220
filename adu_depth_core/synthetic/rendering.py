# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From a street and a camera's pose to the picture that camera takes, and its exact depth."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from adu_depth_core.camera import Camera
from adu_depth_core.samples.sample import Depth, Image
from adu_depth_core.synthetic.ray_caster import Rays, cast
from adu_depth_core.synthetic.shading import shaded
from adu_depth_core.synthetic.solids import SolidArrays
from adu_depth_core.synthetic.street import Street


@dataclass(frozen=True)
class Pose:
    """
    Where a camera is in the world: x right, y down, z along the street, ground at y = 0.

    Parameters
    ----------
    x, height, z : float
        Metres; `height` above the ground.
    yaw, pitch, roll : float
        Radians; positive looks right, up, and tilts the horizon clockwise.

    """

    x: float
    height: float
    z: float
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    @property
    def position(self) -> tuple[float, float, float]:
        """Place in the world frame, metres."""
        return self.x, -self.height, self.z

    def rotation(self) -> np.ndarray:
        """Camera to world, (3, 3)."""
        cy, sy, cp, sp = (f(a) for a in (self.yaw, self.pitch) for f in (np.cos, np.sin))
        cr, sr = np.cos(self.roll), np.sin(self.roll)
        yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
        roll = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        return yaw @ pitch @ roll


@dataclass(frozen=True)
class Exposure:
    """
    How a camera turns radiance into numbers.

    Mean level, gamma, noise deviation, vignetting, gains of red, green and blue.
    """

    level: float = 0.25
    gamma: float = 2.2
    noise: float = 0.008
    vignetting: float = 0.1
    white_balance: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def of_twin(self, rng: np.random.Generator) -> 'Exposure':
        """Draw the exposure of a second camera of the same kind: each value a little different."""
        red, green, blue = (float(gain) for gain in np.exp(rng.normal(0, 0.012, 3)))
        return Exposure(
            level=self.level * float(np.exp(rng.normal(0, 0.04))),
            gamma=self.gamma,
            noise=self.noise * float(rng.uniform(0.8, 1.25)),
            vignetting=self.vignetting,
            white_balance=(red, green, blue),
        )


def render(
    street: Street,
    camera: Camera,
    pose: Pose,
    exposure: Exposure,
    *,
    right_by_m: float = 0.0,
    time_s: float = 0.0,
    noise_seed: int = 0,
    device: str = 'cpu',
) -> tuple[Image, Depth]:
    """
    Take a picture.

    Parameters
    ----------
    right_by_m : float
        Moves the camera along its own x axis: the baseline, for the right one of a rig.
    time_s : float
        Moves what moves.
    noise_seed : int
        Of the sensor noise.

    Returns
    -------
    image : (H, W, 3) uint8, RGB
    depth : (H, W) float32, metres along the optical axis, +inf = sky

    """
    solids = SolidArrays.stacked(street.solids(pose.z), time_s, device)
    rays = camera_rays(camera, pose, right_by_m, device)
    depth, index = cast(rays, solids)
    radiance = shaded(rays, depth, index, solids, street, street.tunnels(pose.z))
    return _developed(radiance, exposure, noise_seed), depth.cpu().numpy()


def depth_alone(solids: SolidArrays, camera: Camera, pose: Pose) -> Depth:
    """Return the depth that `render` would, (H, W) in metres, on the CPU and without a picture."""
    return np.asarray(cast(camera_rays(camera, pose, 0.0, 'cpu'), solids)[0])


def camera_rays(camera: Camera, pose: Pose, right_by_m: float, device: str) -> Rays:
    """Return the rays of a camera that stands `right_by_m` along its x axis from `pose`."""
    rotation = pose.rotation()
    origin = np.array(pose.position) + rotation[:, 0] * right_by_m

    def tensor(values: object) -> Tensor:
        return torch.as_tensor(np.array(values), dtype=torch.float32, device=device)

    return Rays(
        tensor(origin),
        tensor(camera.rays()) @ tensor(rotation).T,
        tensor(rotation).T,
        tensor([camera.fx, camera.fy]),
        tensor([camera.cx, camera.cy]),
    )


def _developed(radiance: Tensor, exposure: Exposure, noise_seed: int) -> Image:
    height, width = radiance.shape[:2]
    y = torch.linspace(-1, 1, height, device=radiance.device)[:, None]
    x = torch.linspace(-1, 1, width, device=radiance.device)[None]
    darker = 1 - exposure.vignetting * (x * x + y * y) / 2
    gain = exposure.level / radiance.clamp(max=1.0).mean()
    gains = gain * torch.tensor(exposure.white_balance, device=radiance.device)
    signal = (radiance * gains * darker[..., None]).clamp(min=0) ** (1 / exposure.gamma)
    generator = torch.Generator().manual_seed(noise_seed)
    noise = torch.randn(height, width, 3, generator=generator).to(radiance.device)
    pixels = ((signal + exposure.noise * noise) * 255).round().clamp(0, 255)
    return pixels.to(torch.uint8).cpu().numpy()
