# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures and arrays: PNG, JPEG, npy, npz and the laser scans of KITTI."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adu_depth_core.camera import Camera
from adu_depth_core.datasets.pseudo_depth import _read_map
from adu_depth_core.samples.cached import CachedSamples
from adu_depth_core.samples.image_files import read_depth_png, read_rgb
from adu_depth_core.samples.projection import read_scan
from adu_depth_core.samples.sample import Missing, StereoSample
from random_cases import Cases

Near = Callable[[Any], st.SearchStrategy[Any]]

COLOURS = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
MILLIMETRES = np.arange(24, dtype=np.uint16).reshape(4, 6) * 1000
SAMPLE = StereoSample('a/0', 1, COLOURS, Camera(6, 4, 10.0, 11.0, 2.5, 1.5))


def encoded(suffix: str, pixels: np.ndarray) -> bytes:
    return cv2.imencode(suffix, pixels)[1].tobytes()


def npz(**arrays: np.ndarray) -> bytes:
    stream = BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def npy(array: np.ndarray) -> bytes:
    stream = BytesIO()
    np.save(stream, array)
    return stream.getvalue()


PICTURES = [encoded('.png', COLOURS), encoded('.jpg', COLOURS)]
DEPTH_FILES = [encoded('.png', MILLIMETRES), encoded('.png', COLOURS)]
ARRAYS = [
    ('.npy', npy(np.ones((4, 6), np.float32))),
    ('.npz', npz(depth=np.ones((4, 6)))),
    ('.npz', npz(a=np.ones((4, 6)), b=np.ones(2))),
    ('.npy', npy(np.array(['text'] * 4))),
    ('.npy', npy(np.ones((4, 6), np.complex128))),
    ('.npy', npy(np.full((4, 6), 1 << 60, np.int64))),
]


@given(st.data(), st.sampled_from(PICTURES))
def test_picture(
    cases: Cases, scratch: Path, spoilt: Near, data: st.DataObject, whole: bytes
) -> None:
    path = scratch / 'picture'
    path.write_bytes(data.draw(spoilt(whole)))
    picture = cases.outcome('PNG and JPEG', lambda: read_rgb(path))
    if picture is not None:
        assert picture.dtype == np.uint8
        assert picture.ndim == 3
        assert picture.shape[2] == 3
        assert 0 < picture.size < 2**28


@given(st.data(), st.sampled_from(DEPTH_FILES))
def test_depth_png(
    cases: Cases, scratch: Path, spoilt: Near, data: st.DataObject, whole: bytes
) -> None:
    path = scratch / 'depth.png'
    path.write_bytes(data.draw(spoilt(whole)))
    depth_m = cases.outcome('depth PNG', lambda: read_depth_png(path))
    if depth_m is not None:
        assert depth_m.dtype == np.float32
        assert (np.isnan(depth_m) | ((depth_m > 0) & (depth_m < 256))).all()


@given(st.data(), st.sampled_from(ARRAYS))
def test_depth_map_of_an_outside_system(
    cases: Cases, scratch: Path, spoilt: Near, data: st.DataObject, file: tuple[str, bytes]
) -> None:
    path = scratch / f'map{file[0]}'
    path.write_bytes(data.draw(spoilt(file[1])))
    depth_m = cases.outcome('npy and npz', lambda: _read_map(path, (4, 6)))
    assert depth_m is None or (depth_m.shape, depth_m.dtype) == ((4, 6), np.float32)


class OneSample:
    """A data set of one sample."""

    missing = Missing()

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> StereoSample:
        return SAMPLE


@given(st.data())
def test_spoilt_cache_never_stops_a_training(
    cases: Cases, scratch: Path, spoilt: Near, data: st.DataObject
) -> None:
    cached = CachedSamples(OneSample(), scratch / 'cache')
    path = scratch / 'cache' / '0000000.sample.npz'
    path.unlink(missing_ok=True)
    cached[0]
    path.write_bytes(data.draw(spoilt(path.read_bytes())))
    sample = cases.outcome('cache of samples', lambda: cached[0])
    assert sample is not None
    assert sample.left.shape == (4, 6, 3)
    assert sample.left.dtype == np.uint8
    assert sample.camera == SAMPLE.camera


@given(st.binary(max_size=64))
def test_laser_scan(cases: Cases, scratch: Path, content: bytes) -> None:
    path = scratch / 'scan.bin'
    path.write_bytes(content)
    scan = cases.outcome('laser scan', lambda: read_scan(path))
    assert scan is None or (scan.shape[1] == 4 and len(scan) > 0)
