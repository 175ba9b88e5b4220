# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Factors on depth and its deviation: where they act, and the file that holds them."""

import numpy as np
import pytest
import yaml

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.inference.factors import Factors, read_factors, write_factors
from adu_depth_core.inference.model_info import ModelInfo
from adu_depth_core.inference.predictor import Predictor
from full_disk import little_space

CAMERA = Camera(64, 32, 50.0, 50.0, 31.5, 15.5)
IMAGE = np.zeros((32, 64, 3), np.uint8)
SHA = 'ab' * 32
WHOLE = {
    'format': 'adu_depth_calibration',
    'version': 1,
    'model_sha256': SHA,
    'depth_scale': 0.9,
    'std_scale': 1.5,
}


class TenMetres:
    """A runtime that answers 10 m with a deviation of 1 m everywhere."""

    name, device, precision, native_precision = 'ten', 'cpu', 'float32', 'float32'
    info, model_sha256, fixed_size = ModelInfo('tiny', canonical_focal=100.0), SHA, (64, 32)

    def __call__(self, image, fx):
        return np.full((32, 64), 10, np.float32), np.full((32, 64), 1, np.float32)


@pytest.fixture
def predictor():
    return Predictor(TenMetres())


def test_depth_and_deviation_are_multiplied(predictor):
    predictor.factors = Factors(depth_scale=0.5, std_scale=3.0)
    prediction = predictor(IMAGE, CAMERA)
    # 10 m * 0.5, and a tenth of the depth * 3.
    np.testing.assert_allclose(prediction.depth_m, 5.0)
    np.testing.assert_allclose(prediction.std_m, 1.5)


def test_limits_hold_for_what_is_multiplied(predictor):
    predictor.factors = Factors(depth_scale=9.0)
    assert np.isnan(predictor(IMAGE, CAMERA).depth_m).all()  # 90 m
    predictor.factors = Factors(std_scale=6.0)
    assert np.isnan(predictor(IMAGE, CAMERA).std_m).all()  # 0.6 of the depth
    predictor.factors = Factors(depth_scale=4.0, std_scale=4.0)
    np.testing.assert_allclose(predictor(IMAGE, CAMERA).std_m, 16.0)


def test_without_limits_the_factors_stay(predictor):
    predictor.factors = Factors(9.0, 9.0)
    np.testing.assert_allclose(predictor.without_limits()(IMAGE, CAMERA).depth_m, 90.0)


def test_factors_one_after_the_other():
    assert Factors(2.0, 3.0) * Factors(0.5, 4.0) == Factors(1.0, 12.0)


def test_file_gives_back_what_was_written(tmp_path):
    path = tmp_path / 'calibration.yaml'
    write_factors(path, Factors(0.93, 1.21), SHA, {'data': 'bag:día', 'frames': 3})
    assert read_factors(path, SHA) == Factors(0.93, 1.21)
    content = yaml.safe_load(path.read_text(encoding='utf-8'))
    assert content['fitted'] == {'data': 'bag:día', 'frames': 3}


def test_predictor_takes_the_file_of_its_own_model_alone(tmp_path):
    predictor = Predictor.load('tiny', runtime='onnxruntime', precision='float32')
    path = tmp_path / 'calibration.yaml'
    write_factors(path, Factors(0.5, 2.0), predictor.model_sha256, {})
    options = {'runtime': 'onnxruntime', 'precision': 'float32', 'calibration': str(path)}
    assert Predictor.load('tiny', **options).factors == Factors(0.5, 2.0)
    write_factors(path, Factors(0.5, 2.0), SHA, {})
    with pytest.raises(InputError, match='was made for the model abababababab, and this is'):
        Predictor.load('tiny', **options)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'format': 'other'}, 'does not say "format'),
        ({'version': 2}, 'version 2, this program reads 1'),
        ({'depth_scale': None}, 'depth_scale is None'),
        ({'depth_scale': True}, 'depth_scale is True'),
        ({'std_scale': 0}, 'std_scale is 0'),
        ({'std_scale': float('nan')}, 'std_scale is nan'),
        ({'std_scale': 1000.0}, 'expected a number from 0.01 to 100'),
        ({'model_sha256': None}, 'was made for the model None'),
    ],
)
def test_file_that_holds_no_factors_is_refused(tmp_path, change, message):
    path = tmp_path / 'calibration.yaml'
    path.write_text(yaml.safe_dump({**WHOLE, **change}))
    with pytest.raises(InputError, match=message):
        read_factors(path, SHA)


@pytest.mark.parametrize('content', ['[1, 2]', 'a: [', '', '\0', f'format: {"9" * 5000}'])
def test_file_that_is_something_else_is_refused(tmp_path, content):
    path = tmp_path / 'calibration.yaml'
    path.write_text(content)
    with pytest.raises(InputError, match=r'calibration\.yaml'):
        read_factors(path, SHA)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r'none\.yaml: cannot be read'):
        read_factors(tmp_path / 'none.yaml', SHA)


@pytest.mark.parametrize('factors', [Factors(1000.0), Factors(1.0, 0.0), Factors(float('nan'))])
def test_factors_that_would_not_be_read_are_not_written(tmp_path, factors):
    path = tmp_path / 'calibration.yaml'
    with pytest.raises(InputError, match='is the truth in metres'):
        write_factors(path, factors, SHA, {})
    assert not path.exists()


def test_full_disk_leaves_the_old_file(tmp_path):
    path = tmp_path / 'calibration.yaml'
    write_factors(path, Factors(), SHA, {})
    before = path.read_bytes()
    with little_space(100), pytest.raises(InputError, match='cannot be written'):
        write_factors(path, Factors(2.0), SHA, {'data': 'x' * 10_000})
    assert path.read_bytes() == before
