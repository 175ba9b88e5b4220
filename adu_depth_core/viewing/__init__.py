# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
To look at depth without RViz: frames as a Rerun recording, to a file or a viewer.

`rerun_view` and `sinks` import rerun, which is an extra; this file does not.
"""

from adu_depth_core.viewing.moments import Moment

__all__ = ['Moment']
