# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What never ends, or is too large, is not read."""

import os
from pathlib import Path

import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.regular_files import check_regular, read_regular, read_text
from adu_depth_core.samples.image_files import read_rgb, read_uint16
from adu_depth_core.samples.projection import read_scan


@pytest.mark.parametrize('read', [read_regular, read_text, read_rgb, read_uint16, read_scan])
@pytest.mark.parametrize('kind', ['pipe', 'device'])
def test_pipes_and_devices_are_refused_at_once(tmp_path, kind, read):
    path = tmp_path / 'x.png'
    os.mkfifo(path) if kind == 'pipe' else path.symlink_to('/dev/zero')
    with pytest.raises(InputError, match=r'x\.png: is a pipe or a device'):
        read(path)


def test_link_to_a_regular_file_is_read(tmp_path: Path) -> None:
    (tmp_path / 'x').write_bytes(b'abc')
    (tmp_path / 'y').symlink_to(tmp_path / 'x')
    assert read_regular(tmp_path / 'y') == b'abc'
    assert read_regular(tmp_path / 'y', most=3) == b'abc'
    with pytest.raises(InputError, match='larger than 2 bytes'):
        read_regular(tmp_path / 'y', most=2)


def test_text_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / 'x').write_bytes(b'ab\xff')
    with pytest.raises(InputError, match=r'x: not text in UTF-8 \(at byte 2\)'):
        read_text(tmp_path / 'x')
    with pytest.raises(InputError, match=r'cannot be read \(No such file'):
        read_text(tmp_path / 'y')
    with pytest.raises(InputError, match=r'cannot be read \(Is a directory'):
        read_text(tmp_path)


def test_name_that_no_file_can_have_is_no_pipe() -> None:
    check_regular(Path('{"spec": "' + 300 * 'x' + '"}'))
