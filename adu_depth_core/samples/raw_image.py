# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Raw images and how they are rectified: by one remap, straight to the size that is wanted.

The convention is that of sensor_msgs/CameraInfo: a ray of the rectified camera times R^-1 is one
of the raw camera, whose lens says in which pixel it ends.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.samples.lens import Lens
from adu_depth_core.samples.sample import Depth, Image

# cv2.remap counts pixels in 16 bits.
LARGEST_PX = 32766
# Rows of which the rays are in memory at a time.
ROWS = 64
SLACK = 1e-3


class Remap(NamedTuple):
    """
    Where the pixels of one rectified size come from.

    Attributes
    ----------
    reduction : int
        By this whole factor the raw image is reduced first, where each pixel wanted covers more
        than two of its pixels in a row.
    points, fractions : (H, W, 2) int16, (H, W) uint16
        In the reduced image: the maps of fixed point that cv2.convertMaps makes.
    seen : (H, W) bool
        Whether the raw camera looks there at all.

    """

    reduction: int
    points: NDArray[np.int16]
    fractions: NDArray[np.uint16]
    seen: NDArray[np.bool_]


@dataclass(frozen=True)
class Rectification:
    """
    From a raw camera to a rectified one; maps are made once for each size.

    Attributes
    ----------
    lens : Lens
        The raw camera.
    rotation : 9 floats
        R row by row: it takes directions of the raw camera to those of the rectified one.
    camera : Camera
        The rectified camera.

    """

    lens: Lens
    rotation: tuple[float, ...]
    camera: Camera
    _remaps: dict[tuple[int, int], Remap] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse sizes that cannot be remapped."""
        raw = self.lens.camera
        for camera in (raw, self.camera):
            if max(camera.width, camera.height) > LARGEST_PX:
                raise InputError(
                    f'an image of {camera.width}x{camera.height} px cannot be rectified, sides '
                    f'are {LARGEST_PX} px at most; bin it at the camera'
                )

    def image(self, raw: Image, camera: Camera) -> Image:
        """Return the rectified image, at the size of `camera`, which is ours or ours resized."""
        out = np.empty((camera.height, camera.width, 3), np.uint8)
        if raw.strides[2] < 0:  # blue first, seen from behind: OpenCV would copy all of it
            self.fill(raw[..., ::-1], out)
            return np.asarray(cv2.cvtColor(out, cv2.COLOR_BGR2RGB, dst=out), np.uint8)
        self.fill(raw, out)
        return out

    def fill(self, raw: Image, out: Image) -> None:
        """Rectify (H, W, 3) of the raw size into `out`, whose size may be any."""
        remap = self._remap(out.shape[1], out.shape[0])
        cv2.remap(
            _reduced(raw, remap.reduction),
            remap.points,
            remap.fractions,
            cv2.INTER_LINEAR,
            dst=out,
            borderMode=cv2.BORDER_REPLICATE,
        )

    def depth_m(self, raw_m: Depth) -> Depth:
        """
        Return the depth that the rectified camera sees, of a depth image of the raw one.

        Parameters
        ----------
        raw_m : (H, W) float32
            Metres along the optical axis of the raw camera; NaN = unknown.

        """
        nearest, share = self._nearest
        return np.asarray(raw_m[nearest] * share, np.float32)

    def pixel(self, u: float, v: float) -> tuple[int, int]:
        """
        Return column and row of our pixel that is nearest to a place in the raw image, in px.

        Raises
        ------
        InputError
            When the rectified camera does not see it.

        """
        pixels, step_px, seen = self._sources
        off_px = np.where(seen, np.hypot(*np.moveaxis(pixels - (u, v), -1, 0)), np.inf)
        row, column = np.unravel_index(off_px.argmin(), off_px.shape)
        if not off_px[row, column] <= max(step_px, 1.0):
            raise InputError('is outside the rectified image')
        return int(column), int(row)

    @cached_property
    def _sources(self) -> tuple[NDArray[np.float64], float, NDArray[np.bool_]]:
        return self._pixels(self.camera)

    @cached_property
    def _nearest(self) -> tuple[tuple[NDArray[np.intp], NDArray[np.intp]], NDArray[np.float64]]:
        """Row and column of the raw pixel of each of ours, and the ratio of their depths."""
        raw = self.lens.camera
        pixels, _, seen = self._sources
        limits = raw.width - 1, raw.height - 1
        u, v = np.moveaxis(np.clip(np.rint(pixels), 0, limits).astype(np.intp), -1, 0)
        # Both depths are of one point: the third coordinate after and before the rotation.
        along_raw = self.camera.rays() @ np.reshape(self.rotation, (3, 3))[:, 2]
        return (v, u), np.where(seen, 1.0, np.nan) / np.where(seen, along_raw, 1.0)

    def seen(self, camera: Camera) -> NDArray[np.bool_]:
        """Tell for each pixel of `camera`, ours or ours resized, whether the raw one sees it."""
        return self._remap(camera.width, camera.height).seen

    def _remap(self, width: int, height: int) -> Remap:
        size = width, height
        if size not in self._remaps:
            self._remaps[size] = self._made(self.camera.resized(*size))
        return self._remaps[size]

    def _made(self, camera: Camera) -> Remap:
        pixels, step_px, seen = self._pixels(camera)
        # As in a plain resize: linear down to half the size, and beyond that an area first.
        raw = self.lens.camera
        reduction = 1 if step_px < 2 + SLACK else int(step_px + SLACK)
        reduction = min(reduction, raw.width, raw.height)
        reduced = (pixels + 0.5) / reduction - 0.5
        limits = raw.width // reduction - 1, raw.height // reduction - 1
        u, v = (
            np.clip(reduced[..., i], 0, limits[i]).astype(np.float32)  # edges repeat
            for i in range(2)
        )
        points, fractions = cv2.convertMaps(u, v, cv2.CV_16SC2)
        return Remap(reduction, np.asarray(points), np.asarray(fractions), seen)

    def _pixels(self, camera: Camera) -> tuple[NDArray[np.float64], float, NDArray[np.bool_]]:
        """Return raw pixels (H, W, 2), how far neighbours lie apart, and which are seen."""
        turned = np.reshape(self.rotation, (3, 3))
        pixels = np.empty((camera.height, camera.width, 2))
        seen = np.empty((camera.height, camera.width), bool)
        for top in range(0, camera.height, ROWS):
            height = min(ROWS, camera.height - top)
            rays = camera.cropped(0, top, camera.width, height).rays().astype(np.float64)
            # Not @: BLAS would start threads for so little, and wait for them on busy cores.
            rays = np.einsum('hwi,ij->hwj', rays, turned)
            found, found_seen = self.lens.project(rays.reshape(-1, 3))
            pixels[top : top + height] = found.reshape(height, camera.width, 2)
            seen[top : top + height] = found_seen.reshape(height, camera.width)
        return pixels, _step_px(pixels, seen), seen


class RawImage(NamedTuple):
    """A raw image and how it is rectified: where an image may be rectified or raw."""

    pixels: Image
    rectification: Rectification

    @property
    def rectified(self) -> Image:
        """The image that the rectified camera would have taken."""
        return self.rectification.image(self.pixels, self.rectification.camera)


Picture: TypeAlias = Image | RawImage


@np.errstate(all='ignore')  # what is not seen may lie anywhere
def _step_px(pixels: NDArray[np.float64], seen: NDArray[np.bool_]) -> float:
    """Return by how many raw pixels neighbours usually lie apart; 1 where nothing is seen."""
    across = np.linalg.norm(np.diff(pixels, axis=1), axis=-1)[seen[:, 1:] & seen[:, :-1]]
    return float(np.median(across)) if across.size else 1.0


def _reduced(raw: Image, reduction: int) -> Image:
    """Return the mean of each square; what is left over at right and bottom goes."""
    if reduction == 1:
        return raw
    height, width = raw.shape[0] // reduction, raw.shape[1] // reduction
    whole = raw[: height * reduction, : width * reduction]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
