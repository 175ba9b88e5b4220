# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Data sets by name: `kitti_raw:ROOT`, `recording:FOLDER`, `synthetic:SEED` and the others."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from adu_depth_core.datasets.driving_stereo import PARTS, DrivingStereo
from adu_depth_core.datasets.joined_recordings import JoinedRecordings
from adu_depth_core.datasets.kitti_official import (
    SELECTIONS,
    TREES,
    DepthSelection,
    SelectionTruth,
    open_annotated,
)
from adu_depth_core.datasets.kitti_raw import KittiRaw, Truth
from adu_depth_core.datasets.subsets import (
    ChosenFrames,
    WithoutTruth,
    first_frames,
    indices_of_drives,
)
from adu_depth_core.errors import InputError
from adu_depth_core.recording import Recording
from adu_depth_core.samples.sample import StereoDataset
from adu_depth_core.user_paths import user_path

DEFAULT_FRAMES = 100
_SEED = re.compile('[0-9]{1,18}')


@dataclass(frozen=True)
class Request:
    """What `open_dataset` was asked for; `argument` is what follows the kind in `spec`."""

    spec: str
    argument: str
    drives: Sequence[str]
    split_file: Path | None
    truth: Truth
    limit: int | None


def open_dataset(
    spec: str,
    *,
    drives: Sequence[str] = (),
    split_file: Path | None = None,
    truth: Truth = 'auto',
    limit: int | None = None,
) -> StereoDataset:
    """
    Open a data set.

    Parameters
    ----------
    spec : str
        One of

        - `kitti_raw:ROOT`
        - `kitti_official:ANNOTATED,RAW` with the truth of `data_depth_annotated`, or its part
          `…#train` or `…#val`; `kitti_official:ROOT#val_selection` and `…#test`
        - `driving_stereo:ROOT`, or its part `…#train`, `…#test`, `…#half`, `…#full`
        - `recording:FOLDER`
        - `recordings:FOLDER`: all recordings below it, or `recordings:PATTERN` with `*`: those of
          the folders that it names, see `JoinedRecordings`
        - `synthetic:SEED`: one drive at 10 Hz through KITTI's camera
        - `synthetic_scenes:SEED`: unrelated scenes through random cameras
        - `synthetic_near:SEED`: the same, standing before cars, walls and people

        Environment variables and `~` in folders are put in: `kitti_raw:$ADU_DEPTH_DATA/kitti_raw`.
    drives : sequence of str
        Drives of KITTI (see `frames_of_drives`), sequences of DrivingStereo, or what stands
        before the frame in the names of a recording's samples (see `indices_of_drives`).
    split_file : Path, optional
        Frames of KITTI, see `read_split`.
    truth : str
        Where the truth of KITTI comes from, see `KittiRaw`. `none` hides it in every data set.
    limit : int, optional
        Use the first so many frames; a synthetic set has 100 without it.

    Raises
    ------
    InputError
        When the kind is unknown or its files cannot be used.

    """
    kind, _, argument = spec.partition(':')
    if kind not in KINDS or not argument:
        raise InputError(f'data "{spec}": expected {", ".join(f"{k}:…" for k in KINDS)}')
    dataset = KINDS[kind](Request(spec, argument, drives, split_file, truth, limit))
    if truth == 'none':
        dataset = WithoutTruth(dataset)
    return dataset if limit is None else first_frames(dataset, limit)


def _kitti_raw(request: Request) -> StereoDataset:
    return KittiRaw(
        user_path(request.argument),
        drives=request.drives,
        split_file=request.split_file,
        truth=request.truth,
    )


def _kitti_official(request: Request) -> StereoDataset:
    folders, part = _folders_and_part(request, [*TREES, *SELECTIONS])
    annotated, _, raw = folders.partition(',')
    if part in SELECTIONS:
        _refuse_frames(request)
        return DepthSelection(user_path(annotated), part, truth=_selection_truth(request))
    _refuse_truth(request, 'groundtruth')
    return open_annotated(
        user_path(annotated),
        user_path(raw or annotated),
        trees=[part] if part else TREES,
        drives=request.drives,
        split_file=request.split_file,
    )


def _selection_truth(request: Request) -> SelectionTruth:
    if request.truth in ('velodyne_raw', 'none'):
        return request.truth
    _refuse_truth(request, 'groundtruth')
    return 'groundtruth'


def _driving_stereo(request: Request) -> StereoDataset:
    _refuse_truth(request)
    _refuse_split(request)
    root, part = _folders_and_part(request, list(PARTS))
    return DrivingStereo(user_path(root), part=part, sequences=request.drives)


def _recording(request: Request) -> StereoDataset:
    _refuse_truth(request)
    _refuse_split(request)
    return _of_drives(Recording(user_path(request.argument)), request)


def _recordings(request: Request) -> StereoDataset:
    _refuse_truth(request)
    _refuse_split(request)
    return _of_drives(JoinedRecordings(str(user_path(request.argument))), request)


def _of_drives(dataset: Recording | JoinedRecordings, request: Request) -> StereoDataset:
    if not request.drives:
        return dataset
    return ChosenFrames(dataset, indices_of_drives(dataset.names, request.drives))


def _synthetic(request: Request) -> StereoDataset:
    asked = _seed_and_frames(request)
    # Rendering needs torch; reading recorded data does not.
    from adu_depth_core.synthetic import SyntheticDrive

    return SyntheticDrive(*asked)


def _synthetic_scenes(request: Request) -> StereoDataset:
    asked = _seed_and_frames(request)
    from adu_depth_core.synthetic import SyntheticScenes

    return SyntheticScenes(*asked)


def _synthetic_near(request: Request) -> StereoDataset:
    asked = _seed_and_frames(request)
    from adu_depth_core.synthetic import SyntheticScenes

    return SyntheticScenes(*asked, near=True)


KINDS: dict[str, Callable[[Request], StereoDataset]] = {
    'kitti_raw': _kitti_raw,
    'kitti_official': _kitti_official,
    'driving_stereo': _driving_stereo,
    'recording': _recording,
    'recordings': _recordings,
    'synthetic': _synthetic,
    'synthetic_scenes': _synthetic_scenes,
    'synthetic_near': _synthetic_near,
}


def _seed_and_frames(request: Request) -> tuple[int, int]:
    _refuse_frames(request)
    _refuse_truth(request)
    if not _SEED.fullmatch(request.argument):
        raise InputError(f'data "{request.spec}": the seed must be a whole number below 10^18')
    return int(request.argument), request.limit or DEFAULT_FRAMES


def _folders_and_part(request: Request, parts: Sequence[str]) -> tuple[str, str | None]:
    """Take the part off `FOLDERS#part`."""
    folders, has_part, part = request.argument.partition('#')
    if has_part and part not in parts:
        raise InputError(f'data "{request.spec}": part "{part}" is none of {", ".join(parts)}')
    return folders, part or None


def _refuse_frames(request: Request) -> None:
    _refuse_split(request)
    if request.drives:
        raise InputError(f'data "{request.spec}": has no drives')


def _refuse_split(request: Request) -> None:
    if request.split_file:
        raise InputError(f'data "{request.spec}": split files are for KITTI alone')


def _refuse_truth(request: Request, *known: str) -> None:
    """Refuse a source of truth that a data set does not have; `none` is everybody's."""
    if request.truth not in ('auto', 'none', *known):
        choice = ', '.join(('auto', 'none', *known))
        raise InputError(f'data "{request.spec}": truth "{request.truth}" is none of {choice}')
