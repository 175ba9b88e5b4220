# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The runtimes there are: a row each, and nothing about one of them anywhere else in the core.

Whoever adds one writes its module, its row, its test and its lines in the documentation.
Nothing is imported here, so that a list of choices costs nothing.
"""

import importlib
import importlib.util
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adu_depth_core.errors import InputError

AUTO = 'auto'
MODEL_FILE, GRAPH = '.safetensors', '.onnx'


@dataclass(frozen=True)
class RuntimeRow:
    """
    A runtime.

    Parameters
    ----------
    name : str
        As users say it.
    library : str
        The package whose import it needs.
    kind : str
        `module:class` beside this file; the class is a `Runtime`, called with a file, a device,
        a precision and a number of threads (0: its own choice), and its `has_cuda()` says
        whether it can use an NVIDIA GPU here. One that `builds_engines` takes `engine_cache`,
        the name of a folder (empty: its own choice), too.
    suffix : str
        Of the file that it runs: `MODEL_FILE` or `GRAPH`.
    extra : str
        Of this package, that brings the library; empty where the package itself does.
    devices : mapping of str to int
        Kinds of devices it runs on, and its place among the runtimes there: 1 is the fastest.
    distributions : tuple of str
        Installed, that hold the library: what a measurement names with their versions.
    lower_precisions : tuple of str
        Below float32, in which it computes on CPUs that have them.
    note : str
        What else to know before the extra is installed.

    """

    name: str
    library: str
    kind: str
    suffix: str
    extra: str
    devices: Mapping[str, int] = field(hash=False)
    distributions: tuple[str, ...]
    lower_precisions: tuple[str, ...] = ()
    note: str = ''

    @property
    def is_installed(self) -> bool:
        """Whether its library is there; it is not imported."""
        return importlib.util.find_spec(self.library) is not None

    @property
    def builds_engines(self) -> bool:
        """Whether it can run on TensorRT."""
        return 'tensorrt' in self.devices

    @property
    def advice(self) -> str:
        """What to install."""
        return f'{installing(self.extra)}{self.note}'

    def loaded_class(self) -> Any:
        """Import the class, and its library with it."""
        module, _, name = self.kind.partition(':')
        return getattr(importlib.import_module(f'{__package__}.{module}'), name)


def installing(extra: str) -> str:
    """Return what installs the package with one of its extras, or with none."""
    return f"pip install '.{f'[{extra}]' if extra else ''}' in a clone of adu_depth_ros"


ROWS = (
    RuntimeRow(
        'openvino',
        library='openvino',
        kind='openvino_runtime:OpenVinoRuntime',
        suffix=GRAPH,
        extra='openvino',
        devices={'cpu': 1},
        distributions=('openvino',),
        lower_precisions=('bfloat16',),
    ),
    RuntimeRow(
        'onnxruntime',
        library='onnxruntime',
        kind='onnx_runtime:OnnxRuntime',
        suffix=GRAPH,
        extra='onnx',
        devices={'cpu': 2, 'cuda': 2, 'tensorrt': 1},
        distributions=('onnxruntime', 'onnxruntime-gpu'),
        note=', or [onnx-gpu], never both',
    ),
    RuntimeRow(
        'torch',
        library='torch',
        kind='torch_runtime:TorchRuntime',
        suffix=MODEL_FILE,
        extra='train',
        devices={'cpu': 3, 'cuda': 1},
        distributions=('torch',),
        lower_precisions=('bfloat16',),
    ),
    RuntimeRow(
        'opencv',
        library='cv2',
        kind='opencv_runtime:OpenCvRuntime',
        suffix=GRAPH,
        extra='',
        devices={'cpu': 4},
        distributions=('opencv-python-headless',),
    ),
)
BY_NAME = {row.name: row for row in ROWS}
RUNTIMES = (AUTO, *BY_NAME)
DEVICES = tuple(dict.fromkeys(kind for row in ROWS for kind in row.devices))
ADVICE = {row.library: row.advice for row in ROWS}

# For the help of commands, parameters and launch arguments.
RUNTIMES_IN_WORDS = f'{", ".join(BY_NAME)}, or {AUTO} for the fastest one that is installed'
DEVICES_IN_WORDS = (
    f'{", ".join(DEVICES)}, one of several GPUs as cuda:1, or {AUTO} for a GPU where there is one'
)


def fastest_first(device: str) -> list[RuntimeRow]:
    """Return the rows of what runs on a kind of device."""
    there = [row for row in ROWS if device in row.devices]
    return sorted(there, key=lambda row: row.devices[device])


def check_device(device: str, runtimes: Iterable[str] = BY_NAME) -> str:
    """
    Return the kind of a device: `cuda` of `cuda:1`, or `auto`.

    Raises
    ------
    InputError
        When there is no such kind, or none of these runtimes runs on it.

    """
    kind, _, number = device.partition(':')
    if kind not in (AUTO, *DEVICES) or (':' in device and not number.isdecimal()):
        raise InputError(f'device "{device}" is unknown; there are {DEVICES_IN_WORDS}')
    rows = [BY_NAME[name] for name in runtimes]
    if kind != AUTO and not any(kind in row.devices for row in rows):
        names, possible = ', '.join(row.name for row in rows), rows[0].devices
        others = ', '.join(row.name for row in fastest_first(kind))
        raise InputError(
            f'device "{device}" is not for {names}; use {", ".join(possible)}, or runtime {others}'
        )
    return kind
