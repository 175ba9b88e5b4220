# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Files that are written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adu_depth_core.errors import InputError


@contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """
    Give a temporary path beside `path`; on success it replaces `path`, on error it is removed.

    The temporary name keeps the suffix of `path`, since many writers choose a format by it. Raises
    InputError when there can be no such file; what the block raises is passed on.
    """
    path = Path(path)
    with told_unwritable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix='.part-', suffix=path.suffix)
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        with told_unwritable(path):
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def told_unwritable(path: Path, *others: type[Exception]) -> Iterator[None]:
    """Turn what the system raises in the block, and `others`, into InputError about `path`."""
    kinds: tuple[type[Exception], ...] = (OSError, *others)
    try:
        yield
    except kinds as error:
        # The text of an OSError may name a temporary file, its reason never does.
        reason = getattr(error, 'strerror', None) or str(error)
        raise InputError(f'{path}: cannot be written ({reason})') from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
