# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Text files of other people's data sets: calibrations, split files, times, extrinsics."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from adu_depth_core.bags.transforms import read_extrinsics
from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.datasets.driving_stereo_calibration import read_rig
from adu_depth_core.datasets.kitti_calibration import read_calibration
from adu_depth_core.datasets.kitti_frames import CAMERAS, read_split
from adu_depth_core.datasets.kitti_official import _read_intrinsics
from adu_depth_core.datasets.kitti_raw import _cached_stamps
from adu_depth_core.datasets.subsets import indices_of_drives
from random_cases import Cases

Near = Callable[[Any], st.SearchStrategy[Any]]

P = '721.5 0 609.6 {} 0 721.5 172.9 0 0 0 1 0'
CAMERAS_FILE = (
    f'S_rect_02: 1242 375\nR_rect_00: 1 0 0 0 1 0 0 0 1\n'
    f'P_rect_02: {P.format(44.9)}\nP_rect_03: {P.format(-339.5)}\n'
).encode()
SCANNER_FILE = b'calib_time: 15-Mar-2012\nR: 0 -1 0 0 0 -1 1 0 0\nT: -0.004 -0.07 -0.27\n'
DRIVING_FILE = (
    f'S_rect_101: 1242 375\nP_rect_101: {P.format(0)}\nP_rect_103: {P.format(-780)}\n'
    'T_103: -0.54 0 0\n'
).encode()
SPLIT_FILE = (
    b'2011_09_26/2011_09_26_drive_0002_sync 0000000069 l\n'
    b'2011_09_26/2011_09_26_drive_0005_sync 12 r\n'
)
TIMES_FILE = b'2011-09-26 13:02:25.594360375\n2011-09-26 13:02:25.697\n\n'
INTRINSICS_FILE = b'7.2e+02 0.0 6.0e+02 0.0 7.2e+02 1.7e+02 0.0 0.0 1.0\n'
EXTRINSICS = [
    {'parent': 'a', 'child': 'b', 'translation': [1, 2.0, 3], 'rotation': [0, 0, 0, 1]},
    {'parent': 'b', 'child': 'c', 'translation': [0, 0, 0], 'rotation': [0.5, 0.5, 0.5, 0.5]},
]


def is_sane(camera: Camera) -> bool:
    numbers = [camera.fx, camera.fy, camera.cx, camera.cy]
    return min(camera.width, camera.height, camera.fx, camera.fy) > 0 and bool(
        np.isfinite(numbers).all()
    )


def is_rig(rig: StereoRig) -> bool:
    return is_sane(rig.left) and is_sane(rig.right) and 0 < rig.baseline_m < np.inf


@given(st.data())
def test_calibration_of_kitti(
    cases: Cases, scratch: Path, spoilt: Near, data: st.DataObject
) -> None:
    (scratch / 'calib_cam_to_cam.txt').write_bytes(data.draw(spoilt(CAMERAS_FILE)))
    (scratch / 'calib_velo_to_cam.txt').write_bytes(data.draw(spoilt(SCANNER_FILE)))
    read = cases.outcome('calibration of KITTI', lambda: read_calibration(scratch))
    if read is not None:
        assert is_rig(read.rig)
        assert all(matrix.shape == (3, 4) for matrix in read.projection.values())
        assert all(np.isfinite(matrix).all() for matrix in read.projection.values())


@given(st.data())
def test_calibration_of_driving_stereo(
    cases: Cases, scratch: Path, spoilt: Near, data: st.DataObject
) -> None:
    path = scratch / 'driving.txt'
    path.write_bytes(data.draw(spoilt(DRIVING_FILE)))
    rig = cases.outcome('calibration of DrivingStereo', lambda: read_rig(path))
    assert rig is None or is_rig(rig)


