# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth export`: write the ONNX graph of a model file."""

import argparse
from collections.abc import Sequence
from pathlib import Path

SUMMARY = 'write the ONNX graph of a model file'


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog='adu-depth export', description=SUMMARY)
    parser.add_argument('model', type=Path, help='.safetensors model file')
    parser.add_argument('--output', type=Path, help='default: the model with the suffix .onnx')
    arguments = parser.parse_args(argv)
    from adu_depth_core.inference.export import export_onnx

    output = arguments.output or arguments.model.with_suffix('.onnx')
    export_onnx(arguments.model, output)
    print(f'wrote {output}')
    return 0
