# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Attention-adapted feature distillation.

A monocular network cannot have the features of one that sees two images; it can be asked for
features from which those follow, linearly and with the context of the whole image. So the
student's features pass an adapter that exists in training only.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

TOKENS = 8, 24
ATTENTION_CHANNELS = 32
TEMPERATURE = 0.5
EPSILON = 1e-5


class FeatureAdapter(nn.Module):
    """
    Map a student's feature towards the teacher's: phi F + W_o softmax(Q K^T / sqrt d) V.

    Queries come from every place of phi F, keys and values from phi F pooled to at most 8 x 24
    tokens, so memory grows linearly with the image. It begins as the identity where the channels
    agree.

    Parameters
    ----------
    student_channels, teacher_channels : int
        Of the features to be compared.
    attends : bool
        Without attention it is the 1 x 1 convolution phi alone.

    """

    def __init__(
        self, student_channels: int, teacher_channels: int, *, attends: bool = True
    ) -> None:
        super().__init__()
        self.projection = nn.Conv2d(student_channels, teacher_channels, 1, bias=False)
        nn.init.dirac_(self.projection.weight)
        self.attends = attends
        if attends:
            self.query = nn.Conv2d(teacher_channels, ATTENTION_CHANNELS, 1)
            self.key = nn.Conv2d(teacher_channels, ATTENTION_CHANNELS, 1)
            self.value = nn.Conv2d(teacher_channels, ATTENTION_CHANNELS, 1)
            self.output = nn.Conv2d(ATTENTION_CHANNELS, teacher_channels, 1, bias=False)
            nn.init.zeros_(self.output.weight)

    def forward(self, feature: Tensor) -> Tensor:
        """Map (B, C_S, H, W) to (B, C_T, H, W)."""
        x = self.projection(feature)
        if not self.attends:
            return x
        height, width = x.shape[-2:]
        tokens = F.adaptive_avg_pool2d(x, (min(height, TOKENS[0]), min(width, TOKENS[1])))
        q, k, v = self.query(x), self.key(tokens), self.value(tokens)
        attention = torch.einsum('bchw,bcij->bhwij', q, k) / math.sqrt(ATTENTION_CHANNELS)
        weights = attention.flatten(3).softmax(-1).view_as(attention)
        return x + self.output(torch.einsum('bhwij,bcij->bchw', weights, v))


class FeatureDistillation(nn.Module):
    """
    One adapter per scale and the loss over all of them; used in training, never exported.

    Parameters
    ----------
    channels : sequence of (student, teacher)
        Channels of each scale, coarsest first; the last one, the finest, has no attention.

    """

    def __init__(self, channels: Sequence[tuple[int, int]]) -> None:
        super().__init__()
        last = len(channels) - 1
        self.adapters = nn.ModuleList(
            FeatureAdapter(s, t, attends=number < last) for number, (s, t) in enumerate(channels)
        )

    def forward(
        self, student: Sequence[Tensor], teacher: Sequence[Tensor], weights: Tensor
    ) -> Tensor:
        """
        Average the loss over the scales.

        Parameters
        ----------
        student, teacher : sequences of (B, C, H/s, W/s)
            Features; the teacher's get no gradient.
        weights : (B, 1, H, W)
            Guidance at full size, 0 where the teacher does not speak.

        """
        losses = [
            feature_loss(adapter(s), t, weights)
            for adapter, s, t in zip(self.adapters, student, teacher, strict=True)
        ]
        return torch.stack(losses).mean()


def feature_loss(adapted: Tensor, teacher: Tensor, weights: Tensor) -> Tensor:
    """
    Compare features of one scale, after standardisation, where the teacher looks.

    mean_p w M_T |N(A(F_S)) - N(F_T)|^2 / C + |A_S - A_T|^2: N standardises each channel of each
    image, which takes the difference of domains out; M_T is `spatial_attention`; the second term
    is the attention transfer of Zagoruyko and Komodakis (ICLR 2017). Weighting after FGD (Yang
    et al., CVPR 2022). 0 for equal features.

    Parameters
    ----------
    adapted, teacher : (B, C, H, W)
        The student's feature behind its adapter, and the teacher's.
    weights : (B, 1, H', W')
        Of any size; averaged down to the features'.

    Returns
    -------
    Scalar, float32; 0 for images whose weights are all 0.

    """
    s, t = adapted.float(), teacher.detach().float()
    w = F.adaptive_avg_pool2d(weights, (t.shape[-2], t.shape[-1]))
    spoken = (w > 0).any(dim=3).any(dim=2).any(dim=1).float()
    w = w * spatial_attention(t)
    w = w / w.mean((1, 2, 3), keepdim=True).clamp(min=1e-6)
    distance = (standardised(s) - standardised(t)).square().mean(1, keepdim=True)
    transfer = (attention_map(s) - attention_map(t)).square().sum((1, 2, 3))
    per_image = (w * distance).mean((1, 2, 3)) + transfer * spoken
    return per_image.sum() / spoken.sum().clamp(min=1)


def standardised(feature: Tensor) -> Tensor:
    """Take mean and deviation out of each channel of each image, (B, C, H, W)."""
    return F.instance_norm(feature, eps=EPSILON)


def spatial_attention(feature: Tensor) -> Tensor:
    """
    Return where a network looks: HW softmax_p(q / 0.5), of mean 1, (B, 1, H, W).

    q = mean_c |F| divided by its mean over the image, so that the scale of a network's features
    does not decide how sharp its attention is.
    """
    strength = feature.abs().mean(1, keepdim=True)
    relative = strength / strength.mean((2, 3), keepdim=True).clamp(min=1e-6)
    flat = (relative / TEMPERATURE).flatten(1)
    return (flat.softmax(1) * flat.shape[1]).view_as(strength)


def attention_map(feature: Tensor) -> Tensor:
    """Return mean_c F^2, of Euclidean norm 1 over each image: (B, 1, H, W)."""
    energy = feature.square().mean(1, keepdim=True)
    return energy / energy.flatten(1).norm(dim=1).clamp(min=1e-6).view(-1, 1, 1, 1)
