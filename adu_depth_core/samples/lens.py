# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
A real lens: where in its raw, distorted image a viewing ray ends.

The models are those of OpenCV's calib3d and fisheye modules, which camera_calibration fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError

EQUIDISTANT = 'equidistant'
# How many coefficients, as OpenCV orders them: k1 k2 p1 p2 [k3 [k4 k5 k6 [s1 s2 s3 s4]]].
POLYNOMIAL = 4, 5, 8, 12
LENGTHS = {'plumb_bob': POLYNOMIAL, 'rational_polynomial': POLYNOMIAL, EQUIDISTANT: (4,)}
# A ray this flat, z / length, is beside the image plane: it has no pixel.
FLATTEST = 1e-3
RADII = 4096
TINY = 1e-12

Rays = NDArray[np.float64]


@dataclass(frozen=True)
class Lens:
    """
    A camera as it is built; made by `lens`, which checks what is said of it.

    Attributes
    ----------
    camera : Camera
        Of the raw image: K and its size.
    model : str
        A distortion_model of sensor_msgs/CameraInfo, one of `LENGTHS`.
    coefficients : tuple of float
        D, in the order of OpenCV, as many as the model has.

    """

    camera: Camera
    model: str
    coefficients: tuple[float, ...]

    @np.errstate(all='ignore')  # what is not finite has no pixel
    def project(self, rays: Rays) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """
        Find the pixels in which rays end.

        Beyond the angle from which on an outer ray would end farther inside than an inner one,
        the polynomials mean nothing: such a ray gets the pixel of the outermost that they hold
        for, and is not seen.

        Parameters
        ----------
        rays : (N, 3) float64
            In the frame of the raw camera, of any length.

        Returns
        -------
        pixels : (N, 2) float64
            Finite.
        is_seen : (N,) bool
            Whether the ray ends within the raw image.

        """
        camera = self.camera
        is_ahead = rays[:, 2] > FLATTEST * np.linalg.norm(rays, axis=1)
        flat = rays[:, :2] / np.where(is_ahead, rays[:, 2], 1.0)[:, None]
        flat[~is_ahead] = 0.0
        radius = np.hypot(*flat.T)
        farthest = self._farthest(float(radius.max(initial=0.0)))
        flat *= np.minimum(1.0, farthest / np.maximum(radius, TINY))[:, None]
        focal, centre = (camera.fx, camera.fy), (camera.cx, camera.cy)
        pixels = self._bent(flat) * focal + centre
        is_finite = np.isfinite(pixels).all(1)
        pixels[~is_finite] = 0.0
        last = camera.width - 0.5, camera.height - 0.5
        is_inside = ((pixels >= -0.5) & (pixels <= last)).all(1)
        return pixels, is_ahead & is_finite & is_inside & (radius <= farthest)

    def _bent(self, flat: Rays) -> Rays:
        """Return where rays (N, 2), scaled to z = 1, cross the image plane once they are bent."""
        radius = np.hypot(*flat.T)
        bent = flat * (self._bent_radius(radius) / np.maximum(radius, TINY))[:, None]
        if self.model == EQUIDISTANT:
            return bent
        _, _, p1, p2, *_ = self.coefficients
        s1, s2, s3, s4 = (*self.coefficients[8:], *(4 * [0.0]))[:4]
        (x, y), square = flat.T, radius**2
        bent[:, 0] += 2 * p1 * x * y + p2 * (square + 2 * x**2) + s1 * square + s2 * square**2
        bent[:, 1] += 2 * p2 * x * y + p1 * (square + 2 * y**2) + s3 * square + s4 * square**2
        return bent

    def _bent_radius(self, radius: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return r' of r = tan(angle), without what is not the same all around."""
        if self.model == EQUIDISTANT:
            angle = np.arctan(radius)
            return angle * (1 + _polynomial(angle**2, self.coefficients))
        k1, k2, _, _, k3, *more = (*self.coefficients, *(4 * [0.0]))[:8]
        square = radius**2
        above, below = _polynomial(square, (k1, k2, k3)), _polynomial(square, more)
        return radius * (1 + above) / (1 + below)

    def _farthest(self, radius: float) -> float:
        """Return up to which tangent of the angle, `radius` at most, the image grows with it."""
        radii = np.tan(np.linspace(0.0, np.arctan(radius), RADII))
        grows = np.diff(self._bent_radius(radii)) > 0
        return radius if grows.all() else float(radii[np.argmin(grows)])


def _polynomial(x: NDArray[np.float64], factors: Sequence[float]) -> NDArray[np.float64]:
    """Return a x + b x^2 + c x^3 ..."""
    return np.asarray(np.polynomial.polynomial.polyval(x, (0.0, *factors)), np.float64)


def lens(camera: Camera, model: str, coefficients: tuple[float, ...]) -> Lens:
    """
    Return a lens; one whose coefficients are all 0, or none at all, is of any model.

    Raises
    ------
    InputError
        When the model is not known, or does not have so many coefficients.

    """
    if not any(coefficients):
        return Lens(camera, 'plumb_bob', 5 * (0.0,))
    if model not in LENGTHS:
        raise InputError(
            f'distortion_model "{model}" is not known here, only {", ".join(LENGTHS)} are; '
            'rectify the images with image_proc, or with what came with the camera'
        )
    # Drivers fill up with zeros: a fisheye of four coefficients comes with five.
    longest = max(LENGTHS[model])
    if any(coefficients[longest:]) or len(coefficients) < 4:
        raise InputError(
            f'D has {len(coefficients)} values, {model} has '
            f'{" or ".join(map(str, LENGTHS[model]))}; calibrate the camera'
        )
    if not np.isfinite(coefficients).all():
        raise InputError('D has a value that is not finite; calibrate the camera')
    length = next(n for n in LENGTHS[model] if not any(coefficients[n:]))
    return Lens(camera, model, (*coefficients, *(length * (0.0,)))[:length])
