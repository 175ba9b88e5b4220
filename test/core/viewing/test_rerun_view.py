# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a Rerun recording holds, read back by Rerun itself."""

import signal
import socket
import subprocess
import sys
import urllib.request

import cv2
import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.inference.prediction import Prediction
from adu_depth_core.viewing import Moment

pytest.importorskip('rerun', reason="pip install '.[rerun]' brings it, which needs Python 3.11")

from rerun.chunk import RrdReader

from adu_depth_core.viewing.rerun_view import coloured_points
from adu_depth_core.viewing.sinks import Destination, opened_view

CAMERA = Camera(4, 2, 100.0, 110.0, 1.5, 0.5)
IMAGE = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
DEPTH = np.array([[1, 2, 4, 8], [np.nan, 16, 32, 70.123]], np.float32)
STD = (DEPTH / 10).astype(np.float32)


def rows(path):
    """Return the rows of each entity, as {entity: [{column: value}]}."""
    found = {}
    for chunk in RrdReader(path).stream().to_chunks():
        batch = chunk.to_record_batch()
        for row in range(batch.num_rows):
            values = {}
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                scalar = column[row]
                values[name] = scalar.value if hasattr(scalar, 'value') else scalar.as_py()
            found.setdefault(chunk.entity_path, []).append(values)
    return found


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / 'two.rrd'
    with opened_view(Destination(path)) as view:
        view.show(
            Moment(0, stamp_ns=1_700_000_000_123_456_789), IMAGE, CAMERA, Prediction(DEPTH, STD)
        )
        view.show(Moment(1, video_s=0.5), IMAGE, CAMERA, Prediction(DEPTH, STD), truth_m=DEPTH)
    return rows(path)


def metres(row):
    (form,) = row['DepthImage:format']
    assert (form['width'], form['height']) == (4, 2)
    (buffer,) = row['DepthImage:buffer']
    return np.array(buffer, np.uint8).view(np.float16).reshape(2, 4).astype(np.float32)


def test_entities_are_those_of_the_table(recording):
    frames = {entity: len(found) for entity, found in recording.items()}
    frames.pop('/__properties')
    assert frames == {
        '/': 1,
        '/camera': 2,
        '/camera/image': 2,
        '/camera/depth': 2,
        '/camera/std': 2,
        '/camera/truth': 1,
        '/points': 2,
    }


def test_depth_and_std_are_metres(recording):
    for entity, expected in (('/camera/depth', DEPTH), ('/camera/std', STD)):
        row = recording[entity][0]
        assert row['DepthImage:meter'] == [1.0]
        np.testing.assert_allclose(metres(row), expected, rtol=2**-11)


def test_colours_of_depth_mean_the_same_in_every_frame(tmp_path):
    path = tmp_path / 'ranges.rrd'
    with opened_view(Destination(path)) as view:
        for factor in (1, 3):
            scaled = Prediction(factor * DEPTH, factor * STD)
            view.show(Moment(factor), IMAGE, CAMERA, scaled)
    ranges = [row['DepthImage:depth_range'] for row in rows(path)['/camera/depth']]
    assert ranges[0] == ranges[1]
    assert 32 < ranges[0][0][1] <= 70.2


def test_pinhole_counts_from_the_edge_of_the_first_pixel(recording):
    row = recording['/camera'][0]
    (matrix,) = row['Pinhole:image_from_camera']  # column by column
    assert matrix == [100, 0, 0, 0, 110, 0, 2.0, 1.0, 1]
    assert row['Pinhole:resolution'] == [[4, 2]]


def test_points_are_pixels_of_known_depth_with_their_colour(recording):
    row = recording['/points'][0]
    points = np.array(row['Points3D:positions'])
    assert len(points) == 7
    # Pixel (3, 1): x = (3 - 1.5) / 100 z, y = (1 - 0.5) / 110 z.
    z = 70.123
    np.testing.assert_allclose(points[-1], [0.015 * z, 0.5 / 110 * z, z], rtol=1e-6)
    assert row['Points3D:colors'][-1] == int.from_bytes([21, 22, 23, 255], 'big')


