# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Files of points that somebody measured, and of factors that somebody may have edited."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from adu_depth_core.bounded_yaml import load_yaml
from adu_depth_core.evaluation.calibrating.points_file import FARTHEST_M, read_points_file
from adu_depth_core.inference.factors import LEAST, MOST, Factors, read_factors
from random_cases import Cases

Near = Callable[[Any], st.SearchStrategy[Any]]

POINTS = (
    b'# by tape\nimage hall.png\n640 360 2.41\n212.5 388 3.05 # door\nimage b c.png\n7 3 1e1\n'
)
SHA = 'cd' * 32
FACTORS = {
    'format': 'adu_depth_calibration',
    'version': 1,
    'model_sha256': SHA,
    'depth_scale': 0.97,
    'std_scale': 1.31,
    'fitted': {'frames': 12, 'before': {'bias': [0.03, 0.02, 0.04]}},
}


@given(st.data())
def test_points_file(cases: Cases, scratch: Path, spoilt: Near, data: st.DataObject) -> None:
    path = scratch / 'points.txt'
    path.write_bytes(data.draw(spoilt(POINTS)))
    pictures = cases.outcome('points file', lambda: read_points_file(path))
    assert pictures is None or pictures
    for picture in pictures or ():
        assert picture.points
        for u, v, metres in picture.points:
            assert math.isfinite(u + v)
            assert 0 < metres <= FARTHEST_M


@given(st.data())
def test_calibration_file(
    cases: Cases, scratch: Path, odd: Near, spoilt: Near, data: st.DataObject
) -> None:
    path = scratch / 'calibration.yaml'
    whole = yaml.safe_dump(data.draw(odd(FACTORS)), allow_unicode=True).encode()
    path.write_bytes(data.draw(st.just(whole) | spoilt(whole)))
    factors = cases.outcome('calibration file', lambda: read_factors(path, SHA))
    assert factors is None or isinstance(factors, Factors)
    if factors is not None:
        assert LEAST <= factors.depth_scale <= MOST
        assert LEAST <= factors.std_scale <= MOST


@pytest.mark.parametrize(
    'text', ['9' * 5000, '2001-99-99', '!!int ""', '!!float "x"', '!!bool "x"', '!!timestamp ""']
)
def test_values_that_are_none_are_no_yaml(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        load_yaml(f'a: {text}')
