# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a file says about itself is judged before anything believes it."""

import json
import math

import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.inference.model_info import ModelInfo, TeacherInfo, find_info, of_kind

INFO = ModelInfo('tiny', 360.0, encoder='tf_efficientnet_lite0', decoder_width=64)
TEACHER = TeacherInfo('tiny', 360.0, encoder='tf_efficientnet_lite0', decoder_width=64)


def read(info, **changes):
    values = {**json.loads(info.to_json()), **changes}
    return find_info({info.KEY: json.dumps(values)}, 'a.onnx')


@pytest.mark.parametrize('info', [INFO, TEACHER])
def test_what_was_written_comes_back(info):
    assert read(info) == info
    assert isinstance(read(info).image_mean, tuple)


@pytest.mark.parametrize('info', [INFO, TEACHER])
@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('pixels', 10**12),
        ('pixels', 1023),
        ('pixels', 122880.0),
        ('pixels', True),
        ('pixels', None),
        ('temperature', 0),
        ('temperature', '1'),
        ('temperature', math.inf),
        ('canonical_focal', -1),
        ('canonical_focal', math.nan),
        ('min_depth', 0),
        ('min_depth', 90.0),
        ('max_depth', math.nan),
        ('max_depth', None),
        ('preset', 3),
        ('description', 'x' * 6000),
        ('encoder', ['tf_efficientnet_lite0']),
        ('decoder_width', 0),
        ('decoder_width', 10**9),
        ('image_mean', [0.5, 0.5]),
        ('image_mean', 0.5),
        ('image_std', [0.5, 0.5, 0.0]),
        ('format', 3),
        ('format', 1.0),
        ('format', 'two'),
    ],
)
def test_what_cannot_be_true_is_refused_by_name(info, name, value):
    with pytest.raises(InputError, match=rf'^a\.onnx: .*\b{name}\b') as caught:
        read(info, **{name: value})
    assert '\n' not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('fusion', 'sum'),
        ('max_disparity_px', 100),
        ('groups', 7),
        ('groups', True),
        ('refined', 1),
    ],
)
def test_a_teacher_is_judged_by_more(name, value):
    with pytest.raises(InputError, match=name):
        read(TEACHER, **{name: value})


@pytest.mark.parametrize('text', ['', '{', '[]', 'null', '3', '{}', '[' * 10_000, 'x' * 10**6])
def test_what_is_no_mapping_is_refused(text):
    with pytest.raises(InputError, match=r'^a\.onnx: .*metadata'):
        find_info({ModelInfo.KEY: text}, 'a.onnx')


def test_what_lacks_a_number_is_refused_by_name():
    values = json.loads(INFO.to_json())
    del values['temperature']
    with pytest.raises(InputError, match='lack "temperature"'):
        find_info({ModelInfo.KEY: json.dumps(values)}, 'a.onnx')


def test_format_1_named_its_preset_alone():
    first = {
        'preset': 'tiny',
        'canonical_focal': 360.0,
        'temperature': 1.1,
        'min_depth': 0.3,
        'max_depth': 80.0,
        'pixels': 122880,
        'licence': '',
        'description': '',
        'format': 1,
    }
    info = find_info({ModelInfo.KEY: json.dumps(first)}, 'a.onnx')
    assert (info.encoder, info.decoder_width) == ('mobilenetv4_conv_small', 64)
    assert info.image_mean == (0.485, 0.456, 0.406)
    with pytest.raises(InputError, match='metadata of format 1; this version reads 2'):
        find_info({ModelInfo.KEY: json.dumps(first | {'preset': 'huge'})}, 'a.onnx')


def test_teacher_without_a_least_depth_has_that_of_a_student():
    values = json.loads(TEACHER.to_json())
    del values['min_depth']
    info = find_info({TeacherInfo.KEY: json.dumps(values)}, 'a.onnx')
    assert info.min_depth == ModelInfo('tiny', 360.0).min_depth == 0.3


def test_kinds_are_told_apart():
    assert of_kind(ModelInfo, INFO, 'a.onnx') is INFO
    with pytest.raises(InputError, match=r'a\.onnx: a stereo teacher, and not a model for single'):
        of_kind(ModelInfo, TEACHER, 'a.onnx')
    with pytest.raises(InputError, match=r'a\.onnx: not a stereo teacher'):
        of_kind(TeacherInfo, INFO, 'a.onnx')
