# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints on disk: whole or not there, and read without running what they hold."""

import pickle
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins.io import TorchCheckpointIO
from lightning.pytorch.utilities.rank_zero import rank_zero_only

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.errors import InputError


class WholeCheckpoints(TorchCheckpointIO):
    """
    Writes beside the file and then replaces it.

    Lightning's own writer goes through the system's temporary folder, from where a file is moved
    in one piece only if the folder lies on the same disk.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        """Write a checkpoint whole or not at all."""
        with written_whole(path) as temporary:
            torch.save(checkpoint, temporary)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """
    Read a checkpoint; its tensors stay on disk until they are used.

    Raises
    ------
    InputError
        When there is none, or what there is cannot be read.

    """
    if not path.exists():
        raise InputError(f'{path}: no checkpoint to resume from; train without --resume')
    try:
        checkpoint = torch.load(path, map_location='cpu', weights_only=True, mmap=True)
        checkpoint['global_step'] + 0
    except (RuntimeError, ValueError, KeyError, TypeError, EOFError, OSError, pickle.PickleError):
        raise InputError(
            f'{path}: damaged, or not a checkpoint; put best.ckpt or another copy in its place, '
            'or train without --resume'
        ) from None
    return checkpoint


@rank_zero_only
def remove_unfinished(folder: Path) -> None:
    """Remove what a killed writer left behind."""
    for path in folder.glob('.part-*.ckpt'):
        path.unlink(missing_ok=True)
