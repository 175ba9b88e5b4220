# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Files that are written whole or not at all."""

import errno
import fcntl
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from adu_depth_core.errors import InputError
from adu_depth_core.regular_files import check_regular

# What a disk or the right to write on it says, whatever was being written.
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
PROBE_BYTES = 2**20
PREFIX = '.part-'
# A writer locks its file as soon as it is there; a younger one may be about to.
UNLOCKED_S = 10.0
_looked_at: set[Path] = set()


@contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """
    Give a temporary path beside `path`; on success it replaces `path`, on error it is removed.

    The temporary name keeps the suffix of `path`, since many writers choose a format by it. Raises
    InputError when the file cannot be written, to its last byte and down to the disk; what else
    the block raises is passed on. What killed writers left in the folder is removed, and said.
    """
    path = _destination(Path(path))
    with told_unwritable(path):
        descriptor, temporary = _new_file(path)
    try:
        with _told_refusal(path, temporary):
            yield temporary
        with told_unwritable(path):
            _sync(temporary)
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        os.close(descriptor)


def require_writable(path: str | os.PathLike[str]) -> None:
    """
    Raise `InputError` where no file `path` can be written: before the work, not after it.

    It leaves no trace. One process of several asks.
    """
    path = _destination(Path(path))
    with told_unwritable(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        new = [folder for folder in path.parents if not folder.exists()]
        try:
            descriptor, temporary = _new_file(path)
            os.close(descriptor)
            temporary.unlink()
        finally:
            for folder in new:
                with suppress(OSError):
                    folder.rmdir()


@contextmanager
def told_unwritable(path: Path, *others: type[Exception]) -> Iterator[None]:
    """Turn what the system raises in the block, and `others`, into InputError about `path`."""
    kinds: tuple[type[Exception], ...] = (OSError, *others)
    try:
        yield
    except kinds as error:
        # The text of an OSError may name a temporary file, its reason never does.
        reason = getattr(error, 'strerror', None) or str(error)
        raise InputError(unwritable(path, reason)) from error


def unwritable(path: object, reason: str) -> str:
    """Return the sentence about a file that the system does not let us write."""
    return f'{path}: cannot be written ({reason})'


def _destination(path: Path) -> Path:
    """Return what `path` is a link to, or itself; what is no regular file is not replaced."""
    with told_unwritable(path):
        check_regular(path)
        return Path(os.path.realpath(path)) if path.is_symlink() else path


def _new_file(path: Path) -> tuple[int, Path]:
    """Create a file beside `path`, locked as long as the descriptor is open."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_left_files(path.parent)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=PREFIX, suffix=path.suffix)
    with suppress(OSError):  # a disk that knows no locks
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor, Path(name)


def _remove_left_files(folder: Path) -> None:
    """Remove the files that nobody writes any more, when this process first writes there."""
    folder = folder.resolve()
    if folder in _looked_at:
        return
    _looked_at.add(folder)
    for left in folder.glob(f'{PREFIX}*'):
        with suppress(OSError):
            if left.is_file() and time.time() - left.stat().st_mtime > UNLOCKED_S:
                _remove_unlocked(left)


def _remove_unlocked(left: Path) -> None:
    """Remove a file; OSError where somebody writes it, or nobody can know."""
    descriptor = os.open(left, os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        left.unlink()
    finally:
        os.close(descriptor)
    print(f'{left}: removed, a killed writer left it', file=sys.stderr)


@contextmanager
def _told_refusal(path: Path, temporary: Path) -> Iterator[None]:
    """Turn what a writer raises into InputError about `path`, where the disk is the cause."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        reason = _refusal(error, temporary)
        if reason is None:
            raise
        raise InputError(unwritable(path, reason)) from error


def _refusal(error: Exception, temporary: Path) -> str | None:
    """Say why the disk refuses more; writers in other languages hide it behind their own words."""
    if isinstance(error, OSError) and error.errno in DISK_ERRORS:
        return error.strerror
    try:
        with temporary.open('ab') as file:
            file.write(bytes(PROBE_BYTES))
        _sync(temporary)
    except OSError as refused:
        return refused.strerror
    return None


def _sync(path: Path) -> None:
    """Wait until a file is on the disk: only then the system has said all that it has to say."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
