# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Package data: YAML files of trainings, and the Fast DDS profile."""
