# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of the first validation samples in TensorBoard: what the network makes of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities.rank_zero import rank_zero_only
from torch import Tensor

from adu_depth_core.evaluation.colours import coloured, coloured_depth
from adu_depth_core.samples.sample import Depth, Image
from adu_depth_core.training.batch import Batch

SAMPLES = 4
LARGEST_STD_M = 10.0


class DepthPictures(Callback):
    """At each validation, one picture for each of the first few samples, under its name."""

    @rank_zero_only
    def on_validation_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Tensor | Mapping[str, Any] | None,
        batch: Batch,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Show the first sample of a batch, its depth and std being what the module returned."""
        if batch_idx >= SAMPLES:
            return
        assert isinstance(outputs, Mapping)
        depth_m, std_m = (outputs[name][0].cpu().numpy() for name in ('depth_m', 'std_m'))
        picture = comparison(
            batch.image[0].cpu().numpy(), depth_m, std_m, batch.depth_m[0, 0].cpu().numpy()
        )
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.experiment.add_image(
                    f'validation/{batch.names[0]}', picture, trainer.global_step, dataformats='HWC'
                )


def comparison(image: Image, depth_m: Depth, std_m: Depth, truth_m: Depth) -> Image:
    """
    Lay out picture and truth above depth and standard deviation.

    Parameters
    ----------
    image : (H, W, 3) uint8
        RGB.
    depth_m, std_m, truth_m : (H, W) float32
        Metres; near is red in depth and truth; in std blue is 0 and red 10 m or more.

    Returns
    -------
    (2 H, 2 W, 3) uint8, RGB.

    """
    above = np.hstack([image, coloured_depth(truth_m)])
    below = np.hstack([coloured_depth(depth_m), coloured(std_m, LARGEST_STD_M, 0.0)])
    return np.vstack([above, below])
