# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Programs in several processes of torchrun, none of which outlives its test."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path


def torchrun(processes: int, *words: str) -> 'subprocess.CompletedProcess[str]':
    """
    Run a program in so many processes.

    Parameters
    ----------
    processes : int
    words : str
        A file, or `-m` and a module, and its arguments.

    """
    with socket.socket() as free:
        free.bind(('localhost', 0))
        port = free.getsockname()[1]
    # Such a file may be a test itself, which imports this one.
    path = os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.getenv('PYTHONPATH')])])
    program = [sys.executable, '-m', 'torch.distributed.run', f'--nproc_per_node={processes}']
    process = subprocess.Popen(
        [*program, f'--master_port={port}', *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, 'PYTHONPATH': path},
    )
    try:
        printed, errors = process.communicate()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(process.args, process.returncode, printed, errors)
