# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a node knows of its model, for one camera or for two."""

from typing import Protocol

from adu_depth_core.inference.factors import Factors


class RunningModel(Protocol):
    """A model that runs: `Predictor`, `StereoPredictor`, or what stands for one."""

    factors: Factors

    @property
    def model_sha256(self) -> str:
        """Of its weights."""

    @property
    def runtime_name(self) -> str:
        """What runs it."""

    @property
    def device_name(self) -> str:
        """Where it runs."""

    @property
    def precision(self) -> str:
        """In what precision."""

    def warm_up(self, width: int, height: int) -> None:
        """Be quick from the first images of this size in px on."""
