# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures are written whole, or their names stay free."""

import numpy as np
import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.samples.image_files import read_rgb, write_image, write_rgb
from full_disk import little_space

NOISE = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)


def test_no_cut_picture_bears_a_name_however_full_the_disk_is(tmp_path):
    write_rgb(tmp_path / 'whole.png', NOISE)
    whole = (tmp_path / 'whole.png').read_bytes()
    for size in range(len(whole) - 8, len(whole), 1):
        with little_space(size), pytest.raises(InputError, match='File too large'):
            write_rgb(tmp_path / 'cut.png', NOISE)
        assert not (tmp_path / 'cut.png').exists()
    with little_space(len(whole)):
        write_rgb(tmp_path / 'cut.png', NOISE)
    np.testing.assert_array_equal(read_rgb(tmp_path / 'cut.png'), NOISE)


@pytest.mark.parametrize('name', ['x.nothing', 'x'])
def test_kind_of_picture_that_nobody_knows_is_told(tmp_path, name):
    with pytest.raises(InputError, match='OpenCV cannot write this kind of picture'):
        write_image(tmp_path / name, NOISE)
    assert list(tmp_path.iterdir()) == []
