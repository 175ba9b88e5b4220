# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Files are written whole or not at all, and what cannot be written is said in a sentence."""

from pathlib import Path

import pytest

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.errors import InputError


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


def test_name_that_no_file_can_have_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r'cannot be written \(File name too long\)'):
        write(tmp_path / f'{"a" * 300}.txt')
