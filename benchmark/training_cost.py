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
    print('| preset | size | parameters, M | GFLOP forward | state of training, GB |')
    print('|---|---|---:|---:|---:|')
    for preset, network in networks.items():
        size = '×'.join(map(str, SIZES[preset]))
        millions, gflop = network.parameters / 1e6, network.forward_flop / 1e9
        state_gb = network.parameters * BYTES_A_PARAMETER / 1e9
        print(f'| `{preset}` | {size} | {millions:.1f} | {gflop:.1f} | {state_gb:.2f} |')
    print(f'\nOne pass, hours at an assumed {options.tflops:g} TFLOP/s a GPU, and price:\n')
    print('| preset | data |', ' | '.join(f'{gpus} GPU' for gpus in GPUS), '| price |')
    print('|---|---|' + '---:|' * (len(GPUS) + 1))
    for preset, network in networks.items():
        for name, pairs in DATA.items():
            cells = [f'{hours(network, pairs, gpus, options.tflops):.2f}' for gpus in GPUS]
            price = hours(network, pairs, 1, options.tflops) * options.price
            print(f'| `{preset}` | {name} | {" | ".join(cells)} | {price:.2f} |')


if __name__ == '__main__':
    main()
