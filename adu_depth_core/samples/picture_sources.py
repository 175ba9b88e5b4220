# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures one after the other: of a file, a folder, a video, or a camera that is plugged in."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from adu_depth_core.errors import InputError
from adu_depth_core.regular_files import check_regular, is_hidden
from adu_depth_core.samples.image_files import read_rgb
from adu_depth_core.samples.sample import Image

PICTURES = ('.png', '.jpg', '.jpeg', '.bmp', '.webp', '.tif', '.tiff')


class SourcePicture(NamedTuple):
    """
    A picture and the stem of what is written about it.

    Attributes
    ----------
    name : str
    image : (H, W, 3) uint8
        RGB.
    stamp_ns : int, optional
        When a camera gave it, in ns since 1970.
    video_s : float, optional
        Its second in a video.

    """

    name: str
    image: Image
    stamp_ns: int | None = None
    video_s: float | None = None


def frames(source: Path, left_out: list[str] | None = None) -> Iterator[SourcePicture]:
    """
    Yield the pictures of a file, a folder (sorted by name, without hidden files) or a video.

    Parameters
    ----------
    source : Path
    left_out : list of str, optional
        Gets a sentence for each picture of a folder that cannot be read.

    Raises
    ------
    InputError
        When there is nothing to read, or a file that is named cannot be decoded.

    """
    check_regular(source)
    if source.is_dir():
        paths = sorted(path for path in source.iterdir() if _is_picture(path))
        if not paths:
            raise InputError(f'{source}: no pictures ({", ".join(PICTURES)}) in this folder')
        stems = Counter(path.stem for path in paths)
        for path in paths:
            # Of a.png and a.jpg neither takes the other's name.
            name = path.stem if stems[path.stem] == 1 else path.name.replace('.', '_')
            try:
                yield SourcePicture(name, read_rgb(path))
            except InputError as error:
                if left_out is None:
                    raise
                left_out.append(str(error))
    elif not source.exists():
        raise InputError(f'{source}: no such file or folder')
    elif source.suffix.lower() in PICTURES:
        yield SourcePicture(source.stem, read_rgb(source))
    else:
        yield from _video_frames(source)


def camera_frames(device: str) -> Iterator[SourcePicture]:
    """
    Yield what a camera sees, as long as it gives pictures.

    Parameters
    ----------
    device : str
        A number, as 0 for /dev/video0, or whatever else `cv2.VideoCapture` opens: a device, an
        address of a stream, a video.

    Raises
    ------
    InputError
        When there is no such camera, or it gives no picture.

    """
    camera = cv2.VideoCapture(int(device) if device.isdecimal() else device)
    # What waits in a driver grows old while a picture is predicted; not every driver listens.
    camera.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    number = 0
    for image in _pictures(camera):
        yield SourcePicture(f'camera_{number:06d}', image, stamp_ns=time.time_ns())
        number += 1
    if number == 0:
        raise InputError(
            f'camera {device}: gives no picture; see whether it is there (ls /dev/video*), and '
            'whether another program has it'
        )


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURES and not is_hidden(path)


def _video_frames(source: Path) -> Iterator[SourcePicture]:
    video = cv2.VideoCapture(str(source))
    number = 0
    for image in _pictures(video):
        second = video.get(cv2.CAP_PROP_POS_MSEC) / 1000
        yield SourcePicture(f'{source.stem}_{number:06d}', image, video_s=second)
        number += 1
    if number == 0:
        raise InputError(f'{source}: neither a picture nor a video that OpenCV can read')


def _pictures(video: cv2.VideoCapture) -> Iterator[Image]:
    """Yield RGB until there is no more; the device is free again when nobody asks any longer."""
    try:
        while True:
            good, picture = video.read()
            if not good:
                return
            yield np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
    finally:
        video.release()
