# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Kinds of arguments that several commands take."""

import argparse


def positive(text: str) -> int:
    """Convert to a whole number of at least 1, as the `type` of an argument."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f'{text} is not at least 1')
    return value
