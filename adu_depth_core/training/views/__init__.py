# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What networks in training see of a sample: its geometry and its colours."""
