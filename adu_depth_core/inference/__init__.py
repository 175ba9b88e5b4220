# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From image to metric depth; nothing in the onnxruntime path imports torch."""
