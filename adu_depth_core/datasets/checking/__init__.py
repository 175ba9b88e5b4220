# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Looking through a data set before days of training are spent on it."""

from adu_depth_core.datasets.checking.check import check_dataset, shared_drives
from adu_depth_core.datasets.checking.report import DataReport, line, text

__all__ = ['DataReport', 'check_dataset', 'line', 'shared_drives', 'text']
