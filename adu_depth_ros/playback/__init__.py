# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Recordings through live nodes, and what keeps their processes apart."""
