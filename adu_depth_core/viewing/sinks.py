# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where a recording of Rerun goes: a file, a viewer in a window, a viewer in a browser."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import rerun as rr

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.errors import InputError
from adu_depth_core.viewing.rerun_view import RerunView

APPLICATION = 'adu_depth'
HERE = '127.0.0.1'
DATA_PORT, PAGE_PORT = 9876, 9090
FLUSH_S = 30.0


@dataclass(frozen=True)
class Destination:
    """
    Where to show frames; several at once are possible, but for window and browser.

    Parameters
    ----------
    file : Path, optional
        Of type .rrd, written whole or not at all.
    window : bool
        Start Rerun's viewer, or use the one that listens on `data_port`.
    browser : bool
        Serve the viewer as a page. Frames are served to this machine alone, which is what a
        tunnel of ssh needs.
    data_port, page_port : int
        Of the frames, and of the page.

    """

    file: Path | None = None
    window: bool = False
    browser: bool = False
    data_port: int = DATA_PORT
    page_port: int = PAGE_PORT

    @property
    def page(self) -> str:
        """Address of the page, here and at the near end of a tunnel."""
        frames = f'rerun%2Bhttp%3A%2F%2F{HERE}%3A{self.data_port}%2Fproxy'
        return f'http://{HERE}:{self.page_port}/?url={frames}'


@contextmanager
def opened_view(destination: Destination) -> Iterator[RerunView]:
    """
    Open what shows frames; a file is there at the end of the block.

    Raises
    ------
    InputError
        When there is no display for a window, a port is taken, or the file cannot be written.

    """
    with ExitStack() as stack:
        stream = rr.RecordingStream(APPLICATION)
        sinks: list[rr.FileSink | rr.GrpcSink | rr.GrpcServerSink] = []
        if destination.file is not None:
            sinks.append(rr.FileSink(stack.enter_context(written_whole(destination.file))))
        if destination.window:
            sinks.append(_window(stream, destination.data_port))
        if destination.browser:
            sinks.append(_served(destination))
        stream.set_sinks(*sinks)
        # Before the file is renamed: its last lines are written here.
        stack.callback(stream.disconnect)
        yield RerunView(stream)
        stream.flush(timeout_sec=FLUSH_S)


def _window(stream: rr.RecordingStream, port: int) -> rr.GrpcSink:
    is_unix = sys.platform.startswith('linux')
    if is_unix and not (os.environ.get('DISPLAY') or os.environ.get('WAYLAND_DISPLAY')):
        raise InputError(
            '--view: there is no display here; take --web and a browser, or --save FILE.rrd'
        )
    stream.spawn(port=port, connect=False)
    return rr.GrpcSink(f'rerun+http://{HERE}:{port}/proxy')


def _served(destination: Destination) -> rr.GrpcServerSink:
    for port in (destination.data_port, destination.page_port):
        _require_free(port)
    sink = rr.GrpcServerSink(HERE, destination.data_port)
    rr.serve_web_viewer(web_port=destination.page_port, open_browser=False)
    return sink


def _require_free(port: int) -> None:
    """Ask before Rerun does, whose server says nothing of it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HERE, port))
        except OSError as error:
            raise InputError(
                f'--web: port {port} is taken ({error.strerror}); name two others with --ports'
            ) from error
