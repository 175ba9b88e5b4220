# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Metric depth and its uncertainty from one camera; nothing in here imports ROS."""

__version__ = '0.1.0'
