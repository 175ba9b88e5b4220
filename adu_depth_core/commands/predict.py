# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth predict`: depth of pictures, folders of pictures and videos."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from adu_depth_core.atomic_files import require_writable
from adu_depth_core.camera import Camera
from adu_depth_core.commands.arguments import add_device, add_model, add_precision
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.colours import coloured_depth
from adu_depth_core.inference.network_size import parsed_size
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.samples.image_files import read_rgb, write_depth_png, write_rgb

SUMMARY = 'write depth and std PNGs for a picture, a folder or a video'
PICTURES = ('.png', '.jpg', '.jpeg', '.bmp', '.webp', '.tif', '.tiff')


class Frame(NamedTuple):
    """A picture to predict and the stem of its output files."""

    name: str
    image: NDArray[np.uint8]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments = _parser().parse_args(argv)
    size = parsed_size(arguments.input_size) if arguments.input_size is not None else None
    require_writable(arguments.output / 'picture.png')
    predictor = Predictor.load(
        arguments.model,
        runtime=arguments.runtime,
        device=arguments.device,
        precision=arguments.precision,
        input_size=size,
    )
    written = 0
    for frame in tqdm(frames(arguments.input), desc='predicting', unit='image'):
        camera = guessed_camera(frame.image, arguments.fx, arguments.hfov)
        _write(arguments.output, frame, predictor, camera)
        written += 1
    used = f'{predictor.runtime_name}, {predictor.device_name}, {predictor.precision}'
    print(f'wrote depth, std and colours of {written} images to {arguments.output} ({used})')
    return 0


def frames(source: Path) -> Iterator[Frame]:
    """
    Yield the pictures of a file, a folder (sorted by name, without hidden files) or a video.

    Raises
    ------
    InputError
        When there is nothing to read, or a file cannot be decoded.

    """
    if source.is_dir():
        paths = sorted(path for path in source.iterdir() if _is_picture(path))
        if not paths:
            raise InputError(f'{source}: no pictures ({", ".join(PICTURES)}) in this folder')
        yield from (Frame(path.stem, read_rgb(path)) for path in paths)
    elif not source.exists():
        raise InputError(f'{source}: no such file or folder')
    elif source.suffix.lower() in PICTURES:
        yield Frame(source.stem, read_rgb(source))
    else:
        yield from _video_frames(source)


def _is_picture(path: Path) -> bool:
    # Hidden ones, such as ._name.png, are notes of file systems about the picture `name`.
    return path.suffix.lower() in PICTURES and not path.name.startswith('.')


def guessed_camera(image: NDArray[np.uint8], fx: float | None, hfov_degrees: float) -> Camera:
    """Return a camera with square pixels and a centred principal point, fx in px."""
    height, width = image.shape[:2]
    focal = fx or width / (2 * np.tan(np.radians(hfov_degrees) / 2))
    return Camera(width, height, focal, focal, (width - 1) / 2, (height - 1) / 2)


def _video_frames(source: Path) -> Iterator[Frame]:
    video = cv2.VideoCapture(str(source))
    number = 0
    while True:
        good, picture = video.read()
        if not good:
            break
        image = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
        yield Frame(f'{source.stem}_{number:06d}', image)
        number += 1
    video.release()
    if number == 0:
        raise InputError(f'{source}: neither a picture nor a video that OpenCV can read')


def _write(output: Path, frame: Frame, predictor: Predictor, camera: Camera) -> None:
    prediction = predictor(frame.image, camera)
    write_depth_png(output / f'{frame.name}_depth.png', prediction.depth_m)
    write_depth_png(output / f'{frame.name}_std.png', prediction.std_m)
    write_rgb(output / f'{frame.name}_colour.png', coloured_depth(prediction.depth_m))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='adu-depth predict',
        description=SUMMARY,
        epilog='Depth and std are 16-bit PNGs, metres times 256, 0 = unknown. Depth is as '
        'metric as the focal length is right: give --fx.',
    )
    parser.add_argument('input', type=Path, help='picture, folder or video')
    parser.add_argument('--output', type=Path, default=Path('out/predict'), help='folder')
    parser.add_argument('--fx', type=float, help='focal length in px of these pictures')
    parser.add_argument(
        '--hfov', type=float, default=80.0, help='without --fx: horizontal field of view, degrees'
    )
    add_model(parser)
    add_device(parser)
    add_precision(parser)
    parser.add_argument(
        '--input-size',
        metavar='WIDTHxHEIGHT',
        help='box in px in which the network sees a picture, multiples of 32 '
        '(default: the area it was trained for)',
    )
    return parser
