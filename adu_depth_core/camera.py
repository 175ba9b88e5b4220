# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Pinhole camera and rectified stereo rig: arithmetic on intrinsics, depth and disparity.

Convention: pixel centres lie at whole numbers, as in OpenCV, ROS and KITTI. The image covers
[-0.5, width - 0.5] x [-0.5, height - 0.5], so a resize by s moves the principal point to
(cx + 0.5) s - 0.5. Points are in the optical frame: x right, y down, z forward (REP 103).
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.errors import InputError

Array = NDArray[np.floating]

# Beyond these no image has its focal length or centre, and rays would be no numbers.
LEAST_FOCAL_PX, MOST_PX = 1e-3, 1e9


@dataclass(frozen=True)
class Camera:
    """
    A pinhole camera without distortion.

    Parameters
    ----------
    width, height : int
        Size of the image in pixels.
    fx, fy : float
        Focal lengths in pixels.
    cx, cy : float
        Principal point in pixels, pixel centres at whole numbers.

    Raises
    ------
    InputError
        When a size is not positive or an intrinsic is not a usable number.

    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float

    def __post_init__(self) -> None:
        """Refuse sizes and intrinsics that no image can have."""
        if not (0 < self.width < np.inf and 0 < self.height < np.inf):
            raise InputError(f'camera: size {self.width}x{self.height} is not positive')
        if not np.isfinite([self.fx, self.fy, self.cx, self.cy]).all():
            raise InputError(f'camera: intrinsics hold a value that is not finite: {self}')
        if self.fx <= 0 or self.fy <= 0:
            raise InputError(
                f'camera: focal length fx={self.fx:g}, fy={self.fy:g} is not positive; '
                'is the camera calibrated?'
            )
        largest = max(self.fx, self.fy, abs(self.cx), abs(self.cy))
        if min(self.fx, self.fy) < LEAST_FOCAL_PX or largest > MOST_PX:
            raise InputError(
                f'camera: fx={self.fx:g}, fy={self.fy:g}, cx={self.cx:g}, cy={self.cy:g} are no '
                'pixels of a camera; is it calibrated?'
            )

    @classmethod
    def centred(cls, width: int, height: int, fx: float) -> 'Camera':
        """Return a camera with square pixels and the principal point in the middle; fx in px."""
        return cls(width, height, fx, fx, (width - 1) / 2, (height - 1) / 2)

    @property
    def matrix(self) -> Array:
        """The intrinsic matrix K, (3, 3) float64."""
        return np.array([[self.fx, 0, self.cx], [0, self.fy, self.cy], [0, 0, 1]], np.float64)

    def resized(self, width: int, height: int) -> 'Camera':
        """Return the camera whose image is this one's, resampled to `width` x `height`."""
        sx, sy = width / self.width, height / self.height
        return Camera(
            width,
            height,
            fx=self.fx * sx,
            fy=self.fy * sy,
            cx=(self.cx + 0.5) * sx - 0.5,
            cy=(self.cy + 0.5) * sy - 0.5,
        )

    def cropped(self, left: int, top: int, width: int, height: int) -> 'Camera':
        """Return the camera that sees the window whose first pixel is (left, top)."""
        if left < 0 or top < 0 or left + width > self.width or top + height > self.height:
            raise InputError(
                f'crop: window {width}x{height} at ({left}, {top}) leaves the image of '
                f'{self.width}x{self.height}'
            )
        return replace(self, width=width, height=height, cx=self.cx - left, cy=self.cy - top)

    def flipped(self) -> 'Camera':
        """Return the camera of the image mirrored left to right."""
        return replace(self, cx=self.width - 1 - self.cx)

    def rays(self) -> Array:
        """Return the viewing ray of every pixel, scaled to z = 1: (height, width, 3) float32."""
        x = (np.arange(self.width) - self.cx) / self.fx
        y = (np.arange(self.height) - self.cy) / self.fy
        rays = np.ones((self.height, self.width, 3), np.float32)
        rays[..., 0], rays[..., 1] = x[None, :], y[:, None]
        return rays

    def back_project(self, depth_m: Array) -> Array:
        """
        Lift a depth image to points in the optical frame.

        Parameters
        ----------
        depth_m : (height, width) float
            Depth along z in metres; NaN stays NaN.

        Returns
        -------
        (height, width, 3) float32, metres.

        """
        if depth_m.shape != (self.height, self.width):
            raise InputError(
                f'back_project: depth has shape {depth_m.shape}, the camera '
                f'{(self.height, self.width)}'
            )
        return self.rays() * depth_m[..., None].astype(np.float32)

    def project(self, points_m: Array) -> Array:
        """
        Project points (..., 3) in the optical frame to pixels (..., 2), metres to pixels.

        Points with z <= 0 come back as NaN: they are behind the camera.
        """
        z = np.where(points_m[..., 2] > 0, points_m[..., 2], np.nan)
        u = self.fx * points_m[..., 0] / z + self.cx
        v = self.fy * points_m[..., 1] / z + self.cy
        return np.stack([u, v], axis=-1)


