# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Reading a data set frame by frame: what is there, what is wrong, what is also tested on."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from adu_depth_core.camera import Camera
from adu_depth_core.datasets.checking.baseline import best_baseline_factor
from adu_depth_core.datasets.checking.consistency import calibration_contradiction, contradictions
from adu_depth_core.datasets.checking.report import DataReport, DepthFigures
from adu_depth_core.datasets.driving_stereo_calibration import calibration_ratio
from adu_depth_core.errors import InputError
from adu_depth_core.samples.sample import Depth, StereoDataset, StereoSample, drive_of, known_names

FACTOR_MEANS = {
    -1.0: 'left and right images seem exchanged',
    0.5: 'the baseline seems twice as long as it is',
    2.0: 'the baseline seems half as long as it is',
}


def check_dataset(dataset: StereoDataset, indices: Iterable[int]) -> DataReport:
    """
    Look through some frames of a data set.

    Parameters
    ----------
    dataset : StereoDataset
        Where it has a method `disparity_px(index)`, as `DrivingStereo`, depth times disparity is
        compared with the calibration.
    indices : iterable of int
        Of the frames to read.

    """
    report = DataReport(frames=len(dataset), missing=dataset.missing.names)
    names = known_names(dataset)
    read = [_check_frame(dataset, index, report) for index in indices]
    report.checked = len(read)
    _count_names(report, read if names is None else names)
    _judge_baseline(report)
    return report


def _check_frame(dataset: StereoDataset, index: int, report: DataReport) -> str:
    """Read one frame into the report and return its name."""
    try:
        sample = dataset[index]
        found = contradictions(sample) or _calibration(dataset, index, sample)
    except InputError as error:
        names = known_names(dataset)
        name = names[index] if names else f'frame {index}'
        report.unreadable.append(f'{name}: {error}')
        return name
    report.inconsistent += [f'{sample.name}: {reason}' for reason in found]
    if not found:
        _count(report, sample)
    return sample.name


def _count_names(report: DataReport, names: Sequence[str]) -> None:
    report.drives = dict(Counter(drive_of(name) for name in names))
    for name, count in Counter(names).items():
        if count > 1:
            report.inconsistent.append(f'{name}: {count} frames have this name')


def _calibration(dataset: StereoDataset, index: int, sample: StereoSample) -> list[str]:
    read_disparity: Any = getattr(dataset, 'disparity_px', None)
    if read_disparity is None or sample.rig is None or sample.depth_m is None:
        return []
    disparity_px = read_disparity(index)
    if disparity_px is None:
        return []
    return calibration_contradiction(calibration_ratio(sample.rig, sample.depth_m, disparity_px))


def _count(report: DataReport, sample: StereoSample) -> None:
    camera = _words(sample.camera, sample.rig.baseline_m if sample.rig else None)
    report.cameras[camera] = report.cameras.get(camera, 0) + 1
    report.pairs += sample.right is not None
    _add(report.truth, sample.depth_m)
    _add(report.right_truth, sample.right_depth_m)
    _add(report.teacher, sample.teacher_depth_m)
    factor = best_baseline_factor(sample)
    if factor is not None:
        report.baseline_factors[factor] = report.baseline_factors.get(factor, 0) + 1


def _words(camera: Camera, baseline_m: float | None) -> str:
    rig = '' if baseline_m is None else f', baseline {baseline_m:.4f} m'
    return f'{camera.width}x{camera.height}, fx {camera.fx:.2f}{rig}'


def _add(figures: DepthFigures, depth_m: Depth | None) -> None:
    if depth_m is None or np.isnan(depth_m).all():
        return
    density, sky = float((~np.isnan(depth_m)).mean()), float(np.isposinf(depth_m).mean())
    n = figures.frames = figures.frames + 1
    figures.density_min = min(figures.density_min, density)
    figures.density_max = max(figures.density_max, density)
    figures.density_mean += (density - figures.density_mean) / n
    figures.sky_mean += (sky - figures.sky_mean) / n
    known = depth_m[np.isfinite(depth_m)]
    if len(known):
        near, far = float(known.min()), float(known.max())
        figures.nearest_m = min(near, figures.nearest_m or near)
        figures.farthest_m = max(far, figures.farthest_m or far)


def _judge_baseline(report: DataReport) -> None:
    """Hold the calibration to be wrong where most frames say so in the same way."""
    judged = sum(report.baseline_factors.values())
    for factor, meaning in FACTOR_MEANS.items():
        count = report.baseline_factors.get(factor, 0)
        if 2 * count > judged:
            report.inconsistent.append(f'{meaning}: so in {count} of {judged} frames')


def shared_drives(drives: Iterable[str], tested: Iterable[str]) -> list[str]:
    """
    Return those of some drives that the names of tested samples speak of, sorted.

    Frames of one drive show the same street: a split goes between drives, never through one.
    """
    return sorted(set(drives) & {drive_of(name) for name in tested})
