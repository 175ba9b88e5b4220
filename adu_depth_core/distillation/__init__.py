# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What carries a teacher's knowledge over: features, responses, likelihood, and their guidance."""
