# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The shipped model on a real drive, all the way through bag, player, DDS and node."""

import json
from pathlib import Path

import pytest

from adu_depth_core.commands.make_bag import main as make_bag
from adu_depth_ros.commands import demo

FRAMES = 40

pytestmark = [pytest.mark.real_data, pytest.mark.real_time, pytest.mark.timeout(300)]


def test_real_drive_gives_metric_depth_with_calibrated_uncertainty(
    data_root: Path, tmp_path: Path
) -> None:
    bag, output = tmp_path / 'drive', tmp_path / 'out'
    data = f'kitti_raw:{data_root / "kitti_raw"}'
    make_bag(['--data', data, '--drives', '0005[114-153]', '--output', str(bag)])
    demo.main(['--bag', str(bag), '--output', str(output)])
    result = json.loads((output / 'result.json').read_text())
    # How fast it was is a matter of the machine; benchmark/ and the demo itself judge that.
    assert set(result['missed']) <= {'latency p95'}
    assert result['frames_in'] == FRAMES
    assert result['frames_out'] >= 0.95 * FRAMES
    assert result['incomplete'] == 0
    assert result['abs_rel'] < 0.13
    assert result['density'] > 0.9
    assert result['coverage_error'] < 0.06
    assert (output / 'report.html').stat().st_size < 5e6