def test_time_lines_are_stamp_video_and_number(recording):
    first, second = recording['/camera']
    assert (first['frame'], second['frame']) == (0, 1)
    assert first['stamp'] == 1_700_000_000_123_456_789
    assert 'video' not in first
    assert second['video'] == 500_000_000
    assert 'stamp' not in second


def test_picture_is_the_one_shown(tmp_path):
    image = cv2.GaussianBlur(
        np.random.default_rng(0).integers(0, 255, (32, 48, 3), np.uint8), (0, 0), 5
    )
    camera = Camera(48, 32, 50.0, 50.0, 24.0, 16.0)
    depth = np.full((32, 48), np.nan, np.float32)
    path = tmp_path / 'picture.rrd'
    with opened_view(Destination(path)) as view:
        view.show(Moment(0), image, camera, Prediction(depth, depth))
    (blob,) = rows(path)['/camera/image'][0]['EncodedImage:blob']
    decoded = cv2.imdecode(np.array(blob, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    assert np.abs(decoded.astype(int) - image).mean() < 3
    assert rows(path)['/points'][0]['Points3D:positions'] == []


def test_cloud_has_no_more_points_than_asked_for():
    camera = Camera(101, 67, 50.0, 50.0, 50.0, 33.0)
    depth = np.full((67, 101), 5.0, np.float32)
    image = np.zeros((67, 101, 3), np.uint8)
    for most in (1, 10, 1000, 6766, 6767):
        points, colours = coloured_points(image, camera, depth, most)
        assert most / 5 <= len(points) <= most
        assert len(colours) == len(points)


def test_file_is_left_as_it_was_where_showing_fails(tmp_path):
    path = tmp_path / 'old.rrd'
    path.write_bytes(b'old')
    with pytest.raises(RuntimeError), opened_view(Destination(path)):
        raise RuntimeError
    assert path.read_bytes() == b'old'
    assert list(tmp_path.iterdir()) == [path]


def test_window_without_a_display_is_refused(monkeypatch):
    monkeypatch.delenv('DISPLAY', raising=False)
    monkeypatch.delenv('WAYLAND_DISPLAY', raising=False)
    monkeypatch.setattr(sys, 'platform', 'linux')
    with (
        pytest.raises(InputError, match=r'^--view: there is no display here; take --web'),
        opened_view(Destination(window=True)),
    ):
        pass


def free_ports():
    with socket.socket() as one, socket.socket() as other:
        one.bind(('127.0.0.1', 0))
        other.bind(('127.0.0.1', 0))
        return one.getsockname()[1], other.getsockname()[1]


def test_taken_port_is_named():
    data, page = free_ports()
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', page))
        taken.listen()
        with (
            pytest.raises(InputError, match=rf'^--web: port {page} is taken \(.*--ports$'),
            opened_view(Destination(browser=True, data_port=data, page_port=page)),
        ):
            pass


def test_page_and_frames_are_served_until_ctrl_c(tmp_path):
    cv2.imwrite(str(tmp_path / 'street.png'), np.full((64, 128, 3), 128, np.uint8))
    data, page = free_ports()
    words = ['predict', str(tmp_path), '--web', '--ports', str(data), str(page)]
    with subprocess.Popen(
        [sys.executable, '-m', 'adu_depth_core', *words], stdout=subprocess.PIPE, text=True
    ) as command:
        assert command.stdout is not None
        address = command.stdout.readline().removeprefix('open ').strip()
        assert f'127.0.0.1%3A{data}%2Fproxy' in address
        assert (
            f'-L {page}:127.0.0.1:{page} -L {data}:127.0.0.1:{data}' in command.stdout.readline()
        )
        assert 'Ctrl-C ends' in command.stdout.readline()
        with urllib.request.urlopen(address.partition('?')[0]) as answer:
            assert b'rerun' in answer.read().lower()
        socket.create_connection(('127.0.0.1', data)).close()
        command.send_signal(signal.SIGINT)
        assert 'showed depth and std of 1 images' in command.stdout.read()
    assert command.returncode == 0
