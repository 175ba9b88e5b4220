# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where NumPy, OpenCV, YAML and ROS are all there is: what runs, and what is said of the rest."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from bare_environment import BARE

COMMAND = 'import sys; from adu_depth_core.commands import main; sys.exit(main())'


def run(program: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, '-c', program, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True)


def test_predict_runs_in_opencv(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (96, 320, 3), np.uint8)
    cv2.imwrite(str(tmp_path / 'street.png'), picture)
    words = ['predict', tmp_path / 'street.png', '--fx', '200', '--output']
    done = run(BARE + COMMAND, *words, tmp_path / 'out')
    assert done.returncode == 0, done.stderr
    assert '(opencv, cpu, float32)' in done.stdout
    stored = cv2.imread(str(tmp_path / 'out/street_depth.png'), cv2.IMREAD_UNCHANGED)
    assert (stored.shape, stored.dtype) == ((96, 320), np.uint16)
    options = ['--runtime', 'onnxruntime', '--precision', 'float32']
    reference = run(COMMAND, *words, tmp_path / 'reference', *options)
    assert reference.returncode == 0, reference.stderr
    expected = cv2.imread(str(tmp_path / 'reference/street_depth.png'), cv2.IMREAD_UNCHANGED)
    # One step of the format, 1/256 m, where a number lies between two.
    assert np.abs(stored.astype(int) - expected.astype(int)).max() <= 1


@pytest.mark.parametrize(
    'module',
    [
        'adu_depth_core.inference.predictor',
        'adu_depth_core.messages.compressed_images',
        'adu_depth_core.messages.clouds',
        'adu_depth_core.recording',
        'adu_depth_core.bags.topics',
        'adu_depth_core.bags.transforms',
        'adu_depth_ros.mono.mono_depth_node',
        'adu_depth_ros.mono.mono_depth_cameras',
        'adu_depth_ros.stereo.stereo_teacher_node',
        'adu_depth_ros.messages.image_messages',
    ],
)
def test_what_nodes_need_is_imported(module: str) -> None:
    if module.startswith('adu_depth_ros'):
        pytest.importorskip('rclpy')
    done = run(f'{BARE}\nimport {module}')
    assert (done.returncode, done.stderr) == (0, '')


@pytest.mark.parametrize(
    ('command', 'sentence'),
    [
        ('evaluate-bag', "is missing: pip install '.[tools]'"),
        ('make-bag', "is missing: pip install '.[tools]'"),
        ('check-data', "is missing: pip install '.[tools]'"),
        ('label', "is missing: pip install '.["),
        ('export', "is missing: pip install '.[train]'"),
        ('train', "is missing: pip install '.[train]'"),
    ],
)
def test_other_commands_name_the_extra_that_they_need(
    command: str, sentence: str, tmp_path: Path
) -> None:
    model = tmp_path / 'model.safetensors'
    model.write_bytes(b'')
    arguments = {'export': [model], 'train': ['student']}.get(command, ['data'])
    done = run(BARE + COMMAND, command, *arguments)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.count('\n') == 1
