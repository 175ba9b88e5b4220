# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How fast things are: the parts of `adu-depth benchmark` that need no ROS."""
