# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Recording labelled pairs while a robot drives: on, off, and what puts an end to it."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from adu_depth_core.errors import InputError
from adu_depth_core.recording import RecordingWriter
from adu_depth_core.samples.frame_selection import FrameSelection
from adu_depth_core.samples.sample import Image, StereoSample

GIGABYTE = 1e9


def free_bytes(folder: Path) -> float:
    """Return the free space of the disk that holds a folder."""
    return shutil.disk_usage(folder).free


@dataclass(frozen=True)
class RecordingOptions:
    """
    What is recorded, and where.

    Parameters
    ----------
    folder : Path
        A recording to append to, or a new or empty folder.
    jpeg_quality : int, optional
        Of camera images; PNG without it.
    every, min_change
        As for `FrameSelection`.
    min_free_bytes : float
        What has to stay free on the disk.

    """

    folder: Path
    jpeg_quality: int | None = None
    every: int = 1
    min_change: float = 0.0
    min_free_bytes: float = 0.0


class SampleRecording:
    """
    A recording that can be switched on and off while another thread adds samples.

    Parameters
    ----------
    say : callable
        Is told, in one sentence, when the recording ends by itself.
    free_bytes : callable
        Returns the free space of the disk that holds a folder.

    """

    def __init__(
        self,
        say: Callable[[str], object],
        free_bytes: Callable[[Path], float] = free_bytes,
    ) -> None:
        self._say, self._free_bytes = say, free_bytes
        self._lock = Lock()
        self._writer: RecordingWriter | None = None
        self._options = RecordingOptions(Path())
        self._selection = FrameSelection()
        self._run, self._samples = '', 0
        self._failure: str | None = None

    @property
    def is_on(self) -> bool:
        """Whether samples are being recorded."""
        return self._writer is not None

    @property
    def samples(self) -> int:
        """How many the last recording has, or had."""
        return self._samples

    @property
    def failure(self) -> str | None:
        """Why the last recording ended by itself, until a new one begins."""
        return self._failure

    @property
    def state(self) -> str:
        """In words for diagnostics."""
        if self.is_on:
            return f'on, {self._summary()}'
        return 'off' if self._failure is None else f'stopped: {self._failure}'

    def start(self, options: RecordingOptions) -> str:
        """Begin, or raise InputError; returns a sentence."""
        with self._lock:
            if self._writer is not None:
                raise InputError(f'is recording already: {self._summary()}')
            writer = RecordingWriter(options.folder, jpeg_quality=options.jpeg_quality)
            try:
                self._check_space(options)
            except InputError:
                writer.close()
                raise
            self._options, self._failure = options, None
            self._selection = FrameSelection(options.every, options.min_change)
            self._run, self._samples = _run_name(time.time()), 0
            self._writer = writer
            return f'records to {options.folder}, which holds {len(writer)} samples'

    def stop(self) -> str:
        """End, or raise InputError where nothing is recorded; returns a sentence."""
        with self._lock:
            if self._writer is None:
                raise InputError('nothing is being recorded')
            self._close()
            return f'recorded {self._summary()}'

    def wants(self, number: int, left: Callable[[], Image]) -> bool:
        """Tell whether the pair of this number is to be recorded; `left` decodes its image."""
        with self._lock:
            if self._writer is None or not self._selection.is_due(number):
                return False
            return self._selection.wants(number, left())

    def add(self, number: int, sample: StereoSample) -> None:
        """Record a sample, whose name is given here; the recording ends where that fails."""
        with self._lock:
            if self._writer is None:  # switched off meanwhile
                return
            try:
                self._check_space(self._options)
                self._writer.add(replace(sample, name=f'{self._run}/{self._samples:07d}'))
            # Whatever it is, it must not end the node.
            except Exception as error:
                self._close()
                reason = str(error) if isinstance(error, InputError) else repr(error)
                self._failure = f'{reason}, after {self._summary()}'
                self._say(f'the recording stops: {self._failure}')
            else:
                self._samples += 1
                self._selection.keep(number, sample.left)

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _summary(self) -> str:
        return f'{self._samples} samples in {self._options.folder}'

    def _check_space(self, options: RecordingOptions) -> None:
        try:
            free = self._free_bytes(options.folder)
        except OSError as error:
            raise InputError(
                f'{options.folder}: cannot be looked at ({error.strerror})'
            ) from error
        if free < options.min_free_bytes:
            raise InputError(
                f'{options.folder}: the disk has {free / GIGABYTE:.3g} GB left, less than the '
                f'{options.min_free_bytes / GIGABYTE:.3g} GB to be kept free; make room'
            )


def _run_name(seconds: float) -> str:
    """Name a run by its beginning, to the millisecond, in UTC: the drive of its samples."""
    whole = time.strftime('%Y%m%dT%H%M%S', time.gmtime(seconds))
    return f'{whole}.{int(seconds % 1 * 1000):03d}Z'
