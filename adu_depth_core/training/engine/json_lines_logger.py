# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The log of a training as JSON lines, one for each logging interval and each validation."""

import json
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers.logger import Logger
from lightning.pytorch.utilities.rank_zero import rank_zero_only

from adu_depth_core.atomic_files import told_unwritable, written_whole


class JsonLinesLogger(Logger):
    """
    Appends `{"step": 10, "seconds": 3.2, "train/loss": …}`; what is not finite becomes null.

    `step` counts the steps done, `seconds` those spent in training, also before a resumption.

    Parameters
    ----------
    path : Path
        File to write; in a job of several processes only the first does.
    done : int
        Steps that the checkpoint has done; lines about later ones are removed.

    """

    def __init__(self, path: Path, done: int = 0) -> None:
        self._path = path
        lines = read_lines(path) if done else []
        kept = [line for line in lines if line['step'] <= done]
        self._start = time.monotonic() - (kept[-1]['seconds'] if kept else 0.0)
        self._write_anew(kept)

    @property
    def name(self) -> str:
        """Name the kind of log."""
        return 'json_lines'

    @property
    def version(self) -> str:
        """Return nothing: a folder holds one training."""
        return ''

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Append one line; Lightning counts steps from 0."""
        assert step is not None
        line = {
            'step': step + 1,
            'seconds': round(time.monotonic() - self._start, 3),
            **{name: _finite(value) for name, value in metrics.items() if name != 'epoch'},
        }
        with told_unwritable(self._path), self._path.open('a', encoding='utf-8') as file:
            file.write(json.dumps(line) + '\n')

    @rank_zero_only
    def log_hyperparams(self, *_: Any, **__: Any) -> None:
        """Write nothing: checkpoints hold the configuration."""

    @rank_zero_only
    def _write_anew(self, lines: list[dict[str, Any]]) -> None:
        with written_whole(self._path) as temporary:
            temporary.write_text(''.join(json.dumps(line) + '\n' for line in lines))


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read a log, without a last line that was cut off; nothing if there is no file."""
    if not path.exists():
        return []
    lines = path.read_text(encoding='utf-8').split('\n')
    return [json.loads(line) for line in lines[:-1]]


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
