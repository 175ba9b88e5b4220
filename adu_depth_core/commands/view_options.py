# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Options of commands that show what they predict, and what they mean."""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from adu_depth_core.evaluation.stopping import Stop

if TYPE_CHECKING:
    from adu_depth_core.viewing.rerun_view import RerunView

NAP_S = 0.1


def add_view_options(parser: argparse.ArgumentParser) -> None:
    """Add --view, --web, --save and --ports."""
    group = parser.add_argument_group('to look at it (with the extra rerun)')
    group.add_argument('--view', action='store_true', help='in a window of Rerun')
    group.add_argument(
        '--web', action='store_true', help='in a browser, also through a tunnel of ssh'
    )
    group.add_argument('--save', type=Path, metavar='FILE.rrd', help='as a recording of Rerun')
    group.add_argument(
        '--ports',
        type=_port,
        nargs=2,
        default=(9876, 9090),
        metavar=('DATA', 'PAGE'),
        help='on which frames come to a viewer, and the page of --web (default: 9876 9090)',
    )


def is_asked(options: argparse.Namespace) -> bool:
    """Tell whether any of the options asks for something to look at."""
    return bool(options.view or options.web or options.save)


@contextmanager
def view_asked_for(options: argparse.Namespace, stop: Stop) -> Iterator['RerunView | None']:
    """
    Open what the options ask for, None when that is nothing.

    A page is served until somebody asks to stop. Raises InputError as `opened_view` does.
    """
    if not is_asked(options):
        yield None
        return
    from adu_depth_core.viewing.sinks import Destination, opened_view

    data_port, page_port = options.ports
    destination = Destination(options.save, options.view, options.web, data_port, page_port)
    with opened_view(destination) as view:
        if options.web:
            print(
                f'open {destination.page}\nover ssh, log in with: '
                f'ssh -L {page_port}:127.0.0.1:{page_port} -L {data_port}:127.0.0.1:{data_port}',
                flush=True,
            )
        yield view
        if options.web and not stop.asked:
            print('all frames are there; Ctrl-C ends', flush=True)
            while not stop.asked:
                time.sleep(NAP_S)
    if options.save:
        print(f'wrote {options.save}; open it with: rerun {options.save}')


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 2**16:
        raise argparse.ArgumentTypeError(f'{text} is no port')
    return port
