# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Networks: encoder, decoder, head, and the module that is deployed."""
