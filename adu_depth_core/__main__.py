# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`python -m adu_depth_core` is `adu-depth`."""

import sys

from adu_depth_core.commands import main

sys.exit(main())
