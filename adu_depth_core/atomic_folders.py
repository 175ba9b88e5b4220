# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Folders that are written whole or not at all, and take the place of others at once."""

import ctypes
import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from adu_depth_core.atomic_files import told_unwritable
from adu_depth_core.errors import InputError
from adu_depth_core.folder_lock import close_locked, locked, open_locked

OWNER = 'owner.lock'
AT_WORKING_FOLDER, RENAME_EXCHANGE = -100, 2
_NOT_HERE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}


@contextmanager
def folder_written_whole(path: Path, check: Callable[[Path], None]) -> Iterator[Path]:
    """
    Give the path of a folder to be created; it takes the place of `path` when the block ends well.

    What a killed writer of the same folder left behind is put right first, and said.

    Parameters
    ----------
    path : Path
        Absolute. The folder given has the same name, in a temporary folder beside it.
    check : callable
        Raises `InputError` where `path` may not be replaced; asked before and after the block.

    Raises
    ------
    InputError
        When the system does not let us write there.

    """
    _put_right(path)
    check(path)
    with told_unwritable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix='.part-'))
    try:
        with locked(temporary / OWNER, 'writing'):
            yield temporary / path.name
            check(path)
            with told_unwritable(path):
                _take_place(temporary / path.name, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _take_place(new: Path, path: Path) -> None:
    if not path.exists():
        new.rename(path)
    elif not exchanged(new, path):
        replaced = _replaced(new.parent, path)
        path.rename(replaced)
        try:
            new.rename(path)
        finally:
            # Whatever came between the two, Ctrl-C too: one of both is there.
            if not path.exists():
                replaced.rename(path)


def exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system or the disk cannot."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), 'renameat2', None)
    if rename is None:
        return False
    here = AT_WORKING_FOLDER
    if rename(here, os.fsencode(one), here, os.fsencode(other), RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _NOT_HERE:
        return False
    raise OSError(number, os.strerror(number))


def _put_right(path: Path) -> None:
    """Remove what dead writers of `path` left, after giving back what they had moved away."""
    for left in path.parent.glob(f'.part-*/{OWNER}'):
        names = {inside.name for inside in left.parent.iterdir()} - {OWNER}
        replaced = _replaced(left.parent, path)
        if names and not names <= {path.name, replaced.name}:
            continue  # of another folder's writer
        # A living writer has the lock; without locks, nobody knows.
        with suppress(InputError, OSError):
            descriptor = open_locked(left, 'writing')
            try:
                _give_back(replaced, path)
                shutil.rmtree(left.parent, ignore_errors=True)
                _say(f'{left.parent}: removed, a killed writer left it')
            finally:
                close_locked(descriptor)


def _give_back(replaced: Path, path: Path) -> None:
    if replaced.exists() and not path.exists():
        replaced.rename(path)
        _say(f'{path}: put back, which a killed writer was about to replace')


def _replaced(temporary: Path, path: Path) -> Path:
    return temporary / f'{path.name}.replaced'


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
