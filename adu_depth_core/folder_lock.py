# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A folder that one process at a time writes into."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from adu_depth_core.atomic_files import told_unwritable
from adu_depth_core.errors import InputError

NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP}
_held: set[int] = set()


def open_locked(path: Path, doing: str) -> int:
    """
    Open a file for reading and writing, and lock it until it is closed or this process ends.

    Processes that are forked from this one do not hold the lock; threads share it.

    Parameters
    ----------
    path : Path
        Is created where it is not there.
    doing : str
        What another process is doing that has the lock: `writing this recording`.

    Returns
    -------
    Descriptor, for `close_locked`.

    Raises
    ------
    InputError
        When another process has the lock.
    OSError
        When the file cannot be opened, or the disk knows no locks (`NO_LOCKS`).

    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise InputError(f'{path.parent}: another process is {doing}') from error
        raise
    _held.add(descriptor)
    return descriptor


def close_locked(descriptor: int) -> None:
    """Let go of what `open_locked` returned."""
    _held.discard(descriptor)
    # Unlocked, not only closed: a process that was forked a moment ago has a copy of it still.
    with suppress(OSError):  # A disk that knows no locks.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


@contextmanager
def locked(path: Path, doing: str) -> Iterator[None]:
    """
    Hold the lock of `path` inside the block, see `open_locked`; its folder is created.

    Where the disk knows no locks, as some network drives, nobody is kept out.
    """
    with told_unwritable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = open_locked(path, doing)
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            descriptor = os.open(path, os.O_RDWR)
    try:
        yield
    finally:
        close_locked(descriptor)


def _let_go_in_child() -> None:
    # A lock lasts as long as any copy of its descriptor: a reader would keep it for its parent.
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_let_go_in_child)
