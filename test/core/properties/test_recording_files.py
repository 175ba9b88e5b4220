# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The files of a recording: its head and its lines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adu_depth_core.recording.layout import FIELDS, check_head, from_values, read_entries
from random_cases import Cases

Near = Callable[[Any], st.SearchStrategy[Any]]

HEAD = {'format': 'adu_depth_recording', 'version': 1}
LINE = {
    'name': 'a/0',
    'stamp_ns': 1_317_046_405_123_456_789,
    'camera': {'width': 6, 'height': 4, 'fx': 10.0, 'fy': 11.0, 'cx': 2.5, 'cy': 1.5},
    'rig': {'baseline_m': 0.5, 'right_cx': 3.25},
    'files': {'left': 'left/0000000.png', 'depth': 'depth/0000000.png'},
}


def check(entry: Any) -> None:
    assert entry.camera.width > 0
    assert entry.camera.height > 0
    assert entry.camera.fx > 0
    assert abs(entry.stamp_ns) < 2**63
    assert entry.number >= 0
    for kind, name in entry.files.items():
        assert kind in FIELDS
        assert Path(name).parts[0] == kind
        assert len(Path(name).parts) == 2
    assert entry.rig is None or entry.rig.baseline_m > 0


@given(st.data())
def test_line_of_a_recording(cases: Cases, odd: Near, data: st.DataObject) -> None:
    values = data.draw(odd(LINE))
    entry = cases.outcome('line of a recording', lambda: from_values(values))
    if entry is not None:
        check(entry)


@given(st.data())
def test_lines_of_a_recording(
    cases: Cases, scratch: Path, spoilt: Near, data: st.DataObject
) -> None:
    path = scratch / 'samples.jsonl'
    path.write_bytes(data.draw(spoilt(2 * (json.dumps(LINE).encode() + b'\n'))))
    entries, end = cases.outcome('samples.jsonl', lambda: read_entries(path)) or ([], 0)
    assert end <= path.stat().st_size
    for entry in entries:
        check(entry)


@given(st.data())
def test_head_of_a_recording(
    cases: Cases, scratch: Path, odd: Near, spoilt: Near, data: st.DataObject
) -> None:
    whole = json.dumps(data.draw(odd(HEAD))).encode()
    (scratch / 'recording.json').write_bytes(data.draw(st.just(whole) | spoilt(whole)))
    cases.outcome('recording.json', lambda: check_head(scratch))


def test_deep_line_is_refused_in_a_sentence(cases: Cases, scratch: Path) -> None:
    path = scratch / 'deep.jsonl'
    path.write_bytes(b'[' * 100_000 + b'\n' + json.dumps(LINE).encode() + b'\n')
    assert cases.outcome('samples.jsonl', lambda: read_entries(path)) is None
