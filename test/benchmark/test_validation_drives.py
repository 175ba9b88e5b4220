# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""benchmark/validation_drives.py: what it merges, averages, matches and scales."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.errors import InputError
from adu_depth_core.inference.factors import Factors
from adu_depth_core.samples.sample import StereoSample
from given_samples import GivenSamples

BENCHMARK = Path(__file__).parents[2] / 'benchmark'
sys.path.insert(0, str(BENCHMARK))
try:
    import validation_drives
    from constant_layout import constant_layout
finally:
    sys.path.remove(str(BENCHMARK))

CAMERA = Camera(64, 32, 50.0, 50.0, 31.5, 15.5)


def sample(camera: Camera = CAMERA, depth_m: float | None = 10.0) -> StereoSample:
    shape = camera.height, camera.width
    image = np.zeros((*shape, 3), np.uint8)
    truth = None if depth_m is None else np.full(shape, depth_m, np.float32)
    rig = StereoRig(camera, camera, 0.5)
    return StereoSample('drive/0', 0, image, camera, image, rig, truth)


def band(low: float, high: float, pixels: int, abs_rel: float | None) -> dict:
    return {'from_m': low, 'to_m': high, 'pixels': pixels, 'abs_rel': abs_rel}


def test_constant_layout_is_the_mean_log_depth_of_samples_with_truth() -> None:
    drive = GivenSamples(sample(depth_m=10.0), sample(depth_m=None), sample(depth_m=40.0))
    assert constant_layout(drive) == pytest.approx(20.0, rel=1e-5)
    with pytest.raises(InputError, match='no sample has truth'):
        constant_layout(GivenSamples(sample(depth_m=None)))


def test_bands_are_merged_over_their_pixels() -> None:
    parts = [
        *(band(0, 5, 10, 0.1), band(5, 10, 0, None), band(10, 15, 30, 0.1)),
        *(band(15, 20, 10, 0.5), band(20, 30, 4, 0.25)),
    ]
    assert validation_drives.by_distance(parts) == pytest.approx(
        {'0-5 m': 0.1, '5-10 m': None, '10-20 m': 0.2, '20-40 m': 0.25, '40-80 m': None}
    )


def test_each_drive_counts_alike_and_what_was_left_out_not_at_all() -> None:
    bands = dict.fromkeys(validation_drives.by_distance([]), None)
    row = {**dict.fromkeys(validation_drives.FIGURES), 'abs_rel_by_distance': bands}
    rows = [
        {'drive': 'a', 'role': 'validation', **row, 'abs_rel': 0.1, 'layout': {'abs_rel': 0.3}},
        {'drive': 'b', 'role': 'validation', **row, 'abs_rel': 0.3},
        {'drive': 'c', 'role': 'validation', 'left_out': 'not there'},
        {'drive': 'd', 'role': 'test', **row, 'abs_rel': 9.0},
    ]
    found = validation_drives.means(rows, 'validation')
    assert (found['drives'], found['abs_rel']) == (2, pytest.approx(0.2))
    assert found['layout']['abs_rel'] == pytest.approx(0.3)
    assert found['density'] is None


def test_only_what_has_no_truth_is_matched(monkeypatch: pytest.MonkeyPatch) -> None:
    matched = np.full((32, 64), 7, np.float32)
    monkeypatch.setattr(validation_drives, 'block_matched', lambda *pair: (matched, matched))
    dataset = validation_drives.BlockMatched(GivenSamples(sample(), sample(depth_m=None)))
    assert [float(dataset[index].depth_m[0, 0]) for index in (0, 1)] == [10, 7]


def test_layout_follows_size_and_focal_length() -> None:
    layout = validation_drives.Layout(GivenSamples(sample()))
    twice = Camera(128, 64, 100.0, 100.0, 63.5, 31.5)
    longer = Camera(128, 64, 200.0, 200.0, 63.5, 31.5)
    for camera, depth_m in ((CAMERA, 10), (twice, 10), (longer, 20)):
        found = layout(sample(camera))
        assert found.depth_m.shape == (camera.height, camera.width)
        assert found.depth_m == pytest.approx(np.full(found.depth_m.shape, depth_m), rel=1e-4)
        assert np.isnan(found.std_m).all()


def test_result_names_model_command_machine_and_what_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = SimpleNamespace(
        info=SimpleNamespace(preset='tiny', licence='', description=''),
        model_sha256='5' * 64,
        runtime_name='torch',
        device_name='cpu',
        precision='float32',
        factors=Factors(),
    )
    path = tmp_path / 'out' / 'result.json'
    options = Namespace(
        model='model.safetensors',
        runtime=None,
        device='cpu',
        drives=['2011_09_26_drive_0051_sync'],
        data=tmp_path,
        cache=tmp_path / 'cache',
        json=path,
    )
    asked = {}

    def load(model_file: str, **settings: str) -> SimpleNamespace:
        asked.update(settings)
        return model

    monkeypatch.setattr(validation_drives.Predictor, 'load', load)
    monkeypatch.setattr(
        validation_drives, '_parser', lambda: SimpleNamespace(parse_args=lambda: options)
    )
    validation_drives.main()
    written = json.loads(path.read_text())
    assert asked == {'runtime': 'torch', 'device': 'cpu', 'precision': 'float32'}
    assert written['model']['sha256'] == '5' * 64
    assert written['command'].startswith('python benchmark/validation_drives.py')
    assert written['machine']
    (row,) = written['drives']
    assert 'no such folder' in row['left_out']
    assert written['means']['validation']['drives'] == 0
