# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a recording says of how its topics were offered."""

from collections.abc import Sequence
from typing import Any

from rosbags.interfaces import Qos, QosDurability
from rosbags.rosbag2 import metadata, storage_mcap, storage_sqlite3

strict = metadata.parse_qos


def offered_profiles(profiles: Any) -> list[Qos]:
    """Return offered_qos_profiles; none where they are written in a way that nobody knows."""
    try:
        return strict(profiles)
    # Partial, a mapping, a word: they surface as nearly anything.
    except Exception:
        return []


def is_latched(profiles: Sequence[Qos]) -> bool:
    """Tell whether a topic was offered to late subscribers, too."""
    return any(profile.durability is QosDurability.TRANSIENT_LOCAL for profile in profiles)


# The readers of rosbags refuse a whole file for it, and have no other place to say what is read.
for module in (storage_mcap, storage_sqlite3):
    vars(module)['parse_qos'] = offered_profiles
