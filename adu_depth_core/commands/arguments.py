# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Kinds of arguments that several commands take."""

import argparse
from collections.abc import Callable, Iterable
from typing import Any

from adu_depth_core.errors import InputError
from adu_depth_core.inference.runtimes.runtime import PRECISIONS
from adu_depth_core.inference.runtimes.table import (
    AUTO,
    DEVICES_IN_WORDS,
    RUNTIMES,
    RUNTIMES_IN_WORDS,
)
from adu_depth_core.messages.rectifying import AUTO as AUTO_RECTIFY
from adu_depth_core.messages.rectifying import (
    MODES,
    MODES_IN_WORDS,
    WIDEST_DEGREES,
    Rectifying,
)

# More than any data set has frames, or a stamp seconds.
LARGEST = 10**9

OF_PREDICTOR = ('model', 'runtime', 'device', 'engine_cache', 'precision', 'calibration')


def refuse_given(
    options: argparse.Namespace, parser: argparse.ArgumentParser, names: Iterable[str], why: str
) -> None:
    """Refuse arguments that would be ignored, where they are not as by default."""
    for name in names:
        if getattr(options, name) != parser.get_default(name):
            raise InputError(f'--{name.replace("_", "-")}: {why}')


def positive(text: str) -> int:
    """Convert to a whole number of at least 1, as the `type` of an argument."""
    value = int(text)
    if not 1 <= value <= LARGEST:
        raise argparse.ArgumentTypeError(f'{text:.20} is not from 1 to {LARGEST}')
    return value


def add_calibration(parser: argparse.ArgumentParser) -> None:
    """Add the file of factors that `Predictor.load` takes as `calibration`."""
    parser.add_argument(
        '--calibration', default='', metavar='FILE', help='factors, by adu-depth calibrate'
    )


def not_negative(text: str) -> float:
    """Convert to a finite number of at least 0, as the `type` of an argument."""
    value = float(text)
    if not 0 <= value <= LARGEST:
        raise argparse.ArgumentTypeError(f'{text:.20} is no number from 0 to {LARGEST}')
    return value


def number_from(least: float, most: float, unit: str) -> Callable[[str], float]:
    """Return what converts to a number with these bounds, as the `type` of an argument."""

    def number(text: str) -> float:
        value = float(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(
                f'{text:.20} is not from {least:g} to {most:g} {unit}'
            )
        return value

    return number


field_of_view = number_from(0, WIDEST_DEGREES, 'degrees')  # of a rectified image
view_angle = number_from(1, 179, 'degrees')  # of a pinhole camera
focal_length = number_from(1, 1_000_000, 'px')


def add_data(parser: argparse.ArgumentParser, kinds: Iterable[str], more: str = '') -> None:
    """Add --data, a bag, data of these kinds or what `more` says, and --drives."""
    specs = ', '.join(f'{kind}:…' for kind in ('bag', *kinds))
    parser.add_argument('--data', required=True, metavar='SPEC', help=f'{specs}{more}')
    parser.add_argument('--drives', nargs='+', default=(), help='only these drives of a data set')


def add_rectifying(parser: argparse._ActionsContainer) -> None:
    """Add --rectify and --rectified-fov, which `rectifying_of` reads."""
    parser.add_argument(
        '--rectify',
        choices=MODES,
        default=AUTO_RECTIFY,
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


def positive_number(text: str) -> float:
    """Convert to a finite number above 0, as the `type` of an argument."""
    value = float(text)
    if not 0 < value <= LARGEST:
        raise argparse.ArgumentTypeError(f'{text:.20} is no number above 0, to {LARGEST}')
    return value


def quality(text: str) -> int:
    """Convert to the quality of a JPEG, as the `type` of an argument."""
    value = positive(text)
    if value > 100:
        raise argparse.ArgumentTypeError(f'{value} is not a quality from 1 to 100')
    return value


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add --model, the student that predicts, and --runtime."""
    parser.add_argument('--model', default='tiny', help='shipped name or file (default: tiny)')
    parser.add_argument('--runtime', default=AUTO, choices=RUNTIMES, help=RUNTIMES_IN_WORDS)


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add --device and --engine-cache."""
    parser.add_argument('--device', default=AUTO, help=DEVICES_IN_WORDS)
    add_engine_cache(parser)


def predictor_settings(options: argparse.Namespace) -> dict[str, Any]:
    """Return what arguments say to `Predictor.load`, those of them that a command has."""
    return {name: getattr(options, name) for name in OF_PREDICTOR if hasattr(options, name)}


def add_engine_cache(parser: argparse.ArgumentParser) -> None:
    """Add --engine-cache."""
    parser.add_argument(
        '--engine-cache',
        default='',
        metavar='FOLDER',
        help="where engines of TensorRT are kept (default: adu_depth/engines in the user's cache)",
    )


def add_block_matching(parser: argparse._ActionsContainer) -> None:
    """Add --block-matching and --no-block-matching."""
    parser.add_argument(
        '--block-matching',
        action=argparse.BooleanOptionalAction,
        default=True,
        help='pool what the stereo teacher says with block matching, where that answers',
    )


def add_precision(parser: argparse.ArgumentParser, default: str = AUTO) -> None:
    """Add --precision."""
    parser.add_argument(
        '--precision',
        default=default,
        choices=(AUTO, *PRECISIONS),
        help=f'of the backbone; {AUTO}: the fastest whose depth is as good as in float32 '
        f'(default: {default})',
    )
