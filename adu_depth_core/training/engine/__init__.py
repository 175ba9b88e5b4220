# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is given to Lightning: callbacks, loggers, checkpoints and the trainer itself."""
