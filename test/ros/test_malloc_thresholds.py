# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Memory of freed messages is kept, so that the next ones cost no page faults."""

import os
import platform
import subprocess
import sys

import pytest

from adu_depth_ros.malloc_thresholds import VARIABLES, raise_malloc_thresholds

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != 'glibc', reason='only glibc has these thresholds'
)

ROUNDS = 50
# Three buffers of 1.9 MB, as DDS, rmw and Python hold them of one depth image, ROUNDS times.
FAULTS = f"""
import resource, sys
from adu_depth_ros.malloc_thresholds import raise_malloc_thresholds

def receive():
    buffers = [b'x' * (1242 * 375 * 4) for _ in range(3)]

if sys.argv[1] == 'kept':
    assert raise_malloc_thresholds()
receive()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range({ROUNDS}):
    receive()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults_per_round(setting: str, clean: dict[str, str]) -> float:
    words = [sys.executable, '-c', FAULTS, setting]
    ended = subprocess.run(words, env=clean, capture_output=True, text=True, check=True)
    return int(ended.stdout) / ROUNDS


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    for variable in (*VARIABLES, 'GLIBC_TUNABLES'):
        monkeypatch.delenv(variable, raising=False)
    return dict(os.environ)


def test_large_buffers_cost_no_page_faults_the_second_time(clean: dict[str, str]) -> None:
    assert faults_per_round('kept', clean) < 1
    assert faults_per_round('given back', clean) > 100  # else there is nothing to gain


@pytest.mark.parametrize(
    'environment',
    [
        {'MALLOC_TRIM_THRESHOLD_': '1048576'},
        {'MALLOC_MMAP_THRESHOLD_': '1048576'},
        {'GLIBC_TUNABLES': 'glibc.malloc.trim_threshold=1048576'},
    ],
)
def test_thresholds_of_the_user_hold(environment: dict[str, str]) -> None:
    assert not raise_malloc_thresholds(environment)
