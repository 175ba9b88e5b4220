# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Memory of messages that were freed is kept for those that come.

glibc gives large blocks back to the system when they are freed. A process that receives images
then gets each page of each image anew, emptied by the kernel: half of what receiving costs.
"""

import ctypes
import os
from collections.abc import Mapping

# From glibc's malloc.h.
M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
LARGEST_BLOCK_BYTES = 32 * 2**20  # the largest M_MMAP_THRESHOLD that glibc takes
KEPT_BYTES = 128 * 2**20
VARIABLES = ('MALLOC_TRIM_THRESHOLD_', 'MALLOC_MMAP_THRESHOLD_')


def raise_malloc_thresholds(environment: Mapping[str, str] = os.environ) -> bool:
    """
    Let this process keep up to 128 MiB that it has freed, in blocks of up to 32 MiB.

    Parameters
    ----------
    environment : mapping
        Where the user may have set thresholds of glibc, which then hold.

    Returns
    -------
    bool
        Whether it was set; not where the C library is another one.

    """
    if any(environment.get(variable) for variable in VARIABLES):
        return False
    if 'glibc.malloc' in environment.get('GLIBC_TUNABLES', ''):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, TypeError):  # musl and macOS; Windows
        return False
    # One alone would fix the other at its small default.
    large = mallopt(M_MMAP_THRESHOLD, LARGEST_BLOCK_BYTES)
    return bool(large and mallopt(M_TRIM_THRESHOLD, KEPT_BYTES))
