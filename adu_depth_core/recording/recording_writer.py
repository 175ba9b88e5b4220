# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Appending samples to a recording, each whole or not at all."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.errors import InputError
from adu_depth_core.folder_lock import close_locked, open_locked
from adu_depth_core.recording import layout
from adu_depth_core.recording.durable import sync_folder, write_all, write_file
from adu_depth_core.recording.pictures import encode_pictures
from adu_depth_core.samples.sample import StereoSample


class RecordingWriter:
    """
    Writes a new recording, or appends to one after its last whole sample.

    A sample's pictures are on the disk before the line that makes them a sample is begun, so the
    folder is readable after a crash or a loss of power at any moment. To be closed, or used as a
    context manager.

    Parameters
    ----------
    folder : path
        A recording, or an empty or new folder.
    jpeg_quality : int, optional
        Store camera images as JPEG of this quality (1 to 100) instead of PNG.

    Raises
    ------
    InputError
        When the folder is something else, another process writes it, or the disk refuses.

    """

    def __init__(self, folder: str | os.PathLike[str], *, jpeg_quality: int | None = None) -> None:
        if jpeg_quality is not None and not 1 <= jpeg_quality <= 100:
            raise InputError(f'JPEG quality {jpeg_quality}: must be between 1 and 100')
        self._folder, self._jpeg_quality = Path(folder), jpeg_quality
        with _refusals_named(self._folder):
            self._descriptor = _open_locked(self._folder)
        self._threads = ThreadPoolExecutor(len(layout.FIELDS))
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> 'RecordingWriter':
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __len__(self) -> int:
        """Count the samples of the recording, those of earlier writers among them."""
        return len(self._names)

    def close(self) -> None:
        """Let go of the folder; what was added is safe already."""
        self._threads.shutdown()
        if self._descriptor >= 0:
            close_locked(self._descriptor)
        self._descriptor = -1

    def add(self, sample: StereoSample) -> None:
        """
        Append a sample.

        Raises
        ------
        InputError
            When its name is recorded already, its parts do not fit together, or the disk is
            full; the recording is then as before.

        """
        if sample.name in self._names:
            raise InputError(f'{self._folder}: a sample named "{sample.name}" is recorded already')
        pictures = encode_pictures(sample, self._jpeg_quality)
        files = {
            kind: layout.file_name(kind, self._next, picture.suffix)
            for kind, picture in pictures.items()
        }
        entry = layout.Entry(sample.name, sample.stamp_ns, sample.camera, sample.rig, files)
        try:
            with _refusals_named(self._folder):
                self._write({files[kind]: picture.data for kind, picture in pictures.items()})
                self._append(layout.to_line(entry))
        except InputError:
            self._undo(files)
            raise
        self._names.add(sample.name)
        self._next += 1

    def _begin(self) -> None:
        if not (self._folder / layout.HEAD).exists():
            with _refusals_named(self._folder):
                _write_head(self._folder)
        layout.check_head(self._folder)
        entries, self._end = layout.read_entries(self._folder / layout.LINES)
        self._names = {entry.name for entry in entries}
        self._next = 1 + max((entry.number for entry in entries), default=-1)
        # A line that somebody's editor left without its end would run into the next one.
        if self._end and os.pread(self._descriptor, 1, self._end - 1) != b'\n':
            with _refusals_named(self._folder):
                self._append(b'\n')

    def _write(self, files: dict[str, bytes]) -> None:
        for kind in {Path(name).parent for name in files}:
            if not (self._folder / kind).exists():
                (self._folder / kind).mkdir()
                sync_folder(self._folder)
        # At once, since each waits for the disk; and to the end, before any may be undone.
        tasks = [self._threads.submit(_write, self._folder / n, d) for n, d in files.items()]
        wait(tasks)
        for task in tasks:
            task.result()

    def _append(self, line: bytes) -> None:
        # Whatever an earlier attempt left behind the last whole line goes first.
        os.ftruncate(self._descriptor, self._end)
        os.lseek(self._descriptor, self._end, os.SEEK_SET)
        write_all(self._descriptor, line)
        os.fsync(self._descriptor)
        self._end += len(line)

    def _undo(self, files: dict[str, str]) -> None:
        """Give a full disk its space back; what cannot be removed does no harm without a line."""
        with suppress(OSError):
            os.ftruncate(self._descriptor, self._end)
        for name in files.values():
            with suppress(OSError):
                (self._folder / name).unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    write_file(path, data)
    sync_folder(path.parent)


@contextmanager
def _refusals_named(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f'{folder}: cannot be written ({error.strerror})') from error


def _open_locked(folder: Path) -> int:
    """Open the file of lines for this process alone; the lock ends with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    _refuse_other_folders(folder)
    return open_locked(folder / layout.LINES, 'writing this recording')


def _refuse_other_folders(folder: Path) -> None:
    """Let pass a recording, an empty folder, and one whose first writer died at once."""
    if (folder / layout.HEAD).exists():
        return
    for path in sorted(folder.iterdir()):
        begun = path.name == layout.LINES and path.stat().st_size == 0
        if not begun and not path.name.startswith('.part-'):
            raise InputError(
                f'{folder}: holds {path.name} and is not a recording; take an empty folder'
            )


def _write_head(folder: Path) -> None:
    head = {'format': layout.FORMAT, 'version': layout.VERSION}
    with written_whole(folder / layout.HEAD) as temporary:
        write_file(temporary, json.dumps(head).encode() + b'\n')
    sync_folder(folder)
