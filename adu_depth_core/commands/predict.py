# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth predict`: depth of pictures, folders of pictures, videos and webcams."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from adu_depth_core.atomic_files import require_writable
from adu_depth_core.commands import INTERRUPTED
from adu_depth_core.commands.arguments import (
    add_calibration,
    add_device,
    add_model,
    add_precision,
    positive,
    predictor_settings,
    view_angle,
)
from adu_depth_core.commands.camera_arguments import add_camera_arguments, seeing
from adu_depth_core.commands.view_options import add_view_options, is_asked, view_asked_for
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.colours import coloured_depth
from adu_depth_core.evaluation.stopping import stop_on_interrupt
from adu_depth_core.inference.network_size import parsed_size
from adu_depth_core.inference.prediction import Prediction
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.samples.image_files import write_depth_png, write_rgb
from adu_depth_core.samples.picture_sources import SourcePicture, camera_frames, frames
from adu_depth_core.samples.raw_image import RawImage
from adu_depth_core.viewing import Moment

SUMMARY = 'write or show depth and std of a picture, a folder, a video or a webcam'
OUTPUT = Path('out/predict')
Item = TypeVar('Item')


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; 130 when Ctrl-C left pictures over, 0 when it ended a camera."""
    arguments = _parser().parse_args(argv)
    size = parsed_size(arguments.input_size) if arguments.input_size is not None else None
    _refuse_what_does_not_go_together(arguments)
    see = seeing(arguments.camera_info, arguments.fx, arguments.hfov)
    output = arguments.output or (None if is_asked(arguments) else OUTPUT)
    if output is not None:
        require_writable(output / 'picture.png')
    with stop_on_interrupt() as stop, view_asked_for(arguments, stop) as view:
        predictor = Predictor.load(**predictor_settings(arguments), input_size=size)
        left_out: list[str] = []
        moments = enumerate(_frames(arguments, left_out))
        count = 0
        for number, frame in with_progress(moments, 'predicting', 'image'):
            picture, camera = see(frame.image)
            prediction = predictor(picture, camera)
            if output is not None:
                _write(output, frame.name, prediction)
            if view is not None:
                moment = Moment(number, frame.stamp_ns, frame.video_s)
                image = picture.rectified if isinstance(picture, RawImage) else picture
                view.show(moment, image, camera, prediction)
            count += 1
            if stop.asked:
                break
        was_stopped = stop.asked
    for sentence in left_out:
        print(f'left out: {sentence}', file=sys.stderr)
    if left_out and not count:
        raise InputError(f'{arguments.input}: none of its {len(left_out)} pictures can be read')
    used = f'{predictor.runtime_name}, {predictor.device_name}, {predictor.precision}'
    if output is None:
        print(f'showed depth and std of {count} images ({used})')
    else:
        print(f'wrote depth, std and colours of {count} images to {output} ({used})')
    return INTERRUPTED if was_stopped and arguments.camera is None else 0


def _frames(arguments: argparse.Namespace, left_out: list[str]) -> Iterator[SourcePicture]:
    of_file = arguments.input
    found = frames(of_file, left_out) if of_file else camera_frames(arguments.camera)
    return islice(found, arguments.frames)


def _refuse_what_does_not_go_together(arguments: argparse.Namespace) -> None:
    if (arguments.input is None) == (arguments.camera is None):
        raise InputError('predict: name either a picture, folder or video, or --camera 0')


def _write(output: Path, name: str, prediction: Prediction) -> None:
    write_depth_png(output / f'{name}_depth.png', prediction.depth_m)
    write_depth_png(output / f'{name}_std.png', prediction.std_m)
    write_rgb(output / f'{name}_colour.png', coloured_depth(prediction.depth_m))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='adu-depth predict',
        allow_abbrev=False,
        description=SUMMARY,
        epilog='Depth and std are 16-bit PNGs, metres times 256, 0 = unknown. Depth is as '
        'metric as the focal length is right: give --camera-info or --fx.',
    )
    parser.add_argument('input', type=Path, nargs='?', help='picture, folder or video')
    parser.add_argument('--camera', metavar='DEVICE', help='instead: a webcam, as 0, until Ctrl-C')
    parser.add_argument(
        '--output',
        type=Path,
        help=f'folder of PNGs (default: {OUTPUT}, and none where it is looked at)',
    )
    parser.add_argument('--frames', type=positive, help='only the first so many pictures')
    add_camera_arguments(parser)
    parser.add_argument(
        '--hfov',
        type=view_angle,
        help='instead: horizontal field of view of these pictures, degrees',
    )
    add_model(parser)
    add_device(parser)
    add_precision(parser)
    add_calibration(parser)
    parser.add_argument(
        '--input-size',
        metavar='WIDTHxHEIGHT',
        help='box in px in which the network sees a picture, multiples of 32 '
        '(default: the area it was trained for)',
    )
    add_view_options(parser)
    return parser


def with_progress(items: Iterable[Item], description: str, unit: str) -> Iterable[Item]:
    """Return the items, under a bar on stderr where tqdm is installed."""
    try:
        from tqdm import tqdm
    except ModuleNotFoundError:
        return items
    shown: Iterable[Item] = tqdm(items, desc=description, unit=unit)
    return shown
