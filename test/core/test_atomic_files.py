# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Files are written whole or not at all, and what cannot be written is said in a sentence."""

import errno
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adu_depth_core.atomic_files import require_writable, written_whole
from adu_depth_core.errors import InputError
from full_disk import little_space

WRITE = """
import os, sys
from adu_depth_core.atomic_files import written_whole
with written_whole(sys.argv[1]):
    pass
"""


def write(path: Path, text: str = 'new') -> None:
    with written_whole(path) as temporary:
        assert temporary.suffix == path.suffix
        temporary.write_text(text)


def test_file_is_there_with_its_folders_and_nothing_beside_it(tmp_path: Path) -> None:
    write(tmp_path / 'a' / 'b' / 'c.txt')
    assert (tmp_path / 'a' / 'b' / 'c.txt').read_text() == 'new'
    assert [path.name for path in (tmp_path / 'a' / 'b').iterdir()] == ['c.txt']


def test_old_file_stays_when_the_block_fails_and_its_error_is_passed_on(tmp_path: Path) -> None:
    path = tmp_path / 'c.txt'
    write(path, 'old')
    with pytest.raises(FileNotFoundError, match='of the block'), written_whole(path):
        raise FileNotFoundError('of the block')
    assert path.read_text() == 'old'
    assert list(tmp_path.iterdir()) == [path]


def test_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / 'a').write_text('')
    for name in ('a/c.txt', 'a/b/c.txt'):
        path = tmp_path / name
        with pytest.raises(InputError, match=rf'^{path}: cannot be written \(') as raised:
            write(path)
        assert '.part-' not in str(raised.value)


def test_folder_in_the_place_of_the_file_is_told_and_stays(tmp_path: Path) -> None:
    (tmp_path / 'c.txt').mkdir()
    with pytest.raises(InputError, match=r'c\.txt: cannot be written \(Is a directory\)'):
        write(tmp_path / 'c.txt')
    assert list(tmp_path.iterdir()) == [tmp_path / 'c.txt']


def test_file_of_a_killed_writer_is_removed_and_said(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    left = killed_while_writing(tmp_path / 'c.txt')
    write(tmp_path / 'd.txt')
    assert left.exists()  # it is young: its writer may be about to lock it
    an_hour_ago(left)
    subprocess.run([sys.executable, '-c', WRITE, tmp_path / 'e.txt'], check=True)
    assert capfd.readouterr().err == f'{left}: removed, a killed writer left it\n'
    assert sorted(path.name for path in tmp_path.iterdir()) == ['d.txt', 'e.txt']


def test_file_that_is_being_written_stays(tmp_path: Path) -> None:
    with written_whole(tmp_path / 'c.txt') as temporary:
        temporary.write_text('slowly')
        an_hour_ago(temporary)
        subprocess.run([sys.executable, '-c', WRITE, tmp_path / 'd.txt'], check=True)
    assert (tmp_path / 'c.txt').read_text() == 'slowly'


def killed_while_writing(path: Path) -> Path:
    kill = 'os.kill(os.getpid(), 9)'
    done = subprocess.run([sys.executable, '-c', WRITE.replace('pass', kill), path], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = path.parent.iterdir()
    return left


def an_hour_ago(path: Path) -> None:
    os.utime(path, (time.time() - 3600,) * 2)


def test_name_that_no_file_can_have_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r'cannot be written \(File name too long\)'):
        write(tmp_path / f'{"a" * 300}.txt')


def write_array(path: Path) -> None:
    with written_whole(path) as temporary:
        np.savez(temporary, x=np.random.default_rng(0).random(10_000))


def write_zip(path: Path) -> None:
    with written_whole(path) as temporary, zipfile.ZipFile(temporary, 'w') as archive:
        archive.writestr('x', bytes(100_000))


def write_behind_its_own_words(path: Path) -> None:
    """What writers in other languages do: they hide the reason, or say nothing of the system."""
    with written_whole(path) as temporary:
        try:
            temporary.write_bytes(bytes(100_000))
        except OSError:
            raise RuntimeError('[enforce fail] unexpected pos 64 vs 0') from None


@pytest.mark.parametrize('check', [require_writable, write])
def test_pipe_in_the_place_of_the_file_stays_one(
    tmp_path: Path, check: Callable[[Path], None]
) -> None:
    os.mkfifo(tmp_path / 'result.json')
    with pytest.raises(InputError, match='is a pipe or a device'):
        check(tmp_path / 'result.json')
    assert (tmp_path / 'result.json').is_fifo()


def test_link_stays_one_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / 'results').mkdir()
    (tmp_path / 'results' / 'today.json').write_text('old')
    (tmp_path / 'link.json').symlink_to('results/today.json')
    write(tmp_path / 'link.json')
    assert (tmp_path / 'link.json').is_symlink()
    assert (tmp_path / 'results' / 'today.json').read_text() == 'new'
    assert sorted(p.name for p in tmp_path.iterdir()) == ['link.json', 'results']


@pytest.mark.parametrize('writer', [write_array, write_zip, write_behind_its_own_words])
def test_full_disk_is_told_with_the_name_of_the_file(
    tmp_path: Path, writer: Callable[[Path], None]
) -> None:
    path = tmp_path / 'c.npz'
    path.write_text('old')
    with (
        little_space(20_000),
        pytest.raises(InputError, match=r'c\.npz: cannot be written \(File too large\)'),
    ):
        writer(path)
    assert path.read_text() == 'old'
    assert list(tmp_path.iterdir()) == [path]


def test_error_that_has_nothing_to_do_with_the_disk_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match='of the block'), written_whole(tmp_path / 'c.txt'):
        raise RuntimeError('of the block')
    assert list(tmp_path.iterdir()) == []


def test_disk_that_refuses_at_the_last_flush_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(os, 'fsync', refuse)
    with pytest.raises(InputError, match=r'cannot be written \(No space left on device\)'):
        write(tmp_path / 'c.txt')
    assert list(tmp_path.iterdir()) == []


def test_what_can_never_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / 'a').write_text('')
    for name, reason in (('a/c.txt', 'Not a directory|File exists'), ('.', 'Is a directory')):
        with pytest.raises(InputError, match=rf'cannot be written \(({reason})\)'):
            require_writable(tmp_path / name)
    require_writable(tmp_path / 'new' / 'er' / 'c.txt')
    assert list(tmp_path.iterdir()) == [tmp_path / 'a']
