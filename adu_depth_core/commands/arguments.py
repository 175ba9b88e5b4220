# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Kinds of arguments that several commands take."""

import argparse
import math


def positive(text: str) -> int:
    """Convert to a whole number of at least 1, as the `type` of an argument."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f'{text} is not at least 1')
    return value


def add_calibration(parser: argparse.ArgumentParser) -> None:
    """Add the file of factors that `Predictor.load` takes as `calibration`."""
    parser.add_argument(
        '--calibration', default='', metavar='FILE', help='factors, by adu-depth calibrate'
    )


def not_negative(text: str) -> float:
    """Convert to a finite number of at least 0, as the `type` of an argument."""
    value = float(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f'{text} is no finite number of at least 0')
    return value
