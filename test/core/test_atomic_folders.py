# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Folders are written whole, exchanged at once, and put right after a writer was killed."""

import os
from pathlib import Path

import pytest

from adu_depth_core import atomic_folders
from adu_depth_core.atomic_folders import OWNER, exchanged, folder_written_whole


def replaceable(path: Path) -> None:
    """Nothing against it."""


def write(path: Path, text: str) -> None:
    with folder_written_whole(path, replaceable) as folder:
        folder.mkdir()
        (folder / 'x').write_text(text)


def killed_while_writing(path: Path) -> None:
    child = os.fork()
    if child == 0:
        with folder_written_whole(path, replaceable) as folder:
            folder.mkdir()
            os._exit(9)
    os.waitpid(child, 0)


@pytest.mark.parametrize('can_exchange', [True, False])
def test_folder_takes_the_place_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    if not can_exchange:
        monkeypatch.setattr(atomic_folders, 'exchanged', lambda one, other: False)
    for text in ('old', 'new'):
        write(tmp_path / 'bag', text)
    assert (tmp_path / 'bag' / 'x').read_text() == 'new'
    assert list(tmp_path.iterdir()) == [tmp_path / 'bag']


def test_exchange_leaves_no_moment_without_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / 'bag', 'old')
    write(tmp_path / 'other', 'other')
    if not exchanged(tmp_path / 'bag', tmp_path / 'other'):
        pytest.skip('this system or disk cannot exchange folders')
    assert (tmp_path / 'bag' / 'x').read_text() == 'other'

    def no_rename(*_: Path) -> None:
        raise AssertionError('renamed')

    monkeypatch.setattr(Path, 'rename', no_rename)
    write(tmp_path / 'bag', 'new')
    assert (tmp_path / 'bag' / 'x').read_text() == 'new'


def test_old_folder_comes_back_where_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / 'bag', 'old')
    monkeypatch.setattr(atomic_folders, 'exchanged', lambda one, other: False)
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if self.name == 'bag' and self.parent != tmp_path:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, 'rename', interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / 'bag', 'new')
    assert (tmp_path / 'bag' / 'x').read_text() == 'old'
    assert list(tmp_path.iterdir()) == [tmp_path / 'bag']


def test_what_a_killed_writer_left_is_said_and_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    killed_while_writing(tmp_path / 'bag')
    (left,) = tmp_path.iterdir()
    write(tmp_path / 'other', 'of another name')
    assert left.exists()
    write(tmp_path / 'bag', 'new')
    assert {path.name for path in tmp_path.iterdir()} == {'bag', 'other'}
    assert capsys.readouterr().err == f'{left}: removed, a killed writer left it\n'


def test_folder_of_a_living_writer_stays(tmp_path: Path) -> None:
    with folder_written_whole(tmp_path / 'bag', replaceable) as folder:
        folder.mkdir()
        write(tmp_path / 'bag', 'of the faster one')
        assert folder.is_dir()
    assert list((tmp_path / 'bag').iterdir()) == []


def test_bag_whose_replacement_was_killed_half_way_is_put_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = tmp_path / '.part-1234'
    (part / 'bag.replaced').mkdir(parents=True)
    (part / 'bag').mkdir()
    (part / OWNER).touch()
    (part / 'bag.replaced' / 'x').write_text('old')

    def there(path: Path) -> None:
        assert (path / 'x').read_text() == 'old'

    with folder_written_whole(tmp_path / 'bag', there) as folder:
        folder.mkdir()
    assert 'bag: put back' in capsys.readouterr().err


def test_folders_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / '.part-strange').mkdir()
    write(tmp_path / 'bag', 'new')
    assert (tmp_path / '.part-strange').is_dir()
