# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A source of the configuration, opened: what a teacher can learn from."""

import re
import shutil
from pathlib import Path

import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.training.config import SourceConfig
from adu_depth_core.training.data_module import open_source, shape_notice


def test_pairs_leave_out_what_has_no_right_image(plane_drive: Path, tmp_path: Path) -> None:
    root = tmp_path / 'kitti'
    shutil.copytree(plane_drive, root)
    source = SourceConfig(f'kitti_raw:{root}', drives=['0005'], pairs=True)
    with pytest.raises(InputError, match=r'none of its [0-9]+ samples has a right image'):
        open_source(source)
    drive = root / '2011_09_26' / '2011_09_26_drive_0005_sync'
    left, right = (drive / f'image_0{side}/data' for side in (2, 3))
    right.mkdir(parents=True)
    for frame in (1, 3):
        shutil.copy(left / f'{frame:010d}.png', right)
    found = open_source(source)
    assert [found[i].name[-10:] for i in range(len(found))] == ['0000000001', '0000000003']


@pytest.mark.parametrize(
    ('images', 'sizes', 'told'),
    [
        ((640, 480), [(640, 192)], "640x480, .* --data.sizes '\\[\\[320, 224\\]\\]'"),
        ((640, 480), [(640, 192), (320, 224)], ''),
        ((1242, 375), [(640, 192)], ''),
        ((480, 640), [(640, 480)], '480x640'),
    ],
)
def test_images_of_another_shape_than_all_sizes_are_told(
    images: tuple[int, int], sizes: list[tuple[int, int]], told: str
) -> None:
    notice = shape_notice(*images, sizes)
    assert bool(notice) == bool(told)
    assert re.search(told, notice)
