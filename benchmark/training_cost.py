# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What a training costs on GPUs that nobody has measured: counted arithmetic, stated assumptions.

    python benchmark/training_cost.py --tflops 40 --price 2.5

Prints, for each shipped size of network, its multiply-adds for an image (counted by torch on
tensors without memory), and hours and price of one pass over each data set. A training step of
the student is three forward passes of it and one of its teacher, which sees two images. A GPU is
assumed to do `--tflops` of this arithmetic a second, reading and communication to take no time.
"""

import argparse
from contextlib import nullcontext
from typing import NamedTuple
from unittest.mock import patch

import torch
from torch.utils.flop_counter import FlopCounterMode

from adu_depth_core.benchmarks.tables import Table
from adu_depth_core.models.presets import PRESETS
from adu_depth_core.models.student import Student

SIZES = {'tiny': (640, 192), 'base': (640, 192), 'large': (1216, 352), 'leaderboard': (1216, 352)}
# Pairs of one pass; the fleet is 1000 h at 10 Hz, every fifth pair.
DATA = {'KITTI': 42_949, 'DrivingStereo': 174_437, 'fleet': 7_200_000}
GPUS = (1, 8, 64)
# Weights, gradients, two moments of Adam and the moving average, float32.
BYTES_A_PARAMETER = 20


class Network(NamedTuple):
    """Parameters, and operations of a forward pass of one image (2 for each multiply-add)."""

    parameters: int
    forward_flop: int


def counted(preset: str) -> Network:
    """Count without computing."""
    width, height = SIZES[preset]
    # Tensors without memory know no autocast, which the head turns off.
    without_autocast = patch('torch.autocast', lambda *_, **__: nullcontext())
    with torch.device('meta'), torch.no_grad(), without_autocast:
        student = Student(PRESETS[preset]).eval()
        with FlopCounterMode(display=False) as counter:
            student(torch.zeros(1, 3, height, width))
    parameters = sum(weights.numel() for weights in student.parameters())
    return Network(parameters, counter.get_total_flops())


def hours(network: Network, pairs: int, gpus: int, tflops: float) -> float:
    """Hours of one pass over so many pairs by a distilled student."""
    flop = pairs * (3 + 2) * network.forward_flop
    return flop / (tflops * 1e12 * gpus) / 3600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition('\n\n')[0])
    parser.add_argument('--tflops', type=float, default=40.0, help='assumed for one GPU')
    parser.add_argument('--price', type=float, default=2.5, help='of a GPU hour')
    options = parser.parse_args()
    networks = {preset: counted(preset) for preset in SIZES}
    print(size_table(networks).markdown(), end='\n\n')
    print(pass_table(networks, options.tflops, options.price).markdown())


def size_table(networks: dict[str, Network]) -> Table:
    """Tell how large each network is."""
    header = ('preset', 'size', 'parameters, M', 'GFLOP forward', 'state of training, GB')
    rows = [
        (
            f'`{preset}`',
            '×'.join(map(str, SIZES[preset])),
            network.parameters / 1e6,
            network.forward_flop / 1e9,
            network.parameters * BYTES_A_PARAMETER / 1e9,
        )
        for preset, network in networks.items()
    ]
    return Table('Networks', '', header, rows)


def pass_table(networks: dict[str, Network], tflops: float, price: float) -> Table:
    """Tell what one pass over each data set takes on so many GPUs."""
    header = ('preset', 'data', *(f'{gpus} GPU' for gpus in GPUS), 'price')
    rows = [
        (
            f'`{preset}`',
            name,
            *(hours(network, pairs, gpus, tflops) for gpus in GPUS),
            hours(network, pairs, 1, tflops) * price,
        )
        for preset, network in networks.items()
        for name, pairs in DATA.items()
    ]
    note = f'At an assumed {tflops:g} TFLOP/s a GPU.'
    return Table('One pass: hours, and price', note, header, rows)


if __name__ == '__main__':
    main()
