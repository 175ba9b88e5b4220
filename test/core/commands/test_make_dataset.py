# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth make-dataset`: what it writes, how it goes on, what it refuses."""

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.commands import make_dataset
from adu_depth_core.datasets.sources import open_dataset
from adu_depth_core.errors import InputError
from adu_depth_core.recording import Recording
from adu_depth_core.synthetic import SyntheticDrive, SyntheticScenes

CAMERA = Camera(64, 48, 50.0, 50.0, 31.5, 23.5)


@pytest.fixture
def rendered(monkeypatch):
    """Let `synthetic_scenes:SEED` be small, and list the names of what is rendered."""
    names = []

    class Counted(SyntheticScenes):
        def __getitem__(self, index):
            sample = super().__getitem__(index)
            names.append(sample.name)
            return sample

    def opened(spec, *, drives, limit):
        return Counted(int(spec.partition(':')[2]), limit, camera=CAMERA)

    monkeypatch.setattr(make_dataset, 'open_dataset', opened)
    return names


def make(folder, frames, *more, data='synthetic_scenes:5'):
    words = ['--data', data, '--frames', str(frames), '--output', str(folder), *more]
    return make_dataset.main(words)


def test_recording_holds_what_the_data_set_gives(tmp_path, rendered, capsys):
    assert make(tmp_path / 'out', 3) == 0
    recording, dataset = Recording(tmp_path / 'out'), SyntheticScenes(5, 3, camera=CAMERA)
    assert recording.names == rendered == dataset.names
    stored, sample = recording[1], dataset[1]
    np.testing.assert_array_equal(stored.left, sample.left)
    np.testing.assert_array_equal(stored.right, sample.right)
    assert stored.rig == sample.rig
    for depth, exact in (
        (stored.depth_m, sample.depth_m),
        (stored.right_depth_m, sample.right_depth_m),
    ):
        near = exact < 255
        np.testing.assert_allclose(depth[near], exact[near], atol=1 / 500)
        assert np.isinf(depth[np.isinf(exact)]).all()
    assert 'out: 3 frames' in capsys.readouterr().out


def test_second_run_goes_on_after_the_last_frame(tmp_path, rendered):
    make(tmp_path / 'out', 2)
    rendered.clear()
    make(tmp_path / 'out', 4)
    assert rendered == SyntheticScenes(5, 4).names[2:]
    assert Recording(tmp_path / 'out').names == SyntheticScenes(5, 4).names


def test_finished_recording_is_left_as_it_is(tmp_path, rendered):
    make(tmp_path / 'out', 2)
    rendered.clear()
    make(tmp_path / 'out', 2)
    assert rendered == []


def test_interrupted_run_keeps_what_is_finished(tmp_path, rendered, monkeypatch):
    class Interrupted(SyntheticScenes):
        def __getitem__(self, index):
            if index == 2:
                raise KeyboardInterrupt
            return super().__getitem__(index)

    with monkeypatch.context() as patch:
        patch.setattr(
            make_dataset, 'open_dataset', lambda spec, **_: Interrupted(5, 4, camera=CAMERA)
        )
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path / 'out', 4)
    assert len(Recording(tmp_path / 'out')) == 2
    make(tmp_path / 'out', 4)
    assert rendered == SyntheticScenes(5, 4).names[2:]


def test_folder_with_other_frames_is_refused(tmp_path, rendered):
    make(tmp_path / 'out', 1)
    with pytest.raises(InputError, match='holds "synthetic_scenes_0005/0000000000" where'):
        make(tmp_path / 'out', 2, data='synthetic_scenes:6')


def test_folder_with_more_frames_is_refused(tmp_path, rendered):
    make(tmp_path / 'out', 2)
    with pytest.raises(InputError, match='holds 2 frames already, more than the 1 asked'):
        make(tmp_path / 'out', 1)


def test_jpeg_images_are_smaller(tmp_path, rendered):
    make(tmp_path / 'png', 1)
    make(tmp_path / 'jpeg', 1, '--jpeg-quality', '80')
    png, jpeg = (next((tmp_path / name / 'left').iterdir()) for name in ('png', 'jpeg'))
    assert (png.suffix, jpeg.suffix) == ('.png', '.jpg')
    assert jpeg.stat().st_size < png.stat().st_size / 2


def test_names_of_rendered_sets_are_those_of_their_samples():
    for dataset in (SyntheticDrive(3, 2, camera=CAMERA), SyntheticScenes(3, 2, camera=CAMERA)):
        assert dataset.names == [dataset[index].name for index in range(2)]
    assert open_dataset('synthetic:3', limit=2).names == SyntheticDrive(3, 2).names
