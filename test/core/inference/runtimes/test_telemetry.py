# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Runtimes tell nobody that they run, and leave nothing in the user's folder."""

import os
import shutil
import signal
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
# Run before PROGRAM: from here on the kernel ends the process for a socket of the internet, no
# matter which library, in which thread, asks for it and how soon it is closed. A filter of system
# calls (seccomp), which needs no rights: load the architecture, the number of the call and its
# first argument in turn, and compare.
GUARD = """
import ctypes, platform, struct
ARCHITECTURE, SOCKET = {'x86_64': (0xC000003E, 41), 'aarch64': (0xC00000B7, 198)}[
    platform.machine()
]
LOAD, IS_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, END_THE_PROCESS = 0x7FFF0000, 0x80000000
AF_INET, AF_INET6 = 2, 10
steps = [
    (LOAD, 0, 0, 4), (IS_EQUAL, 0, 5, ARCHITECTURE),
    (LOAD, 0, 0, 0), (IS_EQUAL, 0, 3, SOCKET),
    (LOAD, 0, 0, 16), (IS_EQUAL, 2, 0, AF_INET), (IS_EQUAL, 1, 0, AF_INET6),
    (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, END_THE_PROCESS),
]
code = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *step) for step in steps))
program = ctypes.create_string_buffer(struct.pack('HP', len(steps), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
NO_NEW_RIGHTS, FILTER, BY_PROGRAM = 38, 22, 2
assert libc.prctl(NO_NEW_RIGHTS, 1, 0, 0, 0) == 0, 'no seccomp'
assert libc.prctl(FILTER, BY_PROGRAM, program) == 0, 'no seccomp'
"""


def environment(home: Path) -> dict[str, str]:
    """What a fresh user has: no variable that could have switched anything off before us."""
    kept = {k: v for k, v in os.environ.items() if 'TELEMETRY' not in k and 'XDG' not in k}
    return kept | {'HOME': str(home)}


def predict(runtime: str, home: Path, seconds: float, *before: str, program: str = PROGRAM) -> str:
    words = [*before, sys.executable, '-c', program, runtime, str(seconds)]
    done = subprocess.run(words, env=environment(home), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def guarded(program: str) -> 'subprocess.CompletedProcess[str]':
    words = [sys.executable, '-c', GUARD + program]
    return subprocess.run(words, capture_output=True, text=True)


@pytest.fixture(scope='module')
def guard() -> str:
    done = guarded('')
    if 'no seccomp' in done.stderr:
        pytest.skip('this kernel filters no system calls')
    assert done.returncode == 0, done.stderr
    return GUARD


@pytest.mark.parametrize('runtime', ['openvino', 'onnxruntime'])
def test_prediction_asks_for_no_socket_and_leaves_no_file(runtime: str, tmp_path: Path) -> None:
    assert predict(runtime, tmp_path, 0) == '[]'
    assert list(tmp_path.rglob('*')) == []


@pytest.mark.parametrize('family', ['AF_INET', 'AF_INET6'])
def test_guard_sees_a_socket_that_python_does_not(guard: str, family: str) -> None:
    done = guarded(f'libc.socket({family}, 2, 0); print("not seen")')
    assert (done.returncode, done.stdout) == (-signal.SIGSYS, '')
    done = guarded('print(libc.socket(1, 1, 0) > 0)')  # within the machine
    assert (done.returncode, done.stdout) == (0, 'True\n')


# Of onnxruntime, long enough for what begins to send some nine seconds after its start.
@pytest.mark.timeout(300)
@pytest.mark.parametrize(('runtime', 'seconds'), [('openvino', 1), ('onnxruntime', 12)])
def test_no_library_opens_a_socket_of_its_own(
    guard: str, runtime: str, seconds: float, tmp_path: Path
) -> None:
    assert predict(runtime, tmp_path, seconds, program=guard + PROGRAM) == '[]'
    assert list(tmp_path.rglob('*')) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
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
