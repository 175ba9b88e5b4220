# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Samples: the one type of all data sets, and what concerns samples of any of them."""
