# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Recordings: our own folder of samples, appended to while a robot drives. See docs/data.md."""

from adu_depth_core.recording.recording import Recording
from adu_depth_core.recording.recording_writer import RecordingWriter

__all__ = ['Recording', 'RecordingWriter']
