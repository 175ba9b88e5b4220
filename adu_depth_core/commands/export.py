# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth export`: write the ONNX graph of a model file."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from adu_depth_core.atomic_files import require_writable
from adu_depth_core.inference.network_size import parsed_size

SUMMARY = 'write the ONNX graph of a model file'


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog='adu-depth export', description=SUMMARY, allow_abbrev=False
    )
    parser.add_argument('model', type=Path, help='.safetensors model file')
    parser.add_argument('--output', type=Path, help='default: the model with the suffix .onnx')
    parser.add_argument(
        '--size',
        metavar='WIDTHxHEIGHT',
        help='the only image size in px that the graph will take; default: any multiple of 32',
    )
    arguments = parser.parse_args(argv)
    size = parsed_size(arguments.size) if arguments.size is not None else None
    output = arguments.output or arguments.model.with_suffix('.onnx')
    require_writable(output)
    from adu_depth_core.inference.export import export_onnx

    export_onnx(arguments.model, output, size)
    print(f'wrote {output}')
    return 0
