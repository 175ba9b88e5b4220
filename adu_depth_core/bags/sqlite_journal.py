# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What an SQLite file lacks because its recorder died: it stands in a journal beside it."""

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from adu_depth_core.errors import InputError

JOURNALS = ('-wal', '-journal')


def has_journal(database: Path) -> bool:
    """Tell whether a file with changes that are still to be made lies beside a database."""
    return any(path.is_file() and path.stat().st_size for path in _journals(database))


def with_journal(database: Path, folder: Path) -> Path:
    """
    Copy a database into `folder`, apply its journal to the copy, and return that.

    SQLite would write beside the database, which may lie where nobody can write. Raises
    InputError where there is no room for the copy.
    """
    copy = folder / database.name
    try:
        shutil.copyfile(database, copy)
        for path in filter(Path.is_file, _journals(database)):
            shutil.copyfile(path, folder / path.name)
    except OSError as error:
        raise InputError(
            f'{database}: its journal needs a copy in {folder.parent}, which cannot be written '
            f'({error.strerror}); name another folder in TMPDIR'
        ) from error
    # What is damaged is left to the reader to find.
    with suppress(sqlite3.Error), closing(sqlite3.connect(copy)) as connection:
        connection.execute('PRAGMA journal_mode=DELETE').fetchall()
    return copy


def _journals(database: Path) -> list[Path]:
    return [database.with_name(database.name + suffix) for suffix in JOURNALS]
