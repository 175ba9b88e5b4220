# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A few random kills of the many that benchmark/kills.py tries."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / 'benchmark' / 'kills.py'


def test_recording_that_is_killed_at_random_keeps_what_it_reported(tmp_path: Path) -> None:
    result = tmp_path / 'kills.json'
    command = [sys.executable, SCRIPT, 'recording', '--kills', '3', '--json', result]
    subprocess.run(command, check=True)
    found = json.loads(result.read_text())['recording']
    assert (found['kills'], found['lost']) == (3, 0)
    assert found['samples'] >= 3
