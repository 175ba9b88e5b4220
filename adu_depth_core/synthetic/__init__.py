# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Rendered streets with exact stereo images, depth and calibration, endless and from a seed."""

from adu_depth_core.synthetic.drive import SyntheticDrive
from adu_depth_core.synthetic.scenes import SyntheticScenes

__all__ = ['SyntheticDrive', 'SyntheticScenes']
