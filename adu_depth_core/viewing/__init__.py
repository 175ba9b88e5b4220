# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
To look at depth without RViz: frames as a Rerun recording, to a file or a viewer.

`rerun_view` and `sinks` import rerun, which is an extra; this file does not.
"""

from typing import NamedTuple

__all__ = ['Moment']


class Moment(NamedTuple):
    """
    When a frame was: its number, its stamp in ns where it has one, its second in a video.

    Stamps count from 1970, or from wherever the clock of a simulation begins.
    """

    number: int
    stamp_ns: int | None = None
    video_s: float | None = None
