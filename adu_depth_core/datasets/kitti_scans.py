# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The laser scans of KITTI raw, and where their scanner stands as a transform."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adu_depth_core.datasets.kitti_calibration import KittiCalibration, read_calibration
from adu_depth_core.samples.projection import read_scan


class KittiScans:
    """
    Scans by the names of samples.

    Parameters
    ----------
    root : path
        That of `KittiRaw`.

    """

    def __init__(self, root: str | Path) -> None:
        self._root = Path(root)

    def read(self, name: str) -> tuple[NDArray[np.float32], NDArray[np.float64]] | None:
        """
        Read the scan of the sample `name` (`DRIVE/FRAME`), None where there is no file.

        Returns points, (N, 4) float32 (see `read_scan`), and `left_from_scanner`.
        """
        drive, _, stem = name.partition('/')
        date = self._root / drive[:10]
        path = date / drive / 'velodyne_points' / 'data' / f'{stem}.bin'
        if not path.is_file():
            return None
        return read_scan(path), left_from_scanner(read_calibration(date))


def left_from_scanner(calibration: KittiCalibration) -> NDArray[np.float64]:
    """
    Return the (4, 4) that takes points of the scanner to the left colour camera, 02, in metres.

    P_rect_02 holds camera 02's distance from the reference camera 00; without K, the projection
    of the scanner is the transform itself.
    """
    matrix = np.eye(4)
    matrix[:3] = np.linalg.solve(calibration.rig.left.matrix, calibration.projection['02'])
    return matrix
