# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The messages of an SQLite file (.db3) in the order of its rows, without its index."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from rosbags.interfaces import QosDurability
from rosbags.rosbag2.metadata import parse_qos

from adu_depth_core.data.bags.storage import BagMessage
from adu_depth_core.data.bags.topics import modern_type
from adu_depth_core.data.bags.zstandard import decompressed


def sqlite_messages(path: Path) -> Iterator[tuple[BagMessage, bool]]:
    """Yield (message, is latched); raises where the file is damaged."""
    address = f'{path.absolute().as_uri()}?immutable=1'
    with closing(sqlite3.connect(address, uri=True)) as database:
        # Without it SQLite opens no file that is shorter than its first page promises.
        database.execute('PRAGMA writable_schema=ON')
        topics = {
            row['id']: (row['name'], modern_type(row['type']), _is_latched(row))
            for row in _rows(database, 'SELECT * FROM topics')
            if row['serialization_format'] == 'cdr'
        }
        for row in _rows(database, 'SELECT topic_id, timestamp, data FROM messages ORDER BY id'):
            if row['topic_id'] in topics:
                name, msgtype, latched = topics[row['topic_id']]
                data = decompressed(row['data'])
                yield BagMessage(name, msgtype, data, row['timestamp']), latched


def _rows(database: sqlite3.Connection, query: str) -> Iterator[sqlite3.Row]:
    cursor = database.cursor()
    cursor.row_factory = sqlite3.Row  # type: ignore[assignment]
    yield from cursor.execute(query)


def _is_latched(topic: sqlite3.Row) -> bool:
    if 'offered_qos_profiles' not in topic.keys():  # noqa: SIM118 (a Row iterates over values)
        return False
    profiles = parse_qos(topic['offered_qos_profiles'])
    return any(profile.durability is QosDurability.TRANSIENT_LOCAL for profile in profiles)
