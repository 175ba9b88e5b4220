# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The networks on a CUDA device: frames a second at batch 1 in float16, and what would be possible.

No network is faster than its arithmetic at the device's peak, nor, where its features are too
large for the device's cache, than these and its weights take to come from and go to memory. Both
peaks are measured here: a large matrix product in float16, and a copy of a large block.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from adu_depth_core.benchmarks.durations import interleaved, spread_ms
from adu_depth_core.benchmarks.networks import model_of_preset
from adu_depth_core.benchmarks.parts import Options, Result
from adu_depth_core.inference.model_file import load_reparameterised
from adu_depth_core.inference.runtimes.parity import USUAL_FX, parity_frame
from adu_depth_core.inference.runtimes.torch_runtime import RecordedGraph, TorchRuntime

PASSES = 200
SIDE = 8192
BLOCK_BYTES = 2**30

Network = Callable[[Tensor, Tensor], object]
Rivals = Mapping[str, Callable[[torch.dtype], nn.Module]]


def measure_gpu(
    options: Options, sizes: Sequence[tuple[int, int]], presets: Sequence[str], rivals: Rivals
) -> Result:
    """
    Measure on the first CUDA device; nothing where there is none.

    Parameters
    ----------
    options : Options
        What is asked for.
    sizes : sequence of (int, int)
        Width and height in px of the networks' input.
    presets : sequence of str
        Networks of ours.
    rivals : mapping of str to callable
        Other networks by name: each makes one of image and focal length that computes in a dtype.

    """
    if not torch.cuda.is_available():
        return {}
    peaks = {'flop_per_s': peak_flop_per_s(), 'bytes_per_s': peak_bytes_per_s()}
    rounds = 1 if options.quick else 5
    files = {preset: model_of_preset(preset, options.folder) for preset in presets}
    rows = [row for size in sizes for row in _rows(files, rivals, size, rounds, peaks)]
    return {'device': torch.cuda.get_device_name(), **peaks, 'rounds': rounds, 'rows': rows}


def work_of(network: nn.Module, *inputs: Tensor) -> tuple[int, int]:
    """
    Count the work of one pass of a network.

    Returns
    -------
    flop, elements : int
        Multiplications and additions, one each, of convolutions and matrix products; and
        elements that these layers read and write: inputs, weights and outputs, each once.

    """
    elements = 0

    def count(layer: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal elements
        weights = sum(p.numel() for p in layer.parameters())
        elements += given[0].numel() + weights + output.numel()

    layers = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(*inputs)
    for hook in hooks:
        hook.remove()
    return counter.get_total_flops(), elements


def peak_flop_per_s() -> float:
    """Return what a product of large float16 matrices reaches."""
    a = torch.randn(SIDE, SIDE, device='cuda', dtype=torch.float16)
    return 2 * SIDE**3 / _seconds_on_device(lambda: a @ a)


def peak_bytes_per_s() -> float:
    """Return what a copy from memory to memory reaches, read and written bytes together."""
    block = torch.empty(BLOCK_BYTES, device='cuda', dtype=torch.uint8)
    target = torch.empty_like(block)
    return 2 * BLOCK_BYTES / _seconds_on_device(lambda: target.copy_(block))


def _rows(
    files: Mapping[str, Path], rivals: Rivals, size: tuple[int, int], rounds: int, peaks: Result
) -> list[Result]:
    frame = parity_frame(*size)
    image = torch.from_numpy(frame)[None].cuda()
    fx = torch.tensor([USUAL_FX], device='cuda')
    whole: dict[str, Callable[[], object]] = {}
    alone: dict[str, Callable[[], object]] = {}
    floors: dict[str, Result] = {}
    for preset, file in files.items():
        whole[preset] = partial(TorchRuntime(file, 'cuda', 'float16'), frame, USUAL_FX)
        model, _ = load_reparameterised(file)
        floors[preset] = _floor(*work_of(model, image.cpu(), fx.cpu()), peaks)
        alone[preset] = _captured(model.with_backbone_in(torch.float16).cuda(), image, fx)
    for name, make in rivals.items():
        floors[name] = _floor(*work_of(make(torch.float32), image.cpu(), fx.cpu()), peaks)
        alone[name] = _captured(make(torch.float16).cuda(), image, fx)
    timed_whole = interleaved({n: partial(_timed, w) for n, w in whole.items()}, rounds)
    timed_alone = interleaved({n: partial(_timed, w) for n, w in alone.items()}, rounds)
    return [
        {
            'network': name,
            'width': size[0],
            'height': size[1],
            'alone': spread_ms(timed_alone[name]),
            'with_copies': spread_ms(timed_whole.get(name, [])),
            **floors[name],
        }
        for name in alone
    ]


def _floor(flop: int, elements: int, peaks: Result) -> Result:
    return {
        'gflop': flop / 1e9,
        'arithmetic_floor_ms': 1e3 * flop / peaks['flop_per_s'],
        'memory_floor_ms': 1e3 * 2 * elements / peaks['bytes_per_s'],  # float16: two bytes each
    }


@torch.inference_mode()
def _captured(network: Network, image: Tensor, fx: Tensor) -> Callable[[], object]:
    recorded = RecordedGraph(network, image, fx)  # type: ignore[arg-type]

    def run() -> None:
        with torch.inference_mode():
            recorded(image, fx)
        torch.cuda.synchronize()

    return run


def _timed(work: Callable[[], object]) -> list[float]:
    work()
    seconds = []
    for _ in range(PASSES):
        before = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - before)
    return seconds


def _seconds_on_device(work: Callable[[], object], repetitions: int = 20) -> float:
    """Return the median time of a call by the device's own clock."""
    work()
    seconds = []
    for _ in range(repetitions):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        work()
        end.record()
        torch.cuda.synchronize()
        seconds.append(start.elapsed_time(end) / 1e3)
    return float(np.median(seconds))
