# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The messages of an SQLite file (.db3) in the order of its rows, without its index."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from adu_depth_core.bags.offered_qos import is_latched, offered_profiles
from adu_depth_core.bags.storage import BagMessage, LeftOut, Recorded
from adu_depth_core.bags.zstandard import decompressed
from adu_depth_core.messages.types import modern_type


def sqlite_messages(path: Path) -> Iterator[Recorded | LeftOut]:
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
                yield Recorded(message, latched, definitions.get(msgtype, ''))


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
