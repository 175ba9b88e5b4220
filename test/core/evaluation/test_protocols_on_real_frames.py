# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Real frames: every figure of Eigen's protocols against plain numpy, truth against truth."""

import numpy as np
import pytest

from adu_depth_core.datasets.kitti_raw import KittiRaw
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.evaluate import scored
from adu_depth_core.evaluation.image_sums import counted_pixels
from adu_depth_core.evaluation.protocols import find_protocol
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.samples.image_files import read_depth_png

pytestmark = pytest.mark.real_data

FRAMES = 3
# Of images of 375 x 1242: first and last row, first and last column, ends excluded.
WINDOWS = {
    'eigen_garg_kb': (166, 372, 56, 1185),
    'eigen_garg_full': (153, 371, 44, 1197),
    'eigen_crop_full': (124, 342, 44, 1197),
}
LEVELS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]


@pytest.fixture(scope='module')
def frames(data_root):
    """Samples of drive 0002 and what the shipped model says of them."""
    dataset = KittiRaw(data_root / 'kitti_raw', drives=[f'0002[0-{FRAMES - 1}]'])
    predictor = Predictor.load().without_limits()
    samples = [dataset[index] for index in range(FRAMES)]
    return dataset, [(sample, predictor(sample.left, sample.camera)) for sample in samples]


def counted(window, sample, prediction):
    """True depth, clamped and plain predicted depth, and std of the pixels that count."""
    top, bottom, left, right = window
    g, p, s = (
        image[top:bottom, left:right].astype(np.float64)
        for image in (sample.depth_m, prediction.depth_m, prediction.std_m)
    )
    good = (g > 1e-3) & (g < 80)
    return g[good], np.clip(p[good], 1e-3, 80), p[good], s[good]


def errors(g, p):
    ratio, log = np.maximum(g / p, p / g), np.log(p) - np.log(g)
    return {
        'abs_rel': np.mean(abs(p - g) / g),
        'sq_rel': np.mean((p - g) ** 2 / g),
        'rmse': np.sqrt(np.mean((p - g) ** 2)),
        'rmse_log': np.sqrt(np.mean(log**2)),
        'd1': np.mean(ratio < 1.25),
        'd2': np.mean(ratio < 1.5625),
        'd3': np.mean(ratio < 1.953125),
        'silog': 100 * np.sqrt(np.mean(log**2) - np.mean(log) ** 2),
    }


def areas(g, p, relative, std):
    """AUSE and AURG step by step, as the definition has it."""
    error, ratio = abs(p - g), np.maximum(g / p, p / g)
    figures = {
        'abs_rel': (relative, error / g, lambda keep: np.mean(error[keep] / g[keep])),
        'rmse': (std, error**2, lambda keep: np.sqrt(np.mean(error[keep] ** 2))),
        'd1': (relative, ratio, lambda keep: np.mean(ratio[keep] >= 1.25)),
    }
    found = {}
    for name, (uncertainty, best, value) in figures.items():
        ours, oracle = (
            np.trapezoid(
                [*(value(-u >= np.percentile(-u, 2 * t)) for t in range(50)), 0], dx=1 / 50
            )
            for u in (uncertainty, best)
        )
        found[f'ause_{name}'] = ours - oracle
        found[f'aurg_{name}'] = value(slice(None)) - ours
    return found


@pytest.mark.parametrize('name', WINDOWS)
def test_figures_equal_a_computation_written_out_in_plain_numpy(frames, name):
    dataset, predicted = frames
    answers = iter([prediction for _, prediction in predicted])
    score = scored(dataset, find_protocol(name), lambda _: next(answers))
    rows, normalised, scales = [], [], []
    for sample, prediction in predicted:
        g, p, raw, s = counted(WINDOWS[name], sample, prediction)
        rows.append({**errors(g, p), **areas(g, p, (s / raw).astype(np.float32), s)})
        b = s / (np.sqrt(2) * raw)
        normalised.append(abs(np.log(raw / g)) / b)
        scales.append(b)
        answer = prediction.depth_m, prediction.std_m
        pixels = counted_pixels(find_protocol(name), *answer, sample.depth_m)
        np.testing.assert_array_equal(pixels.truth_m, g.astype(np.float32))
    expected = {figure: np.mean([row[figure] for row in rows]) for figure in rows[0]}
    n, b = np.concatenate(normalised), np.concatenate(scales)
    observed = [np.mean(n <= -np.log(1 - level)) for level in LEVELS]
    expected['coverage_error'] = np.mean(abs(np.subtract(observed, LEVELS)))
    expected['sharpness'], expected['nll'] = b.mean(), np.mean(n + np.log(2 * b))
    result = score.scores.result()
    assert result['figures'] == pytest.approx(expected, abs=1e-6)
    assert result['coverage']['observed'] == pytest.approx(observed, abs=1e-6)
    assert result['pixels'] == len(n)


def test_drive_without_truth_cannot_be_scored(data_root):
    dataset = KittiRaw(data_root / 'kitti_raw', drives=['0001[0-4]'])
    with pytest.raises(InputError, match='none of 3 images has truth that eigen_garg_kb counts'):
        scored(dataset, find_protocol('eigen_garg_kb'), lambda _: None)


@pytest.mark.parametrize(('picture', 'frame'), [('000002_10', 10), ('000003_10', 59)])
def test_projected_scans_agree_with_the_stereo_truth_of_kitti_2015(data_root, picture, frame):
    sample = KittiRaw(data_root / 'kitti_raw', drives=[f'0005[{frame}-{frame}]'])[0]
    disparity_px = read_depth_png(data_root / 'kitti_2015' / f'{picture}.png')
    stereo_m = sample.rig.depth_from_disparity(disparity_px)
    both = np.isfinite(stereo_m) & np.isfinite(sample.depth_m)
    difference = np.abs(sample.depth_m[both] / stereo_m[both] - 1)
    assert both.sum() > 5000
    assert np.median(difference) < 0.005
