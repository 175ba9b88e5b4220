# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Kinds of arguments that several commands take."""

import argparse
import math

from adu_depth_core.messages.rectifying import (
    AUTO,
    MODES,
    MODES_IN_WORDS,
    WIDEST_DEGREES,
    Rectifying,
)


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


def field_of_view(text: str) -> float:
    """Convert to the degrees that a rectified image may show, as the `type` of an argument."""
    value = float(text)
    if not 0 <= value <= WIDEST_DEGREES:
        raise argparse.ArgumentTypeError(f'{text} is not from 0 to {WIDEST_DEGREES:g} degrees')
    return value


def add_rectifying(parser: argparse._ActionsContainer) -> None:
    """Add --rectify and --rectified-fov, which `rectifying_of` reads."""
    parser.add_argument(
        '--rectify',
        choices=MODES,
        default=AUTO,
        help=f'which images are taken as raw: {MODES_IN_WORDS} (default: auto)',
    )
    parser.add_argument(
        '--rectified-fov',
        type=field_of_view,
        default=0.0,
        metavar='DEGREES',
        help='horizontal field of view of what is made of raw images (default: that of P)',
    )


def rectifying_of(options: argparse.Namespace) -> Rectifying:
    """Return what the arguments of `add_rectifying` say."""
    return Rectifying(options.rectify, options.rectified_fov)
