# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Runtimes tell nobody that they run, and leave nothing in the user's folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys, time
seen = []
sys.addaudithook(lambda event, _: seen.append(event) if event.startswith('socket.') else None)
import numpy as np
from adu_depth_core.camera import Camera
from adu_depth_core.inference.predictor import Predictor
predictor = Predictor.load('tiny', runtime=sys.argv[1], device='cpu', input_size=(64, 32))
predictor(np.zeros((32, 64, 3), np.uint8), Camera(64, 32, 50.0, 50.0, 31.5, 15.5))
time.sleep(float(sys.argv[2]))
print(seen)
"""
NETWORK = 'trace=socket,connect,sendto,sendmsg'


def environment(home: Path) -> dict[str, str]:
    """What a fresh user has: no variable that could have switched anything off before us."""
    kept = {k: v for k, v in os.environ.items() if 'TELEMETRY' not in k and 'XDG' not in k}
    return kept | {'HOME': str(home)}


def predict(runtime: str, home: Path, seconds: float, *before: str) -> str:
    words = [*before, sys.executable, '-c', PROGRAM, runtime, str(seconds)]
    done = subprocess.run(words, env=environment(home), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize('runtime', ['openvino', 'onnxruntime'])
def test_prediction_asks_for_no_socket_and_leaves_no_file(runtime: str, tmp_path: Path) -> None:
    assert predict(runtime, tmp_path, 0) == '[]'
    assert list(tmp_path.rglob('*')) == []


@pytest.mark.slow
@pytest.mark.skipif(shutil.which('strace') is None, reason='strace is not installed')
@pytest.mark.parametrize('runtime', ['openvino', 'onnxruntime'])
def test_libraries_open_no_connection_behind_pythons_back(runtime: str, tmp_path: Path) -> None:
    home, log = tmp_path / 'home', tmp_path / 'strace.log'
    home.mkdir()
    # Long enough for onnxruntime, which begins to send some nine seconds after its start.
    predict(runtime, home, 15, 'strace', '-f', '-qq', '-e', NETWORK, '-o', str(log))
    calls = [line for line in log.read_text().splitlines() if 'AF_INET' in line]
    assert calls == []
    assert list(home.rglob('*')) == []
