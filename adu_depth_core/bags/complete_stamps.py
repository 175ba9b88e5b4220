# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Messages that belong together: the same header stamp, exactly."""

from collections.abc import Collection, Iterator, Mapping

from adu_depth_core.bags.reader import Bag
from adu_depth_core.messages.stamped import header_stamp_ns

Messages = Mapping[str, bytes]
MAX_WAITING = 64


def complete_stamps(bag: Bag, names: Collection[str]) -> Iterator[tuple[int, Messages]]:
    """
    Yield (stamp_ns, {topic: CDR bytes}) for every stamp of which each topic has a message.

    Stamps are taken to increase: what is incomplete when a later stamp is complete is let go, and
    so is the earliest of more than `MAX_WAITING` stamps.
    """
    pending: dict[int, dict[str, bytes]] = {}
    for message in bag.messages(names):
        stamp_ns = header_stamp_ns(message.data)
        group = pending.setdefault(stamp_ns, {})
        group[message.topic] = message.data
        if len(group) == len(set(names)):
            yield stamp_ns, group
            pending = {later: kept for later, kept in pending.items() if later > stamp_ns}
        elif len(pending) > MAX_WAITING:
            del pending[min(pending)]
