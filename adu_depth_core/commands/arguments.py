# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Kinds of arguments that several commands take."""

import argparse
import math

from adu_depth_core.inference.runtimes.runtime import PRECISIONS
from adu_depth_core.inference.runtimes.table import (
    AUTO,
    DEVICES_IN_WORDS,
    RUNTIMES,
    RUNTIMES_IN_WORDS,
)


def positive(text: str) -> int:
    """Convert to a whole number of at least 1, as the `type` of an argument."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f'{text} is not at least 1')
    return value


def not_negative(text: str) -> float:
    """Convert to a finite number of at least 0, as the `type` of an argument."""
    value = float(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f'{text} is no finite number of at least 0')
    return value


def positive_number(text: str) -> float:
    """Convert to a finite number above 0, as the `type` of an argument."""
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f'{text} is not a positive number')
    return value


def quality(text: str) -> int:
    """Convert to the quality of a JPEG, as the `type` of an argument."""
    value = positive(text)
    if value > 100:
        raise argparse.ArgumentTypeError(f'{value} is not a quality from 1 to 100')
    return value


def add_model(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which student predicts, and what runs it."""
    parser.add_argument('--model', default='tiny', help='shipped name or file (default: tiny)')
    parser.add_argument('--runtime', default=AUTO, choices=RUNTIMES, help=RUNTIMES_IN_WORDS)


def add_device(parser: argparse.ArgumentParser) -> None:
    """Let a command be told where its model runs."""
    parser.add_argument('--device', default=AUTO, help=DEVICES_IN_WORDS)


def add_precision(parser: argparse.ArgumentParser, default: str = AUTO) -> None:
    """Let a command be told in which precision its model computes."""
    parser.add_argument(
        '--precision',
        default=default,
        choices=(AUTO, *PRECISIONS),
        help=f'of the backbone; {AUTO}: the fastest whose depth is as good as in float32 '
        f'(default: {default})',
    )
