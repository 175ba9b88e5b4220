# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Reading files that may come from strangers: regular ones, of a bounded size."""

import os
import stat
from pathlib import Path

from adu_depth_core.errors import InputError

LARGEST_BYTES = 2**28
LARGEST_TEXT_BYTES = 2**24


def is_hidden(path: Path) -> bool:
    """Tell whether a file is one that systems leave beside others, as `._name.png`."""
    return path.name.startswith('.')


def read_regular(path: Path, *, most: int = LARGEST_BYTES) -> bytes:
    """
    Read a file whole.

    Raises
    ------
    InputError
        When it is no regular file, nor a link to one: a pipe or a device may never end; or when
        it is larger than `most` bytes.
    OSError
        When the system does not let us read it.

    """
    # A pipe would be waited for until somebody writes.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, 'rb') as file:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(None, 'Is a directory')
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f'{path}: is a pipe or a device, no regular file')
        data = file.read(most + 1)
    if len(data) > most:
        raise InputError(f'{path}: larger than {most} bytes, which no such file should be')
    return data


def read_text(path: Path) -> str:
    """
    Read a text file in UTF-8 whole, as `read_regular` does.

    Raises
    ------
    InputError
        Also when it cannot be read, or is not text in UTF-8.

    """
    try:
        return read_regular(path, most=LARGEST_TEXT_BYTES).decode('utf-8-sig')
    except OSError as error:
        raise InputError(f'{path}: cannot be read ({error.strerror})') from error
    except UnicodeDecodeError as error:
        raise InputError(f'{path}: not text in UTF-8 (at byte {error.start})') from error


def check_regular(path: Path) -> None:
    """Raise InputError where `path` is a pipe, a socket or a device: reading might never end."""
    try:
        mode = path.stat().st_mode
    except OSError:  # it is not there, or the name is none that a file can have
        return
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise InputError(f'{path}: is a pipe or a device, no regular file')


def check_inside(path: Path, folder: Path) -> None:
    """Raise InputError where a link leads from `path` out of `folder`."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InputError(f'{path}: is a link that leads out of {folder}; put the file there')
