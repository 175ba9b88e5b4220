# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
An SQLite file (.db3) that was not closed: the journal beside it, and its rows in their order.

What it lacks because its recorder died stands in the journal; the rows need no index.
"""

import shutil
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from adu_depth_core.bags.storage import (
    BagMessage,
    LeftOut,
    RecordedMessage,
    is_latched,
    offered_profiles,
)
from adu_depth_core.bags.zstandard import decompressed
from adu_depth_core.errors import InputError
from adu_depth_core.messages.types import modern_type

# Size of a page, changes so far, pages, and changes when those were counted.
HEADER = struct.Struct('>16xH6xII60xI')
JOURNALS = ('-wal', '-journal')


def sqlite_messages(path: Path) -> Iterator[RecordedMessage | LeftOut]:
    """Yield messages; raises where the file is damaged."""
    address = f'{path.absolute().as_uri()}?immutable=1'
    with closing(sqlite3.connect(address, uri=True)) as database:
        # Without it SQLite opens no file that is shorter than its first page promises.
        database.execute('PRAGMA writable_schema=ON')
        definitions = _definitions(database)
        topics = {}
        for row in _rows(database, 'SELECT * FROM topics'):
            if row['serialization_format'] == 'cdr':
                topics[row['id']] = row['name'], row['type'], _is_latched(row)
            else:
                yield LeftOut(row['name'], row['serialization_format'])
        for row in _rows(database, 'SELECT topic_id, timestamp, data FROM messages ORDER BY id'):
            if row['topic_id'] in topics:
                name, msgtype, latched = topics[row['topic_id']]
                data = decompressed(row['data'])
                message = BagMessage(name, modern_type(msgtype), data, row['timestamp'])
                yield RecordedMessage(message, latched, definitions.get(msgtype, ''))


def _definitions(database: sqlite3.Connection) -> dict[str, str]:
    """Return the definitions of types; before Iron there were none, and damage may take them."""
    query = 'SELECT topic_type, encoded_message_definition FROM message_definitions'
    try:
        return {str(name): str(definition) for name, definition in _rows(database, query)}
    except sqlite3.Error:
        return {}


def _rows(database: sqlite3.Connection, query: str) -> Iterator[sqlite3.Row]:
    cursor = database.cursor()
    cursor.row_factory = sqlite3.Row  # type: ignore[assignment]
    yield from cursor.execute(query)


def _is_latched(topic: sqlite3.Row) -> bool:
    if 'offered_qos_profiles' not in topic.keys():  # noqa: SIM118 (a Row iterates over values)
        return False
    return is_latched(offered_profiles(topic['offered_qos_profiles']))


def has_journal(database: Path) -> bool:
    """Tell whether a file with changes that are still to be made lies beside a database."""
    return any(path.is_file() and path.stat().st_size for path in _journals(database))


def check_tables(path: Path) -> None:
    """Raise InputError where messages are no table: a view may be computed without end."""
    address = f'{path.absolute().as_uri()}?immutable=1'
    query = (
        "SELECT name FROM sqlite_master WHERE type <> 'table' AND name IN ('topics', 'messages')"
    )
    # What is damaged is left to the reader to find.
    with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as database:
        for (name,) in database.execute(query).fetchall():
            raise InputError(f'{path}: {name} is no table, as recorders write it')


def missing_end(path: Path) -> str:
    """Say how a file ends before its first page says; SQLite 3.53 reads it as if it were whole."""
    with path.open('rb') as file:
        header = file.read(HEADER.size)
    if len(header) < HEADER.size:
        return ''  # no database; left to the reader to find
    page_bytes, changes, pages, changes_at_count = HEADER.unpack(header)
    # Where the count is older than the last change, it says nothing (sqlite.org/fileformat.html).
    promised = pages * (65536 if page_bytes == 1 else page_bytes)
    there = path.stat().st_size
    is_short = changes == changes_at_count and there < promised
    return f'it has {there} of {promised} bytes' if is_short else ''


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
