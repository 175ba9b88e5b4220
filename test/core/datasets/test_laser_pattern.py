# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a laser scanner leaves of dense truth."""

from dataclasses import replace

import numpy as np
import pytest

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.datasets.laser_pattern import (
    LaserLabels,
    elevation_deg,
    laser_mask,
    on_a_line,
    seen_by_laser,
)
from adu_depth_core.errors import InputError
from adu_depth_core.samples.sample import Missing, StereoSample

CAMERA = Camera(320, 96, 190.0, 190.0, 160.0, 40.0)
# One column that sees from 45 degrees above to 45 degrees below the horizon.
COLUMN = Camera(1, 2001, 1000.0, 1000.0, 0.0, 1000.0)


class Ramp:
    """Samples whose depth grows from left to right, with sky in the first rows."""

    missing = Missing()

    def __len__(self):
        return 400

    def __getitem__(self, index):
        depth = np.tile(np.linspace(5, 100, 320, dtype=np.float32), (96, 1))
        depth[:30] = np.inf
        image = np.zeros((96, 320, 3), np.uint8)
        rig = StereoRig(CAMERA, CAMERA, 0.5)
        return StereoSample(
            str(index),
            index,
            image,
            CAMERA,
            image,
            rig,
            depth_m=depth,
            right_depth_m=depth[:, ::-1],
        )


def test_elevation_is_measured_from_the_horizon_along_the_ray():
    camera = Camera(2, 3, 1.0, 1.0, 0.0, 1.0)
    aside = np.degrees(np.arctan(1 / np.sqrt(2)))
    np.testing.assert_allclose(
        elevation_deg(camera), [[45, aside], [0, 0], [-45, -aside]], atol=1e-5
    )


def test_field_of_view_begins_at_the_horizon_and_ends_24_8_degrees_below():
    rows = np.flatnonzero(seen_by_laser(COLUMN)[:, 0])
    assert rows[0] == 1000
    assert rows[-1] == 1000 + int(1000 * np.tan(np.radians(24.8)))
    assert len(rows) == rows[-1] - rows[0] + 1


def test_lines_are_64_at_even_angles():
    rows = np.flatnonzero(on_a_line(COLUMN)[:, 0])
    assert len(rows) == 64
    angles = np.degrees(np.arctan((rows - 1000) / 1000))
    np.testing.assert_allclose(np.diff(angles), 24.8 / 63, atol=0.06)
    assert angles[0] == 0


def test_lines_bend_with_the_distance_from_the_middle_column():
    camera = Camera(201, 301, 100.0, 100.0, 100.0, 0.0)
    one = 100 * np.tan(np.radians(24.8))
    assert on_a_line(camera)[round(one), 100]
    assert not seen_by_laser(camera)[round(one) + 2, 100]
    assert seen_by_laser(camera)[int(one * np.sqrt(2)), 200]


def test_scan_covers_a_twentieth_of_the_image_on_its_lines():
    depth = np.full((96, 320), 20.0, np.float32)
    mask = laser_mask(CAMERA, depth, np.random.default_rng(0))
    assert mask.sum() == round(0.05 * 96 * 320)
    assert not (mask & ~on_a_line(CAMERA)).any()


def test_nothing_above_the_horizon_nor_beyond_80_m_nor_in_the_sky_nor_unknown():
    rng = np.random.default_rng(0)
    depth = rng.choice(np.array([10, 79.5, 80.5, np.inf, np.nan], np.float32), (96, 320))
    mask = laser_mask(CAMERA, depth, rng)
    assert mask.any()
    assert not mask[:40].any()
    assert set(depth[mask].tolist()) == {10.0, 79.5}


def test_scene_without_a_return_gives_an_empty_mask():
    assert not laser_mask(
        CAMERA, np.full((96, 320), np.inf, np.float32), np.random.default_rng(0)
    ).any()


def test_about_the_share_of_the_samples_is_labelled_the_others_not_at_all():
    labels = LaserLabels(Ramp(), 0.25)
    labelled = [labels[i].depth_m is not None for i in range(len(labels))]
    assert 80 <= sum(labelled) <= 120
    assert all((labels[i].right_depth_m is not None) == labelled[i] for i in range(20))


@pytest.mark.parametrize(('share', 'labelled'), [(0, False), (1, True)])
def test_share_of_none_and_all(share, labelled):
    labels = LaserLabels(Ramp(), share)
    assert all((labels[i].depth_m is not None) == labelled for i in range(10))


def test_labels_are_values_of_the_truth_and_images_stay():
    sample, original = LaserLabels(Ramp(), 1)[3], Ramp()[3]
    for found, dense in (
        (sample.depth_m, original.depth_m),
        (sample.right_depth_m, original.right_depth_m),
    ):
        known = ~np.isnan(found)
        assert known.mean() == pytest.approx(0.05, abs=1e-4)
        np.testing.assert_array_equal(found[known], dense[known])
    assert sample.name == original.name
    np.testing.assert_array_equal(sample.left, original.left)


def test_labels_repeat_and_differ_by_index_and_seed():
    labels = LaserLabels(Ramp(), 1, seed=1)
    np.testing.assert_array_equal(labels[0].depth_m, labels[0].depth_m)
    for other in (labels[1], LaserLabels(Ramp(), 1, seed=2)[0]):
        assert (np.isnan(other.depth_m) != np.isnan(labels[0].depth_m)).any()


def test_right_image_is_scanned_with_its_own_camera():
    class Shifted(Ramp):
        def __getitem__(self, index):
            sample = super().__getitem__(index)
            return replace(
                sample,
                rig=StereoRig(CAMERA, replace(CAMERA, cx=0.0), 0.5),
                depth_m=np.full((96, 320), 9.0, np.float32),
                right_depth_m=np.full((96, 320), 9.0, np.float32),
            )

    sample = LaserLabels(Shifted(), 1)[0]
    right = ~np.isnan(sample.right_depth_m)
    assert not (right & ~on_a_line(replace(CAMERA, cx=0.0))).any()
    assert (right & ~on_a_line(CAMERA)).any()


def test_missing_is_what_the_data_set_lacks():
    assert LaserLabels(Ramp(), 0.5).missing is Ramp.missing


@pytest.mark.parametrize('share', [-0.1, 1.1, float('nan')])
def test_impossible_share_is_refused(share):
    with pytest.raises(InputError, match='between 0 and 1'):
        LaserLabels(Ramp(), share)
