# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How sure sensors are, computed by hand."""

import numpy as np
import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.samples.depth_noise import ConfidenceScale, DepthNoise

DEPTH = np.array([[2.0, 10.0, 20.0, np.nan]], np.float32)


def test_triangulated_depth_is_off_by_its_square() -> None:
    # z^2 s / (f b) with s = 0.5 px and f b = 50 px m: 0.04, 1, 4; at 2 m a fiftieth is as much.
    noise = DepthNoise(disparity_std_px=0.5, least_relative_std=0.03)
    np.testing.assert_allclose(noise.std_m(DEPTH, 50.0), [[0.06, 1.0, 4.0, np.nan]], rtol=1e-6)


def test_what_is_not_triangulated_is_off_by_a_share() -> None:
    noise = DepthNoise(disparity_std_px=0.5, least_relative_std=0.03)
    np.testing.assert_allclose(noise.std_m(DEPTH), [[0.06, 0.3, 0.6, np.nan]], rtol=1e-6)


def test_disagreement_beyond_the_noise_widens_and_none_does_not() -> None:
    noise = DepthNoise(disparity_std_px=0.5, least_relative_std=0.001)
    apart = np.array([[np.nan, 0.5, 1.2, 9.0]], np.float32)
    depth = np.full((1, 4), 10.0, np.float32)
    # 0.5 px is 1 m; 1.2 px besides are hypot(0.5, 1.2) = 1.3 px, 2.6 m.
    np.testing.assert_allclose(noise.std_m(depth, 50.0, apart)[0, :3], [1.0, 1.0, 2.6], rtol=1e-6)
    assert noise.std_m(depth, 50.0, apart)[0, 3] == pytest.approx(18.0, rel=0.01)


@pytest.mark.parametrize('errors', [(0.0, 0.02), (0.5, 0.0), (-1.0, 0.02), (0.5, np.nan)])
def test_sensor_without_error_is_refused(errors: tuple[float, float]) -> None:
    with pytest.raises(InputError, match='no sensor is exact'):
        DepthNoise(*errors)


@pytest.mark.parametrize(
    ('best', 'worst', 'numbers'),
    [(1.0, 101.0, [1, 51, 101, 150, -9]), (255.0, 0.0, [255, 127.5, 0, -1, 300])],
)
def test_confidence_is_a_share_whichever_end_is_best(
    best: float, worst: float, numbers: list[float]
) -> None:
    share = ConfidenceScale(best, worst).share(np.array([numbers], np.float32))
    np.testing.assert_allclose(share, [[1.0, 0.5, 0.0, 0.0, 1.0]], atol=1e-6)


def test_confidence_that_is_no_number_is_none() -> None:
    confidence = np.array([[np.nan, np.inf, -np.inf, 0.0]], np.float32)
    # A signalling NaN, which warns when it is reckoned with.
    confidence.view(np.uint32)[0, 3] = 0x7F951F5B
    with np.errstate(all='raise'):
        share = ConfidenceScale(255.0, 0.0).share(confidence)
    assert share.tolist() == [[0.0, 0.0, 0.0, 0.0]]


@pytest.mark.parametrize('ends', [(1.0, 1.0), (np.nan, 0.0), (1.0, np.inf)])
def test_scale_that_is_none_is_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(InputError, match='is no scale'):
        ConfidenceScale(*ends)
