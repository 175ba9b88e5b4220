# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A file of a bag without a whole index: read from its beginning as far as that goes."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from adu_depth_core.bags.mcap_records import mcap_messages
from adu_depth_core.bags.ros1_records import ros1_messages
from adu_depth_core.bags.sqlite_rows import sqlite_messages
from adu_depth_core.bags.storage import NEVER_NS, BagMessage, LeftOut, RecordedMessage, Topic
from adu_depth_core.errors import InputError

# Raises anything where the file is damaged.
Messages = Iterator[RecordedMessage | LeftOut]
READERS: dict[str, Callable[[Path], Messages]] = {
    '.mcap': mcap_messages,
    '.db3': sqlite_messages,
    '.bag': ros1_messages,
}


class UnindexedFile:
    """
    A file read as far as it can be; messages come in the order in which they were written.

    Parameters
    ----------
    file, path : Path
        As for `IndexedStorage`.

    """

    def __init__(self, file: Path, path: Path) -> None:
        self.path, self._file, self._read = path, file, READERS[file.suffix]
        self.start_ns, self.end_ns = NEVER_NS, 0
        self.fault = ''
        self.left_out: dict[str, str] = {}
        counts: Counter[tuple[str, str, bool, str]] = Counter()
        for message, latched, definition in self._up_to_fault():
            counts[message.topic, message.msgtype, latched, definition] += 1
            self.start_ns = min(self.start_ns, message.time_ns)
            self.end_ns = max(self.end_ns, message.time_ns)
        self.topics: Mapping[str, Topic] = {
            name: Topic(name, msgtype, count, latched, definition)
            for (name, msgtype, latched, definition), count in counts.items()
        }

    def messages(
        self, names: Collection[str] | None, start_ns: int | None, stop_ns: int | None
    ) -> Iterator[BagMessage]:
        """Yield messages up to where the file is damaged."""
        for message, *_ in self._up_to_fault():
            if (
                (names is None or message.topic in names)
                and (start_ns is None or message.time_ns >= start_ns)
                and (stop_ns is None or message.time_ns < stop_ns)
            ):
                yield message

    def close(self) -> None:
        """Nothing is held open."""

    def _up_to_fault(self) -> Iterator[RecordedMessage]:
        with closing(self._read(self._file)) as messages:  # type: ignore[type-var]
            try:
                for item in messages:
                    if isinstance(item, LeftOut):
                        self.left_out[item.topic] = item.encoding
                    else:
                        yield item
            # Bytes that are not what they promise surface as nearly anything in a parser.
            except Exception as error:
                self.fault = reason(error)


def reason(error: Exception) -> str:
    """Return what an exception says as part of a sentence, with its type unless it is ours."""
    text, kind = ' '.join(str(error).split()).rstrip('.'), type(error).__name__
    if isinstance(error, InputError):
        return text
    return f'{kind}: {text}' if text else kind
