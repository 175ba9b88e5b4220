# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Files of strangers: nothing that never ends, and nothing from elsewhere."""

from pathlib import Path

from adu_depth_core.errors import InputError


def read_regular(path: Path, max_bytes: int | None = None) -> bytes:
    """
    Return what a file holds.

    Raises InputError where it is no regular file, such as a pipe or a device, larger than
    `max_bytes`, or cannot be read; FileNotFoundError where there is none.
    """
    try:
        check_regular(path)
        size = path.stat().st_size
        if max_bytes is not None and size > max_bytes:
            raise InputError(f'{path}: has {size} bytes, more than the {max_bytes} that are read')
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise InputError(f'{path}: cannot be read ({error.strerror})') from error


def check_regular(path: Path) -> None:
    """Raise InputError where `path` is a pipe, a socket or a device: reading might never end."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise InputError(f'{path}: is a pipe or a device, no regular file')


def check_inside(path: Path, folder: Path) -> None:
    """Raise InputError where a link leads from `path` out of `folder`."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InputError(f'{path}: is a link that leads out of {folder}; put the file there')
