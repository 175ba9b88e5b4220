# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What ROS messages hold, as arrays and cameras and back, without ROS."""
