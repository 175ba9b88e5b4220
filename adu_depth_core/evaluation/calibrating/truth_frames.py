# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Frames with any truth, of data sets and bags, and which of them are independent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.evaluation.bags.bag_frames import BagFrames
from adu_depth_core.samples.raw_image import Picture
from adu_depth_core.samples.sample import Depth, StereoDataset, StereoSample, drive_of

# Laplace scale of log-depth up to which a teacher's word is taken for the truth.
SURE_TEACHER = 0.05


@dataclass(frozen=True)
class TruthFrame:
    """
    An image of which some depth is known.

    Attributes
    ----------
    drive : str
        Frames of two drives are independent.
    stamp_ns : int
        Time of exposure, by the clock of the drive.
    given : (H, W, 3) uint8 or RawImage
        What a predictor is given: RGB.
    camera : Camera
        Of the rectified image.
    truth_m : (H, W) float32
        Metres, NaN = unknown.

    """

    drive: str
    stamp_ns: int
    given: Picture
    camera: Camera
    truth_m: Depth


def frames_of_samples(dataset: StereoDataset, every: int = 1) -> Iterator[TruthFrame]:
    """Read every so many samples; where nothing was measured, a sure teacher's word counts."""
    for index in range(0, len(dataset), every):
        sample = dataset[index]
        truth_m = _truth_of(sample)
        if truth_m is not None:
            drive = drive_of(sample.name)
            yield TruthFrame(drive, sample.stamp_ns, sample.left, sample.camera, truth_m)


def _truth_of(sample: StereoSample) -> Depth | None:
    if sample.depth_m is not None:
        return sample.depth_m
    if sample.teacher_depth_m is None or sample.teacher_scale is None:
        return None
    sure = sample.teacher_scale <= SURE_TEACHER
    return np.where(sure, sample.teacher_depth_m, np.float32(np.nan))


def frames_of_bag(frames: BagFrames, every: int = 1) -> Iterator[TruthFrame]:
    """Read every so many frames of a recording, one drive, with the first sensor that saw each."""
    for number, frame in enumerate(frames):
        truth_m = next(iter(frame.truths.values()), None)
        if truth_m is not None and number % every == 0:
            yield TruthFrame('', frame.stamp_ns, frame.given, frame.camera, truth_m)


def independent_parts(
    drives: Iterable[str], stamps_ns: Iterable[int], apart_s: float
) -> NDArray[np.int64]:
    """
    Tell which frames count as one, by the number of a part of a drive.

    A part begins with a drive, and where a frame comes `apart_s` seconds or more after the first
    of the part before. Frames in a row show nearly the same: they are no independent witnesses.

    Parameters
    ----------
    drives, stamps_ns : iterables of equal length
        Of each frame, in any order.
    apart_s : float

    Returns
    -------
    (F,) int64
        Part of each frame, counted from 0.

    """
    names, stamps = list(drives), np.array(list(stamps_ns), np.int64)
    parts = np.zeros(len(names), np.int64)
    part, begun = -1, ('', 0)
    for place in sorted(range(len(names)), key=lambda place: (names[place], stamps[place])):
        now = names[place], int(stamps[place])
        if part < 0 or now[0] != begun[0] or now[1] - begun[1] >= apart_s * 1e9:
            part, begun = part + 1, now
        parts[place] = part
    return parts
