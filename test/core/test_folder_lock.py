# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One process at a time writes into a folder."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.folder_lock import close_locked, locked, open_locked


def in_another_process(action: Callable[[], None]) -> bool:
    """Fork, and say whether the action ended without InputError."""
    child = os.fork()
    if child == 0:
        try:
            action()
        except InputError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def lock_and_let_go(path: Path) -> None:
    with locked(path, 'writing'):
        pass


def test_second_process_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    path = tmp_path / 'new' / 'x.lock'
    with locked(path, 'writing'):
        assert not in_another_process(lambda: lock_and_let_go(path))
        with pytest.raises(InputError, match=rf'^{path.parent}: another process is writing$'):
            lock_and_let_go(path)
    assert in_another_process(lambda: lock_and_let_go(path))


def test_forked_process_does_not_hold_the_lock_for_its_parent(tmp_path: Path) -> None:
    descriptor = open_locked(tmp_path / 'x.lock', 'writing')
    gate, end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(end)
        os.read(gate, 1)
        os._exit(0)
    close_locked(descriptor)
    try:
        lock_and_let_go(tmp_path / 'x.lock')
    finally:
        os.close(end)
        os.close(gate)
        os.waitpid(child, 0)


def test_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / 'a').write_text('')
    with pytest.raises(InputError, match='cannot be written'):
        lock_and_let_go(tmp_path / 'a' / 'x.lock')
