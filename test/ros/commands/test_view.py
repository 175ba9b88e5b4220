# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth view`: which frames of a recording, and of a node's topics, come to be shown."""

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import rclpy
from rclpy.context import Context
from rclpy.node import Node
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CameraInfo, Image

from adu_depth_core.bags import BagMessage, bag_writer
from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.messages.camera_info import calibration_of
from adu_depth_core.messages.rectifying import AS_SAID
from adu_depth_core.messages.stamped import camera_info_message, image_message
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, IMAGE_TYPE
from adu_depth_core.samples.raw_image import RawImage
from adu_depth_ros.commands import view
from adu_depth_ros.playback.live_storage import MAX_WAITING, LiveStorage

CAMERA = Camera(64, 32, 40.0, 40.0, 31.5, 15.5)
TYPES = {IMAGE_TYPE: Image, CAMERA_INFO_TYPE: CameraInfo}
PUBLISHED = ['--depth-topic', '/depth/image_rect', '--std-topic', '/depth_std/image_rect']


def messages(number: int) -> list[tuple[str, str, bytes]]:
    """Return what is said of one frame: a depth of 10 m + number, and a tenth of it as std."""
    stamp_ns, frame_id = (number + 1) * 100_000_000, 'camera'
    depth_m = np.full((32, 64), 10 + number, np.float32)

    def image(pixels: Any, encoding: str) -> bytes:
        return image_message(pixels, encoding=encoding, stamp_ns=stamp_ns, frame_id=frame_id)

    info = camera_info_message(CAMERA, stamp_ns=stamp_ns, frame_id=frame_id)
    return [
        ('/image_rect', IMAGE_TYPE, image(np.full((32, 64, 3), 50 + number, np.uint8), 'rgb8')),
        ('/camera_info', CAMERA_INFO_TYPE, info),
        ('/depth/camera_info', CAMERA_INFO_TYPE, info),
        ('/depth/image_rect', IMAGE_TYPE, image(depth_m, '32FC1')),
        ('/depth_std/image_rect', IMAGE_TYPE, image(depth_m / 10, '32FC1')),
    ]


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    """Three frames; of the second nothing was published."""
    with bag_writer(tmp_path / 'bag') as writer:
        for number in range(3):
            for topic, msgtype, data in messages(number):
                if number != 1 or not topic.startswith('/depth'):
                    writer.write(topic, msgtype, data, (number + 1) * 100_000_000)
    return tmp_path / 'bag'


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What comes to be shown, noted in place of Rerun."""
    found: list[Any] = []

    def show(moment: Any, image: Any, camera: Any, prediction: Any, truth_m: Any = None) -> None:
        values = {'moment': moment, 'image': image, 'camera': camera, 'truth_m': truth_m}
        found.append(SimpleNamespace(prediction=prediction, **values))

    @contextmanager
    def asked_for(options: Any, stop: Any) -> Iterator[Any]:
        yield SimpleNamespace(show=show)

    monkeypatch.setattr(view, 'view_asked_for', asked_for)
    return found


def test_published_depth_of_a_recording_is_shown_with_its_image(
    bag: Path, shown: list[Any]
) -> None:
    assert view.main([str(bag), '--image-topic', '/image_rect', *PUBLISHED]) == 0
    assert [frame.moment for frame in shown] == [(0, 100_000_000, None), (1, 300_000_000, None)]
    assert [frame.image[0, 0, 0] for frame in shown] == [50, 52]
    for frame, depth_m in zip(shown, (10, 12), strict=True):
        np.testing.assert_array_equal(frame.prediction.depth_m, np.float32(depth_m))
        np.testing.assert_allclose(frame.prediction.std_m, depth_m / 10, rtol=1e-6)
        assert frame.camera == CAMERA
        assert frame.truth_m is None


def test_without_published_depth_a_model_predicts_and_truth_stands_beside_it(
    bag: Path, shown: list[Any]
) -> None:
    words = ['--image-topic', '/image_rect', '--truth-topic', '/depth/image_rect']
    assert view.main([str(bag), *words, '--frames', '1', '--runtime', 'onnxruntime']) == 0
    (frame,) = shown
    expected = Predictor.load(runtime='onnxruntime')(frame.image, CAMERA)
    np.testing.assert_array_equal(frame.prediction.depth_m, expected.depth_m)
    np.testing.assert_array_equal(frame.truth_m, np.full((32, 64), 10, np.float32))


def test_model_is_given_a_raw_image_as_the_node_is(tmp_path: Path, shown: list[Any]) -> None:
    bent = deserialize_message(messages(0)[1][2], CameraInfo)
    bent.distortion_model, bent.d = 'plumb_bob', [-0.3, 0.05, 0.0, 0.0, 0.0]
    pixels = np.random.default_rng(0).integers(0, 255, (32, 64, 3), np.uint8)
    stamps = {'stamp_ns': 100_000_000, 'frame_id': 'camera'}
    with bag_writer(tmp_path / 'raw') as writer:
        writer.write('/camera_info', CAMERA_INFO_TYPE, serialize_message(bent), 1)
        image = image_message(pixels, encoding='rgb8', **stamps)
        writer.write('/image_raw', IMAGE_TYPE, image, 2)
    words = ['--image-topic', '/image_raw', '--runtime', 'onnxruntime']
    assert view.main([str(tmp_path / 'raw'), *words]) == 0
    (frame,) = shown
    calibration = calibration_of(bent)
    rectification = AS_SAID.of_image(calibration, '/image_raw', 64, 32)
    assert rectification is not None
    predictor = Predictor.load(runtime='onnxruntime')
    expected = predictor(RawImage(pixels, rectification), rectification.camera)
    np.testing.assert_array_equal(frame.prediction.depth_m, expected.depth_m)
    np.testing.assert_array_equal(frame.image, rectification.image(pixels, rectification.camera))


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        ([], r'^view: name either a recording or --topics'),
        (['bag', '--topics'], r'^view: name either'),
        (['/nowhere'], r'^/nowhere: '),
    ],
)
def test_what_cannot_be_shown_is_said(words: list[str], sentence: str, shown: list[Any]) -> None:
    with pytest.raises(InputError, match=sentence):
        view.main(words)
    assert shown == []


def test_depth_without_std_is_refused(bag: Path, shown: list[Any]) -> None:
    with pytest.raises(InputError, match='--depth-topic and --std-topic go together'):
        view.main([str(bag), '--image-topic', '/image_rect', *PUBLISHED[:2]])


def test_topics_of_a_node_are_shown_as_they_come(shown: list[Any]) -> None:
    context = Context()
    rclpy.init(context=context)
    node = Node('publisher', context=context)
    try:
        publishers = {
            topic: node.create_publisher(TYPES[msgtype], f'/front{topic}', 10)
            for topic, msgtype, _ in messages(0)
        }
        words = ['--topics', '--namespace', 'front', '--frames', '2']
        command = threading.Thread(target=view.main, args=(words,))
        command.start()
        number = 0
        while command.is_alive():
            for topic, _, data in messages(number):
                publishers[topic].publish(data)
            number += 1
            time.sleep(0.05)
        command.join()
    finally:
        node.destroy_node()
        rclpy.shutdown(context=context)
    assert len(shown) == 2
    for frame in shown:
        numbered = frame.moment.stamp_ns // 100_000_000 - 1
        assert frame.image[0, 0, 0] == 50 + numbered
        np.testing.assert_array_equal(frame.prediction.depth_m, np.float32(10 + numbered))


def test_what_comes_too_fast_is_dropped_and_counted() -> None:
    arrivals: queue.SimpleQueue[BagMessage] = queue.SimpleQueue()
    for number in range(MAX_WAITING + 5):
        arrivals.put(BagMessage('/a', IMAGE_TYPE, b'', number))
    live = LiveStorage({'/a': IMAGE_TYPE}, arrivals, lambda: False)
    seen = [message.time_ns for message in islice(live.messages(None, None, None), 2)]
    assert seen == [5, 6]
    assert live.dropped == 5


def test_storage_ends_when_asked_to() -> None:
    asked = iter([False, False, True])
    live = LiveStorage({}, queue.SimpleQueue(), lambda: next(asked))
    assert list(live.messages(None, None, None)) == []
