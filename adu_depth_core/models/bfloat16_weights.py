# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Weights that bfloat16 holds exactly: what a CPU computes in it then differs by activations alone.

Rounding the weights makes the larger part of the difference between the two precisions, in every
image the same. A model that is rounded before its temperature is fitted has paid that once.
"""

from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

from adu_depth_core.models.student import Student

EXAMPLE = (1, 3, 64, 64)


@torch.no_grad()
def round_weights(student: Student) -> None:
    """
    Round the convolutions of encoder and decoder in place, as they are when deployed.

    There a normalisation that follows a convolution is folded into its weights and bias, so these
    are what is rounded. The head is deployed in float32.
    """
    norm_after = _norms(student)
    for part in (student.encoder, student.decoder):
        for module in part.modules():
            if isinstance(module, nn.Conv2d):
                norm = norm_after.get(module)
                factor, offset = _folded(norm) if norm else (torch.ones(()), torch.zeros(()))
                weight = _rounded(module.weight * _per_channel(factor)) / _per_channel(factor)
                module.weight.copy_(torch.where(_per_channel(factor) == 0, module.weight, weight))
                bias = module.bias if norm is None else norm.bias
                if bias is not None:
                    bias.copy_(_rounded(bias + offset) - offset)


def _folded(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Return what a normalisation multiplies each channel by, and what it adds beside its bias."""
    assert norm.running_var is not None
    assert norm.running_mean is not None
    factor = norm.weight / (norm.running_var + norm.eps).sqrt()
    return factor, -norm.running_mean * factor


def _per_channel(values: Tensor) -> Tensor:
    return values[:, None, None, None] if values.ndim else values


def _rounded(values: Tensor) -> Tensor:
    return values.bfloat16().to(values.dtype)


def _norms(student: Student) -> dict[nn.Module, nn.BatchNorm2d]:
    """Return the normalisation that takes the result of a convolution, found by an example."""
    made: dict[int, tuple[nn.Module, Tensor]] = {}  # with the tensor, so that no other has its id
    found: dict[nn.Module, nn.BatchNorm2d] = {}

    def note(convolution: nn.Module, _: Any, output: Tensor) -> None:
        made[id(output)] = convolution, output

    def match(norm: nn.Module, inputs: tuple[Tensor]) -> None:
        if id(inputs[0]) in made and isinstance(norm, nn.BatchNorm2d):
            found[made[id(inputs[0])][0]] = norm

    was_training = student.training
    with ExitStack() as hooks:
        for module in student.modules():
            if isinstance(module, nn.Conv2d):
                hooks.callback(module.register_forward_hook(note).remove)
            elif isinstance(module, nn.BatchNorm2d):
                hooks.callback(module.register_forward_pre_hook(match).remove)
        example = torch.zeros(EXAMPLE, device=next(student.parameters()).device)
        student.eval()(example)
    student.train(was_training)
    return found
