# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One factor on depth and one on its standard deviation, fitted on the truth that a robot has."""