def focal_length_px(hfov_degrees: float, width: int) -> float:
    """Return fx of a camera whose image of this width has this horizontal field of view."""
    return float(width / (2 * np.tan(np.radians(hfov_degrees) / 2)))


@dataclass(frozen=True)
class StereoRig:
    """
    Two rectified cameras: same rows, right camera `baseline_m` to the right of the left one.

    Parameters
    ----------
    left, right : Camera
        Must agree in size, fx, fy and cy; cx may differ (Middlebury's `doffs`).
    baseline_m : float
        Distance of the optical centres in metres.

    Raises
    ------
    InputError
        When the two cameras are not rectified to each other or the baseline is not positive.

    """

    left: Camera
    right: Camera
    baseline_m: float

    def __post_init__(self) -> None:
        """Refuse pairs whose rows do not match."""
        if not (np.isfinite(self.baseline_m) and self.baseline_m > 0):
            raise InputError(f'stereo rig: baseline {self.baseline_m:g} m is not positive')
        left, right = replace(self.left, cx=0.0), replace(self.right, cx=0.0)
        if left != right:
            raise InputError(f'stereo rig: not rectified, left {self.left}, right {self.right}')

    @property
    def focal_baseline(self) -> float:
        """Product f b in px m."""
        return self.left.fx * self.baseline_m

    @property
    def disparity_offset_px(self) -> float:
        """Disparity that must be added before inverting: right cx - left cx."""
        return self.right.cx - self.left.cx

    def disparity_from_depth(self, depth_m: Array) -> Array:
        """Disparity u_left - u_right in pixels of depth in metres; NaN stays NaN."""
        return self.focal_baseline / depth_m - self.disparity_offset_px

    def depth_from_disparity(self, disparity_px: Array) -> Array:
        """Depth in metres of disparity in pixels; NaN where no point could have it."""
        shifted = disparity_px + self.disparity_offset_px
        return self.focal_baseline / np.where(shifted > 0, shifted, np.nan)

    def resized(self, width: int, height: int) -> 'StereoRig':
        """Return the rig with both images resampled to `width` x `height`."""
        return replace(
            self, left=self.left.resized(width, height), right=self.right.resized(width, height)
        )

    def cropped(self, left: int, top: int, width: int, height: int) -> 'StereoRig':
        """Return the rig with the same window cut out of both images."""
        window = (left, top, width, height)
        return replace(self, left=self.left.cropped(*window), right=self.right.cropped(*window))


def canonical_factor(fx: Any, canonical_focal: float) -> Any:
    """
    Factor that takes metric depth to depth in the canonical camera: canonical_focal / fx.

    A monocular network sees the size of things in pixels, which depth and focal length share;
    depth times this factor is what it can know (Metric3D, ICCV 2023). Both focal lengths are in
    pixels of the network's input. `fx` may be a number, an array or a tensor.
    """
    return canonical_focal / fx
