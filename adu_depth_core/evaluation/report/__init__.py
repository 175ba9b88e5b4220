# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One HTML file about an evaluation: figures, charts and frames to look at."""

from adu_depth_core.evaluation.report.frame_pictures import ShownFrame
from adu_depth_core.evaluation.report.page import report_html

__all__ = ['ShownFrame', 'report_html']
