# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Runtimes that a network can run in, and which of them is taken."""
