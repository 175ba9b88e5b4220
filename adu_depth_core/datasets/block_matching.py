# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Semi-global block matching (Hirschmueller, 2005), OpenCV's: a teacher that needs no network."""

from dataclasses import replace

import cv2
import numpy as np

from adu_depth_core.camera import StereoRig
from adu_depth_core.samples.sample import Depth, Image, StereoSample, ViewOfDataset

LARGEST_SHARE = 0.15
BLOCK = 5
# Laplace scale of a disparity in px, and the least relative error of a depth.
DISPARITY_SCALE_PX = 0.6
LEAST_SCALE = 0.015
LEAST_DISPARITY_PX = 1.0
LARGEST_DISAGREEMENT_PX = 1.0


class BlockMatching(ViewOfDataset):
    """Another data set, with what block matching says of its pairs as a teacher's word."""

    def __getitem__(self, index: int) -> StereoSample:
        """Read one sample and match it; one without a right image stays as it is."""
        sample = self._dataset[index]
        if sample.right is None or sample.rig is None:
            return sample
        depth_m, scale = block_matched(sample.left, sample.right, sample.rig)
        return replace(sample, teacher_depth_m=depth_m, teacher_scale=scale)


def block_matched(
    left: Image, right: Image, rig: StereoRig, scale_px: float = DISPARITY_SCALE_PX
) -> tuple[Depth, Depth]:
    """
    Match a pair, and keep what left and right agree on.

    Parameters
    ----------
    left, right : (H, W, 3) uint8
        RGB, rectified.
    rig : StereoRig
        Of the same size.
    scale_px : float
        Laplace scale of its disparity in px.

    Returns
    -------
    depth_m, scale : (H, W) float32
        Metres, and the Laplace scale of log-depth; NaN in both where the matcher does not answer.

    """
    disparity = agreed_disparity(left, right)
    with np.errstate(invalid='ignore'):
        shifted = disparity + np.float32(rig.disparity_offset_px)
        known = (disparity >= LEAST_DISPARITY_PX) & (shifted >= LEAST_DISPARITY_PX)
    shifted = np.where(known, shifted, np.float32(np.nan))
    depth_m = (rig.focal_baseline / shifted).astype(np.float32)
    scale = np.maximum(np.float32(scale_px) / shifted, LEAST_SCALE).astype(np.float32)
    return depth_m, np.where(known, scale, np.float32(np.nan))


def agreed_disparity(left: Image, right: Image) -> Depth:
    """Return the left image's disparity in px, (H, W), NaN where the right image contradicts."""
    disparity = _disparity(left, right)
    with np.errstate(invalid='ignore'):
        agreed = disagreement(disparity, left, right) <= LARGEST_DISAGREEMENT_PX
    return np.where(agreed, disparity, np.float32(np.nan))


def disagreement(disparity: Depth, left: Image, right: Image) -> Depth:
    """
    Return by how much what is matched from the right image contradicts a disparity.

    Parameters
    ----------
    disparity : (H, W) float32
        Of the left image in px, whoever measured it; NaN where unknown.
    left, right : (H, W, 3) uint8
        RGB, rectified.

    Returns
    -------
    (H, W) float32, px; NaN where the matcher does not answer, and where the disparity is unknown
    or leads out of the right image.

    """
    # Mirrored, the right image is a left one.
    of_right = _disparity(right[:, ::-1], left[:, ::-1])[:, ::-1]
    columns = np.arange(left.shape[1], dtype=np.float32)
    partner = np.rint(columns - np.nan_to_num(disparity))
    inside = (partner >= 0) & (partner < left.shape[1])
    back = np.take_along_axis(of_right, np.where(inside, partner, 0).astype(np.int64), axis=1)
    with np.errstate(invalid='ignore'):
        apart = np.abs(back - disparity)
    return np.where(inside, apart, np.float32(np.nan)).astype(np.float32)


def _disparity(left: Image, right: Image) -> Depth:
    largest = int(np.ceil(LARGEST_SHARE * left.shape[1] / 16)) * 16
    # The first `largest` columns have no partner: both images are continued to the left.
    wide = [
        cv2.copyMakeBorder(np.ascontiguousarray(x), 0, 0, largest, 0, cv2.BORDER_REPLICATE)
        for x in (left, right)
    ]
    penalty = 3 * BLOCK**2
    matcher = cv2.StereoSGBM.create(
        minDisparity=0,
        numDisparities=largest,
        blockSize=BLOCK,
        P1=8 * penalty,
        P2=32 * penalty,
        disp12MaxDiff=1,
        uniquenessRatio=20,
        speckleWindowSize=100,
        speckleRange=2,
        mode=cv2.STEREO_SGBM_MODE_SGBM_3WAY,
    )
    sixteenths = matcher.compute(*wide)[:, largest:]
    return np.where(sixteenths >= 0, sixteenths / np.float32(16), np.float32(np.nan))
