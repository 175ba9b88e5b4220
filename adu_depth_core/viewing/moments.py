# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""When a frame was."""

from typing import NamedTuple


class Moment(NamedTuple):
    """
    When a frame was: its number, its stamp in ns where it has one, its second in a video.

    Stamps count from 1970, or from wherever the clock of a simulation begins.
    """

    number: int
    stamp_ns: int | None = None
    video_s: float | None = None
