# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""DisparityImage messages: what is unknown in them, and the depth that they give."""

from typing import Any

import numpy as np
import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.messages.cdr import deserialised, serialised
from adu_depth_core.messages.disparity import disparity_image_message, read_disparity
from adu_depth_core.messages.types import DISPARITY_TYPE

DISPARITY = np.array([[10.0, 2.0, 1.0], [0.5, 0.0, -1.0], [np.nan, np.inf, 40.0]], np.float32)
UNKNOWN = np.nan


def written(**changes: Any) -> bytes:
    """Return a message with f 100 px, T 0.5 m, min_disparity 1 px, and changed fields."""
    data = disparity_image_message(
        DISPARITY,
        focal_px=100.0,
        baseline_m=0.5,
        stamp_ns=1_000_000_007,
        frame_id='left',
        min_disparity=1.0,
    )
    message = deserialised(data, DISPARITY_TYPE)
    for name, value in changes.items():
        part = message.image if name in ('encoding', 'step', 'height') else message
        setattr(part, name, value)
    return serialised(message, DISPARITY_TYPE)


def test_depth_is_f_times_t_by_disparity_and_the_end_of_the_search_is_unknown() -> None:
    found = read_disparity(written())
    assert (found.stamp_ns, found.frame_id) == (1_000_000_007, 'left')
    expected = [[5.0, 25.0, UNKNOWN], [UNKNOWN] * 3, [UNKNOWN, UNKNOWN, 1.25]]
    np.testing.assert_array_equal(found.depth_m, np.array(expected, np.float32))


def test_below_zero_is_unknown_whatever_the_search_was() -> None:
    found = read_disparity(written(min_disparity=-64.0))
    np.testing.assert_array_equal(
        np.isnan(found.disparity_px), ~((DISPARITY > 0) & np.isfinite(DISPARITY))
    )


def test_depth_too_small_for_a_number_is_unknown_and_not_zero() -> None:
    assert np.isnan(read_disparity(written(f=1e-10, t=1e-38)).depth_m).all()


def test_disparity_of_min_nan_is_not_taken_for_a_limit() -> None:
    found = read_disparity(written(min_disparity=np.nan))
    assert np.isfinite(found.disparity_px).sum() == 5


@pytest.mark.parametrize(
    ('changes', 'sentence'),
    [
        ({'f': 0.0}, 'f is 0, so disparity gives no depth'),
        ({'f': np.nan}, 'f is nan'),
        ({'t': -0.5}, 'T is -0.5'),
        ({'t': np.inf}, 'T is inf'),
        ({'encoding': '16UC1'}, 'the disparity is in 16UC1'),
        ({'encoding': 'disparity'}, 'encoding "disparity" cannot be read'),
        ({'step': 4}, 'step is 4, but a row'),
        ({'height': 5}, 'data has 36 bytes'),
    ],
)
def test_what_gives_no_depth_is_refused_in_a_sentence(
    changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        read_disparity(written(**changes))


def test_every_cut_is_refused_and_none_crashes() -> None:
    whole = written()
    for length in range(0, len(whole) - 4, 3):
        with pytest.raises(InputError):
            read_disparity(whole[:length])
