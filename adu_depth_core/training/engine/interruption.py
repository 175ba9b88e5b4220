# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C and SIGTERM end a training after the step it is in, with a checkpoint."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint
from lightning.pytorch.utilities.rank_zero import rank_zero_only

from adu_depth_core.training.engine.checkpoints import read_checkpoint, save

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# Longer than any step takes; one that waits for data may never end.
LONGEST_STEP_S = 60.0
NOTICE = b'\nstopping after this step; Ctrl-C once more stops at once\n'


class Interruption(Checkpoint):
    """
    Writes a checkpoint and stops once a signal has come.

    A second signal, one during validation, whose weights may be averaged ones, or a step that does
    not end within a minute, stops at once and leaves the checkpoint that there is. Several
    processes agree on the step at which they stop, and pass over a second signal: torchrun repeats
    the terminal's. Lightning's own handler of SIGTERM, which talks to other processes in the midst
    of whatever they do, is not used.

    Parameters
    ----------
    last : Path
        Checkpoint to write.

    """

    def __init__(self, last: Path) -> None:
        self.last = last
        self._process = os.getpid()
        self._alone, self._validating = True, False
        self.signal: signal.Signals | None = None
        self._patience: threading.Timer | None = None

    def note(self, number: int, frame: object) -> None:
        """Handle a signal; processes that were forked to read data leave it to their parent."""
        if os.getpid() != self._process:
            return
        at_once = self.signal is not None or self._validating
        self.signal = signal.Signals(number)
        if at_once and self._alone:
            self.forget()
            raise KeyboardInterrupt
        os.write(2, NOTICE)
        if self._patience is None:
            # To the process, since a thread that waits hears only of what is sent there.
            self._patience = threading.Timer(LONGEST_STEP_S, os.kill, [self._process, number])
            self._patience.daemon = True
            self._patience.start()

    def forget(self) -> None:
        """Wait no longer for a step to end."""
        if self._patience is not None:
            self._patience.cancel()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Learn whether other processes take part, and take SIGTERM back from Lightning."""
        self._alone = trainer.world_size == 1
        signal.signal(signal.SIGTERM, self.note)

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: object) -> None:
        """Stop here, if any process was asked to."""
        asked = self.signal is not None
        self.forget()
        if trainer.strategy.reduce_boolean_decision(asked, all=False):
            save(trainer, pl_module, self.last)
            raise KeyboardInterrupt

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """From here on, stop at once."""
        self._validating = True

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """From here on, finish the step."""
        self._validating = False


@contextmanager
def interruptible(interruption: Interruption) -> Iterator[None]:
    """
    Handle signals inside; after one, leave with what a shell expects of an interrupted program.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C.
    SystemExit
        After SIGTERM, with 143.

    """
    previous = {number: signal.signal(number, interruption.note) for number in SIGNALS}
    try:
        yield
    # Lightning turns KeyboardInterrupt into SystemExit, and data workers may have died of Ctrl-C.
    except (Exception, SystemExit, KeyboardInterrupt):
        if interruption.signal is None:
            raise
        _say_how_to_go_on(interruption.last)
        if interruption.signal == signal.SIGTERM:
            raise SystemExit(128 + signal.SIGTERM) from None
        raise KeyboardInterrupt from None
    finally:
        interruption.forget()
        for number, handler in previous.items():
            signal.signal(number, handler)


@rank_zero_only
def _say_how_to_go_on(last: Path) -> None:
    if last.exists():
        step = read_checkpoint(last)['global_step']
        print(f'interrupted; {last} holds step {step}, go on with --resume', file=sys.stderr)
    else:
        print('interrupted before the first checkpoint; nothing is kept', file=sys.stderr)
