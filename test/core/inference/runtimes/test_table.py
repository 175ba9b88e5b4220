# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Everything that is said about runtimes comes from their rows."""

import subprocess
import sys
from pathlib import Path

import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.inference.runtimes.table import (
    ADVICE,
    DEVICES,
    ROWS,
    RUNTIMES,
    RuntimeRow,
    check_device,
    fastest_first,
)

REPOSITORY = Path(__file__).parents[4]
SETUP = (REPOSITORY / 'setup.py').read_text()


@pytest.mark.parametrize('row', ROWS, ids=lambda row: row.name)
def test_row_tells_the_truth(row: RuntimeRow) -> None:
    kind = row.loaded_class()
    assert kind.name == row.name
    assert isinstance(kind.has_cuda(), bool)
    assert row.is_installed
    if row.extra:
        assert f"'{row.extra}': " in SETUP
        assert f"'.[{row.extra}]'" in ADVICE[row.library]
    else:
        assert ADVICE[row.library] == "pip install '.' in a clone of adu_depth_ros"


def test_fastest_come_first_on_each_kind_of_device() -> None:
    by_device = {kind: [row.name for row in fastest_first(kind)] for kind in DEVICES}
    assert by_device == {
        'cpu': ['openvino', 'onnxruntime', 'torch', 'opencv'],
        'cuda': ['torch', 'onnxruntime'],
        'tensorrt': ['onnxruntime'],
    }
    assert RUNTIMES == ('auto', 'openvino', 'onnxruntime', 'torch', 'opencv')


def test_kind_of_a_device_is_what_stands_before_its_number() -> None:
    assert [check_device(name) for name in ('auto', 'cpu', 'cuda:1')] == ['auto', 'cpu', 'cuda']


@pytest.mark.parametrize('device', ['tpu', '', 'cuda:', 'cuda:x', 'cuda:-1', 'CPU'])
def test_devices_that_are_unknown_are_refused(device: str) -> None:
    with pytest.raises(InputError, match=f'"{device}" is unknown; there are cpu, cuda, tensorrt'):
        check_device(device)


def test_device_of_another_runtime_is_refused_with_what_there_is() -> None:
    sentence = r'"cuda:0" is not for openvino; use cpu, or runtime torch, onnxruntime'
    with pytest.raises(InputError, match=sentence):
        check_device('cuda:0', ['openvino'])


def test_documents_name_every_runtime() -> None:
    for name in ('nodes.md', 'stereo_teacher_node.md'):
        text = (REPOSITORY / 'docs' / name).read_text()
        assert [row.name for row in ROWS if row.name not in text] == []


def test_table_costs_nothing() -> None:
    program = (
        'import sys, adu_depth_core.inference.runtimes.table\n'
        "print({'numpy', 'cv2', 'torch', 'openvino', 'onnxruntime'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, 'set()'), done.stderr
