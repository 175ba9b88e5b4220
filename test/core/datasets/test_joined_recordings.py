# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""All part folders of a fleet as one source."""

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.datasets.sources import open_dataset
from adu_depth_core.errors import InputError
from adu_depth_core.recording import RecordingWriter
from adu_depth_core.samples.sample import StereoSample

CAMERA = Camera(4, 2, 3.0, 3.0, 1.5, 0.5)


def record(folder, brightnesses, drive='drive'):
    with RecordingWriter(folder) as writer:
        for value in brightnesses:
            image = np.full((2, 4, 3), value, np.uint8)
            writer.add(StereoSample(f'{drive}/{value:03d}', value, image, CAMERA))


@pytest.fixture
def fleet(tmp_path):
    """Two robots; a part of the first had nothing to say."""
    record(tmp_path / 'anna/labelled/part_0001_of_0003', [10, 20])
    record(tmp_path / 'anna/labelled/part_0002_of_0003', [])
    record(tmp_path / 'anna/labelled/part_0003_of_0003', [30])
    record(tmp_path / 'bert/labelled', [40, 50, 60])
    (tmp_path / 'bert/notes').mkdir()
    record(tmp_path / 'bert/.trash/labelled', [70])
    return tmp_path


def brightness(dataset):
    return [int(dataset[index].left[0, 0, 0]) for index in range(len(dataset))]


def test_all_parts_below_a_folder_are_one_data_set(fleet):
    dataset = open_dataset(f'recordings:{fleet}')
    assert brightness(dataset) == [10, 20, 30, 40, 50, 60]
    assert dataset.names == [dataset[index].name for index in range(6)]
    assert dataset.names[2] == 'anna/labelled/part_0003_of_0003/drive/030'
    with pytest.raises(IndexError):
        dataset[6]


def test_pattern_chooses_folders(fleet):
    assert brightness(open_dataset(f'recordings:{fleet}/b*/labelled')) == [40, 50, 60]
    assert brightness(open_dataset(f'recordings:{fleet}/*/labelled')) == [10, 20, 30, 40, 50, 60]


def test_drives_are_chosen_with_the_folder_of_their_recording(fleet):
    dataset = open_dataset(f'recordings:{fleet}', drives=['bert/labelled/drive[1-2]'])
    assert brightness(dataset) == [50, 60]


def test_one_recording_is_enough(fleet):
    dataset = open_dataset(f'recordings:{fleet}/bert/labelled')
    assert dataset.names[0] == 'labelled/drive/040'


def test_what_a_part_lacks_is_said_with_its_folder(fleet):
    part = fleet / 'anna/labelled/part_0001_of_0003'
    next((part / 'left').iterdir()).unlink()
    dataset = open_dataset(f'recordings:{fleet}')
    (name,) = dataset.missing.names['left']
    assert name.startswith('anna/labelled/part_0001_of_0003/drive/')
    assert len(dataset) == 5


@pytest.mark.parametrize(
    'place', ['nowhere', 'bert/notes', 'x*', 'anna/labelled/part_0002_of_0003']
)
def test_folder_without_recordings_is_refused(fleet, place):
    with pytest.raises(InputError, match=r'no recording with samples in here or below'):
        open_dataset(f'recordings:{fleet}/{place}')
