# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The one type in which every data set hands out its frames, their names, and views of a set."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera, StereoRig

Image = NDArray[np.uint8]
Depth = NDArray[np.float32]


@dataclass(frozen=True)
class StereoSample:
    """
    One frame: a left image, and whatever else the data set knows about it.

    Parameters
    ----------
    name : str
        Drive and frame, unique within the data set: `2011_09_26_drive_0005_sync/0000000012`.
    stamp_ns : int
        Time of exposure in nanoseconds.
    left : (H, W, 3) uint8
        RGB image.
    camera : Camera
        Intrinsics of `left`.
    right : (H, W, 3) uint8, optional
        RGB image of the right camera.
    rig : StereoRig, optional
        Present when `right` is; its `left` equals `camera`.
    depth_m : (H, W) float32, optional
        True depth of the left image in metres: NaN = unknown, +inf = sky.
    right_depth_m : (H, W) float32, optional
        The same for the right image.
    teacher_depth_m, teacher_scale : (H, W) float32, optional
        What a teacher said of the left image: depth in metres and the Laplace scale b of its
        logarithm, NaN = unknown in both alike.

    """

    name: str
    stamp_ns: int
    left: Image
    camera: Camera
    right: Image | None = None
    rig: StereoRig | None = None
    depth_m: Depth | None = None
    right_depth_m: Depth | None = None
    teacher_depth_m: Depth | None = None
    teacher_scale: Depth | None = None


class StereoDataset(Protocol):
    """What every data set offers: a finite sequence of samples and a count of what it lacks."""

    @property
    def missing(self) -> 'Missing':
        """Files that were asked for and are not there."""

    def __len__(self) -> int:
        """Count the samples that can be read."""

    def __getitem__(self, index: int) -> StereoSample:
        """Read one sample."""


@dataclass
class Missing:
    """Frames that were asked for and cannot be had, by what they lack (`image`, `truth` …)."""

    names: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, name: str) -> None:
        """Note that the frame `name` lacks its `kind`."""
        self.names.setdefault(kind, []).append(name)

    def frames(self) -> Sequence[str]:
        """Return the frames that lack anything, each once, sorted."""
        return sorted({name for names in self.names.values() for name in names})

    def summary(self) -> str:
        """One line for a log: `45 frames without truth (first: …)`, or `nothing missing`."""
        parts = [
            f'{len(names)} frames without {kind} (first: {names[0]})'
            for kind, names in sorted(self.names.items())
        ]
        return '; '.join(parts) or 'nothing missing'


class ViewOfDataset:
    """
    As many samples as another data set, of the same names; subclasses define `__getitem__`.

    Parameters
    ----------
    dataset : StereoDataset
        Gives the samples.

    """

    def __init__(self, dataset: StereoDataset) -> None:
        self._dataset = dataset

    @property
    def missing(self) -> Missing:
        """What the data set lacks."""
        return self._dataset.missing

    @property
    def names(self) -> list[str]:
        """Names of the samples."""
        return sample_names(self._dataset)

    def __len__(self) -> int:
        """Count the samples."""
        return len(self._dataset)


def known_names(dataset: StereoDataset) -> list[str] | None:
    """Return all names in order, where the data set has them in its attribute `names`."""
    names = getattr(dataset, 'names', None)
    return None if names is None else list(names)


def sample_names(dataset: StereoDataset) -> list[str]:
    """Return all names in order, if need be by reading every sample."""
    names = known_names(dataset)
    if names is not None:
        return names
    return [dataset[index].name for index in range(len(dataset))]


def drive_of(name: str) -> str:
    """Return what stands before the frame in a sample's name: `2011_09_26_drive_0005_sync`."""
    return name.rpartition('/')[0] or name
