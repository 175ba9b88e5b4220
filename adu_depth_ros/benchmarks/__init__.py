# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How fast the node is: the part of `adu-depth benchmark` that needs ROS."""
