# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Moved to `student_training`."""

from adu_depth_core.training.student_training import StudentTraining as SupervisedStudent

__all__ = ['SupervisedStudent']
