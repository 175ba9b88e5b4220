# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node that watches a stereo camera, answers as a teacher and records."""
