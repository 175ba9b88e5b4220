# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What was found in a data set, as numbers and as lines for people."""

from collections.abc import Sequence
from dataclasses import dataclass, field

SHOWN = 3


@dataclass
class DepthFigures:
    """
    Sums over the frames that have a depth map.

    Attributes
    ----------
    frames : int
        Frames with at least one known pixel.
    density_min, density_mean, density_max : float
        Share of known pixels in a frame, sky included.
    sky_mean : float
        Share of pixels that are infinitely far.
    nearest_m, farthest_m : float, optional
        Over all frames, without sky.

    """

    frames: int = 0
    density_min: float = 1.0
    density_mean: float = 0.0
    density_max: float = 0.0
    sky_mean: float = 0.0
    nearest_m: float | None = None
    farthest_m: float | None = None


@dataclass
class DataReport:
    """
    What `check_dataset` found.

    Attributes
    ----------
    frames : int
        That the data set holds.
    checked : int
        That were read.
    missing : dict
        Names of frames by what they lack.
    drives : dict
        Number of frames by drive; of the checked ones where a data set does not know the names
        of its samples without reading them.
    cameras : dict
        Number of checked frames by camera, in words.
    pairs : int
        Checked frames with a right image and a rig.
    truth, right_truth, teacher : DepthFigures
        Of the left image, the right one, and what a teacher said.
    baseline_factors : dict
        Number of checked frames by what `best_baseline_factor` found.
    unreadable, inconsistent : list of str
        Frame and reason.

    """

    frames: int
    checked: int = 0
    missing: dict[str, list[str]] = field(default_factory=dict)
    drives: dict[str, int] = field(default_factory=dict)
    cameras: dict[str, int] = field(default_factory=dict)
    pairs: int = 0
    truth: DepthFigures = field(default_factory=DepthFigures)
    right_truth: DepthFigures = field(default_factory=DepthFigures)
    teacher: DepthFigures = field(default_factory=DepthFigures)
    baseline_factors: dict[float, int] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    inconsistent: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether everything could be read and nothing contradicts itself."""
        return not (self.unreadable or self.inconsistent)


def text(report: DataReport) -> str:
    """Return a report as lines for people."""
    rows = [
        ('frames', f'{report.frames}, {report.checked} checked'),
        ('drives', str(len(report.drives))),
        *(('missing', _missing(kind, names)) for kind, names in sorted(report.missing.items())),
        *(('camera', f'{camera}: {count} frames') for camera, count in _most(report.cameras)),
        ('pairs', f'{report.pairs} with a right image'),
        ('truth', _depth(report.truth)),
        ('right truth', _depth(report.right_truth)),
        ('teacher', _depth(report.teacher)),
        *_baseline(report),
        *_listed('unreadable', report.unreadable),
        *_listed('inconsistent', report.inconsistent),
    ]
    return '\n'.join(line(name, value) for name, value in rows)


def line(name: str, value: str) -> str:
    """Return one finding under its name."""
    return f'  {name:<16}{value}'


def _missing(kind: str, names: Sequence[str]) -> str:
    return f'{len(names)} frames without {kind} (first: {names[0]})'


def _most(counts: dict[str, int]) -> list[tuple[str, int]]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = ordered[SHOWN:]
    others = [(f'{len(rest)} others', sum(count for _, count in rest))] if rest else []
    return ordered[:SHOWN] + others


def _depth(figures: DepthFigures) -> str:
    if not figures.frames:
        return 'none'
    sky = f', sky {figures.sky_mean:.1%}' if figures.sky_mean else ''
    reach = ''
    if figures.nearest_m is not None:
        reach = f', {figures.nearest_m:.1f} to {figures.farthest_m:.1f} m'
    return (
        f'{figures.frames} frames, {figures.density_mean:.1%} of the pixels '
        f'({figures.density_min:.1%} to {figures.density_max:.1%}){sky}{reach}'
    )


def _baseline(report: DataReport) -> list[tuple[str, str]]:
    judged = sum(report.baseline_factors.values())
    if not judged:
        return []
    good = report.baseline_factors.get(1.0, 0)
    return [('baseline', f'fits images and truth in {good} of {judged} frames')]


def _listed(name: str, findings: Sequence[str]) -> list[tuple[str, str]]:
    shown = [(name, str(len(findings))), *(('', finding) for finding in findings[:SHOWN])]
    hidden = len(findings) - SHOWN
    return [*shown, ('', f'… and {hidden} more')] if hidden > 0 else shown
