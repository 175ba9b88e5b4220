# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of frames mean the same everywhere: colours, legends, unknown pixels."""

import base64

import cv2
import numpy as np
import pytest

from adu_depth_core.evaluation.colours import UNKNOWN_COLOUR, coloured_depth
from adu_depth_core.evaluation.report.frame_pictures import (
    ShownFrame,
    error_colours,
    pictures,
    pixels_per_picture,
    scales,
)


def decoded(url: str) -> np.ndarray:
    head, data = url.split(',')
    assert head in ('data:image/png;base64', 'data:image/jpeg;base64')
    pixels = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
    return pixels[..., ::-1]


def frame(depth_m: np.ndarray, truth_m: np.ndarray | None) -> ShownFrame:
    image = np.full((*depth_m.shape, 3), 128, np.uint8)
    return ShownFrame('a', image, depth_m, depth_m / 10, truth_m)


def test_each_picture_shows_its_values_in_the_colours_of_the_legends() -> None:
    depth_m = np.array([[10, 20], [np.nan, 40]], np.float32)
    truth_m = np.array([[10, 60], [10, np.inf]], np.float32)
    shown = pictures(frame(depth_m, truth_m))
    assert list(shown) == ['image', 'depth', 'error', 'standard deviation']
    blue, red = decoded(scales()[1].colours)[0, [0, -1]]
    error = decoded(shown['error'])
    np.testing.assert_array_equal(error[0], [blue, red])
    np.testing.assert_array_equal(error[1], [UNKNOWN_COLOUR, UNKNOWN_COLOUR])
    np.testing.assert_array_equal(decoded(shown['depth']), coloured_depth(depth_m))
    std = decoded(shown['standard deviation'])
    np.testing.assert_array_equal(std, error_colours(depth_m / 10))
    assert np.abs(decoded(shown['image']).astype(int) - 128).max() < 3


def test_without_truth_there_is_no_picture_of_the_error() -> None:
    shown = pictures(frame(np.full((2, 2), 10, np.float32), None))
    assert list(shown) == ['image', 'depth', 'standard deviation']


def test_points_of_sparse_truth_stay_visible_in_the_shrunk_picture() -> None:
    truth_m = np.full((1080, 1920), np.nan, np.float32)
    truth_m[101::9, 5::9] = 12.0
    shown = pictures(frame(np.full((1080, 1920), 10.0, np.float32), truth_m))
    error = decoded(shown['error'])
    assert error.shape[0] * error.shape[1] <= 120_000
    assert error.shape[1] / error.shape[0] == pytest.approx(1920 / 1080, rel=0.01)
    colour = error_colours(np.full((2, 2), 2.0))[0, 0]
    is_known = (error != UNKNOWN_COLOUR).any(axis=-1)
    np.testing.assert_array_equal(error[is_known], np.broadcast_to(colour, (is_known.sum(), 3)))
    assert is_known[30:].mean() > 0.5


def test_unknown_depth_is_not_covered_up_where_little_is_known() -> None:
    depth_m = np.full((100, 100), np.nan, np.float32)
    depth_m[50, 50] = 10.0
    depth = decoded(pictures(frame(depth_m, None))['depth'])
    assert (depth != UNKNOWN_COLOUR).any(axis=-1).sum() == 1


def test_small_pictures_are_not_enlarged_and_many_share_the_room() -> None:
    shown = pictures(frame(np.full((30, 40), 10.0, np.float32), None))
    assert decoded(shown['depth']).shape == (30, 40, 3)
    assert pixels_per_picture(3) == 120_000
    assert pixels_per_picture(20) == 20_000
    small = pictures(frame(np.full((300, 400), 10.0, np.float32), None), pixels_per_picture(20))
    height, width = decoded(small['depth']).shape[:2]
    assert 18_000 < height * width <= 20_000


def test_legend_of_depth_has_its_metres_on_a_logarithmic_scale() -> None:
    depth, _ = scales()
    assert [label for _, label in depth.ticks] == [
        '2\xa0m', '5\xa0m', '10\xa0m', '20\xa0m', '40\xa0m', '80\xa0m'
    ]  # fmt: skip
    places = [place for place, _ in depth.ticks]
    assert places[0] == 0
    assert places[-1] == pytest.approx(100)
    assert places[3] == pytest.approx(100 * np.log(10) / np.log(40))
    ramp = decoded(depth.colours)
    at_ticks = ramp[0, np.round(np.array(places) * 2.55).astype(int)].astype(int)
    wanted = coloured_depth(np.array([[2.0, 5, 10, 20, 40, 80]]))[0].astype(int)
    assert np.abs(at_ticks - wanted).max() < 16


def test_legend_of_error_is_linear_to_ten_metres() -> None:
    _, error = scales()
    assert error.ticks == (
        (0, '0\xa0m'), (25, '2.5\xa0m'), (50, '5\xa0m'), (75, '7.5\xa0m'), (100, '10\xa0m')
    )  # fmt: skip
    ends = error_colours(np.array([[0.0, 10.0]]))
    np.testing.assert_array_equal(decoded(error.colours)[:, [0, -1]], ends)
