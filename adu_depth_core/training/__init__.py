# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Training: configuration, batches, Lightning modules; `run` tells the whole on one page."""