@pytest.mark.parametrize('number', ['inf', 'nan', '1e999', '-1e308'])
@pytest.mark.parametrize(
    ('file', 'old'),
    [
        ('calib_cam_to_cam.txt', b'1242'),
        ('calib_cam_to_cam.txt', b'721.5'),
        ('calib_velo_to_cam.txt', b'-0.27'),
    ],
)
def test_calibration_with_a_number_that_no_camera_has_is_refused(
    cases: Cases, tmp_path: Path, file: str, old: bytes, number: str
) -> None:
    for name, content in (
        ('calib_cam_to_cam.txt', CAMERAS_FILE),
        ('calib_velo_to_cam.txt', SCANNER_FILE),
    ):
        new = content.replace(old, number.encode()) if name == file else content
        (tmp_path / name).write_bytes(new)
    assert cases.outcome('calibration of KITTI', lambda: read_calibration(tmp_path)) is None


@given(st.data())
def test_intrinsics_of_depth_selection(
    cases: Cases, scratch: Path, spoilt: Near, data: st.DataObject
) -> None:
    path = scratch / 'intrinsics.txt'
    path.write_bytes(data.draw(spoilt(INTRINSICS_FILE)))
    camera = cases.outcome('intrinsics of KITTI', lambda: _read_intrinsics(path, 1242, 375))
    assert camera is None or is_sane(camera)


@given(st.data())
def test_split_file(cases: Cases, scratch: Path, spoilt: Near, data: st.DataObject) -> None:
    path = scratch / 'split.txt'
    path.write_bytes(data.draw(spoilt(SPLIT_FILE)))
    for frame in cases.outcome('split file', lambda: read_split(path)) or ():
        assert frame.camera in CAMERAS.values()
        assert int(frame.stem) >= 0
        assert '..' not in Path(frame.drive).parts
        assert not Path(frame.drive).is_absolute()


@given(st.data())
def test_times_of_frames(cases: Cases, scratch: Path, spoilt: Near, data: st.DataObject) -> None:
    (scratch / 'oxts').mkdir(exist_ok=True)
    (scratch / 'oxts' / 'timestamps.txt').write_bytes(data.draw(spoilt(TIMES_FILE)))
    _cached_stamps.cache_clear()
    stamps = cases.outcome('timestamps.txt', lambda: _cached_stamps(scratch))
    assert all(isinstance(stamp, int) for stamp in stamps or ())


@given(st.data())
def test_extrinsics(
    cases: Cases, scratch: Path, odd: Near, spoilt: Near, data: st.DataObject
) -> None:
    path = scratch / 'extrinsics.yaml'
    whole = yaml.safe_dump(data.draw(odd(EXTRINSICS)), allow_unicode=True).encode()
    path.write_bytes(data.draw(st.just(whole) | spoilt(whole)))
    for transform in cases.outcome('extrinsics', lambda: read_extrinsics(path)) or ():
        turn = transform.matrix[:3, :3]
        assert transform.parent != transform.child
        assert np.isfinite(transform.matrix).all()
        np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-3)


@given(
    st.from_regex(r'(a|b)?(\[[0-9]{0,30}-[0-9]{0,30}\])?', fullmatch=True)
    | st.sampled_from(['a[0-1]', 'a[5-2]', 'a[4-9]', f'a[0-{"9" * 5000}]'])
    | st.text('ab[]-0189٣ \n', max_size=8)
)
def test_drives_of_a_recording(cases: Cases, drive: str) -> None:
    names = [f'a/{number}' for number in range(5)]
    chosen = cases.outcome('names of drives', lambda: indices_of_drives(names, [drive]))
    assert chosen is None or set(chosen) <= set(range(5))
    assert chosen is None or chosen


@pytest.mark.parametrize(
    'content',
    [b'a: &a [x, x]\nb: &b [*a, *a]\n', b'[' * 500, b'- ' * 500],
    ids=['aliases', 'flow', 'block'],
)
def test_yaml_that_grows_or_is_deep_is_refused(
    cases: Cases, scratch: Path, content: bytes
) -> None:
    path = scratch / 'deep.yaml'
    path.write_bytes(content)
    assert cases.outcome('extrinsics', lambda: read_extrinsics(path)) is None
