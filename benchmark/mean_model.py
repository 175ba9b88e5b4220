# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The mean of the weights of several trainings of one student, as `base` ships.

    python benchmark/mean_model.py out/base_*/model.safetensors --output out/mean.safetensors

Trainings that went on from the same weights lie in one basin, and their mean is often better than
each of them, for nothing at run time (Wortsman et al., Model soups, ICML 2022). The temperature is
their geometric mean; all else that is said of the model is what the first file says. The mean of
one file is that model, rounded as a training ends (`models/bfloat16_weights.py`).
"""

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from adu_depth_core.commands import run
from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_file import load_model_file, write_model_file
from adu_depth_core.models.bfloat16_weights import round_weights
from adu_depth_core.models.student import Student


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    write_mean(options.models, options.output)
    print(f'wrote {options.output}')
    return 0


def write_mean(paths: Sequence[Path], output: Path) -> None:
    """Write the mean of model files; InputError where they are not of one kind of student."""
    models = [load_model_file(path) for path in paths]
    network, info = models[0][0].network, models[0][1]
    assert isinstance(network, Student)
    for path, (_, other) in zip(paths, models, strict=True):
        alike = replace(other, temperature=info.temperature, description=info.description)
        if alike != info:
            raise InputError(f'{path}: is another kind of model than {paths[0]}')
    states = [model.network.state_dict() for model, _ in models]
    mean = {
        name: torch.stack([state[name].double() for state in states]).mean(0).to(tensor.dtype)
        for name, tensor in states[0].items()
    }
    network.load_state_dict(mean)
    round_weights(network)
    logarithms = [math.log(found.temperature) for _, found in models]
    temperature = math.exp(sum(logarithms) / len(logarithms))
    write_model_file(output, network, replace(info, temperature=temperature))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('models', type=Path, nargs='+', help='model files of students')
    parser.add_argument('--output', type=Path, required=True)
    return parser


if __name__ == '__main__':
    sys.exit(run(main))
