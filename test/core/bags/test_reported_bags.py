# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Bags that users of such packages reported, as they are: each stands for a kind of fault.

ADU_DEPTH_CASES names their folder; the README there says what is right. The kinds are made anew by
the tests of their own places, which need no such folder.
"""

import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from adu_depth_core.bags import open_bag, read_picture
from adu_depth_core.commands import label
from adu_depth_core.messages.pixels import to_rgb
from adu_depth_core.messages.types import COMPRESSED_IMAGE_TYPE, IMAGE_TYPE
from adu_depth_core.recording import Recording
from adu_depth_core.samples.image_files import read_rgb

VARIABLE = 'ADU_DEPTH_CASES'
HEIGHT, WIDTH = 62, 207
# Two pixels share a colour in YUV 4:2:2.
EVEN_WIDTH = 206

# Pairs that become samples.
STEREO = {
    'camera_info_names/below_image': 2,
    'camera_info_names/info_rect': 2,
    'camera_info_names/infra': 2,
    'camera_info_names/same_folder': 2,
    'camera_info_names/zed_raw_and_rect': 2,
    'looped/twice': 3,
    'stereo_infos_rounded': 2,
    'zero_stamps/zero': 4,
}
# Images of the colour topic.
MONO = {
    'encodings/bayer_rggb8': 2,
    'encodings/bgr16': 2,
    'encodings/rgb16': 2,
    'encodings/yuv422_yuy2': 2,
    'jpeg_with_padding': 2,
    'qos/default_sqlite3': 2,
    'qos/flow_sqlite3': 2,
    'qos/mapping_sqlite3': 2,
    'qos/partial_mcap/x.mcap': 2,
    'qos/partial_sqlite3': 2,
    'qos/tilde_sqlite3': 2,
    'ros1_in_mcap/x.mcap': 2,
    'sqlite_wal/all_rows/x.db3': 4,
    'sqlite_wal/some_rows/x.db3': 4,
}


@pytest.fixture(scope='module')
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the folder, for a sqlite database changes as it is read."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f'bags that users reported are needed: set {VARIABLE} to their folder')
    return Path(shutil.copytree(folder, tmp_path_factory.mktemp('reported') / 'cases'))


def colour_images(path: Path) -> list[np.ndarray]:
    with open_bag(path) as bag:
        [topic] = [
            topic.name
            for kind in (IMAGE_TYPE, COMPRESSED_IMAGE_TYPE)
            for topic in bag.of_type(kind)
            if 'depth' not in topic.name
        ]
        pictures = map(read_picture, bag.messages([topic]))
        images = [to_rgb(picture.pixels, picture.encoding) for picture in pictures]
        assert not bag.warnings
    return images


def without_details(image: np.ndarray) -> np.ndarray:
    return cv2.blur(image[:, :EVEN_WIDTH].astype(np.float32), (5, 5))


def mean_difference(image: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(image - other).mean())


def test_no_reported_bag_is_forgotten(reported: Path) -> None:
    files = {path for path in reported.rglob('*') if path.suffix in ('.mcap', '.db3')}
    covered = {
        file for name in STEREO | MONO for file in files if file.is_relative_to(reported / name)
    }
    assert files == covered


@pytest.mark.parametrize(('name', 'images'), MONO.items(), ids=MONO)
def test_every_image_is_read(reported: Path, name: str, images: int) -> None:
    found = colour_images(reported / name)
    width = EVEN_WIDTH if 'yuv' in name else WIDTH
    assert [image.shape for image in found] == [(HEIGHT, width, 3)] * images


@pytest.mark.parametrize('name', [name for name in MONO if name.startswith('encodings/')])
def test_scene_has_its_colours_in_every_encoding(reported: Path, name: str) -> None:
    """They hold the same rendered scene; Bayer and YUV keep its colours in the large."""
    expected = without_details(colour_images(reported / 'encodings/rgb16')[0])
    found = without_details(colour_images(reported / name)[0])
    is_exact = name in ('encodings/rgb16', 'encodings/bgr16')
    assert mean_difference(found, expected) <= (0 if is_exact else 7)
    assert mean_difference(found, expected) < mean_difference(found[..., ::-1], expected)


@pytest.mark.parametrize(('name', 'samples'), STEREO.items(), ids=STEREO)
def test_every_pair_is_labelled_without_a_word_on_its_topics(
    reported: Path, tmp_path: Path, name: str, samples: int
) -> None:
    output = tmp_path / 'recording'
    call = ['--data', f'bag:{reported / name}', '--matcher', 'sgbm', '--output', str(output)]
    assert label.main(call) == 0
    found = Recording(output)
    assert len(found) == samples
    rig = found[0].rig
    assert rig is not None
    assert rig.baseline_m == pytest.approx(0.5327, abs=1e-4)


def test_zeros_behind_the_end_of_a_picture_belong_to_the_buffer(reported: Path) -> None:
    file = reported / 'jpeg_with_padding/padded.jpg'
    trimmed = np.frombuffer(file.read_bytes().rstrip(b'\0'), np.uint8)
    expected = cv2.imdecode(trimmed, cv2.IMREAD_COLOR)
    assert expected is not None
    assert np.array_equal(read_rgb(file), expected[..., ::-1])
