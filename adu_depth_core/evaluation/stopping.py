# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C ends an evaluation after the frame it is at, and what is finished counts."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

NOTICE = b'\nstopping after this frame; Ctrl-C once more stops at once\n'


@dataclass
class Stop:
    """Whether somebody asked to stop."""

    asked: bool = False


@contextmanager
def stop_on_interrupt(*, alone: bool = True) -> Iterator[Stop]:
    """
    Note SIGINT instead of raising; a second one raises KeyboardInterrupt.

    Among several processes (`alone` false) a second one is passed over: torchrun repeats the
    terminal's. Outside the main thread, which alone has signals, nothing is changed.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def note(number: int, frame: object) -> None:
        if stop.asked and alone:
            raise KeyboardInterrupt
        if not stop.asked:
            os.write(2, NOTICE)
        stop.asked = True

    previous = signal.signal(signal.SIGINT, note)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, previous)
