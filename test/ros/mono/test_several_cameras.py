# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One model for several cameras: loaded once, asked in turn, freed with the last of them."""

import gc
import signal
import subprocess
import sys
import threading
import time
import weakref
from typing import Any

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.inference.predictor import Prediction
from adu_depth_ros.mono.shared_model import SharedModels, Turns
from ros_world import FakePredictor, World

CAMERA = Camera(4, 2, fx=4.0, fy=4.0, cx=1.5, cy=0.5)
IMAGE = np.zeros((2, 4, 3), np.uint8)


class Model:
    """Notes with which limits it was asked, and whether two asked at once."""

    runtime_name, device_name, precision = 'fake', 'cpu', 'float32'
    parity = None

    def __init__(self) -> None:
        self.max_depth, self.max_relative_std = 80.0, 0.5
        self.limits: list[tuple[float, float]] = []
        self.at_once = self.most_at_once = 0

    def warm_up(self, width: int, height: int) -> None:
        pass

    def output_camera(self, camera: Camera) -> Camera:
        return camera

    def __call__(
        self, image: np.ndarray, camera: Camera, out: Prediction | None = None
    ) -> Prediction:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(0.001)
        self.limits.append((self.max_depth, self.max_relative_std))
        self.at_once -= 1
        return Prediction(np.ones((2, 4), np.float32), np.ones((2, 4), np.float32))


class Shelf:
    """Loads models and remembers them without holding them."""

    def __init__(self) -> None:
        self.made: list[weakref.ref[Model]] = []

    def load(self, model: str, **options: Any) -> Model:
        made = Model()
        self.made.append(weakref.ref(made))
        return made


def test_same_model_is_loaded_once_and_others_are_loaded_too() -> None:
    shelf = Shelf()
    models = SharedModels(shelf.load)
    shares = [
        models.load('tiny', device='cpu', runtime='auto'),
        models.load('tiny', runtime='auto', device='cpu'),
        models.load('tiny', runtime='auto', device='cuda'),
        models.load('base', runtime='auto', device='cpu'),
    ]
    assert len(shelf.made) == 3
    assert shares[0]._loaded is shares[1]._loaded


def test_model_is_freed_with_the_last_share_and_loaded_anew() -> None:
    shelf = Shelf()
    models = SharedModels(shelf.load)
    first, second = models.load('tiny'), models.load('tiny')
    del first
    gc.collect()
    assert shelf.made[0]() is not None
    del second
    gc.collect()
    assert shelf.made[0]() is None
    again = models.load('tiny')
    assert len(shelf.made) == 2
    assert again.runtime_name == 'fake'


def test_each_camera_keeps_its_own_limits() -> None:
    shelf = Shelf()
    models = SharedModels(shelf.load)
    near, far = models.load('tiny'), models.load('tiny')
    near.max_depth, near.max_relative_std = 10.0, 0.1
    for share in (near, far, near):
        share(IMAGE, CAMERA)
    model = shelf.made[0]()
    assert model is not None
    assert model.limits == [(10.0, 0.1), (80.0, 0.5), (10.0, 0.1)]
    assert models.load('tiny').max_depth == 80.0  # that of the model, not of who asked last


def test_cameras_are_never_asked_for_at_once() -> None:
    shelf = Shelf()
    models = SharedModels(shelf.load)
    shares = [models.load('tiny') for _ in range(4)]
    threads = [
        threading.Thread(target=lambda share=share: [share(IMAGE, CAMERA) for _ in range(10)])
        for share in shares
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    model = shelf.made[0]()
    assert model is not None
    assert (model.most_at_once, len(model.limits)) == (1, 40)


def test_turns_come_in_the_order_of_asking() -> None:
    turns, order = Turns(), []

    def ask(name: int) -> None:
        with turns:
            order.append(name)

    with turns:
        threads = []
        for name in range(5):
            threads.append(threading.Thread(target=ask, args=(name,)))
            threads[-1].start()
            while turns._asked < name + 2:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(5))


def test_model_that_fails_gives_its_turn_on() -> None:
    turns = Turns()
    with pytest.raises(RuntimeError), turns:
        raise RuntimeError('out of memory')
    with turns:
        pass


def test_two_nodes_in_two_namespaces_share_a_model_and_mix_nothing(
    world: World, predictor: FakePredictor
) -> None:
    loaded = []
    models = SharedModels(lambda model, **options: loaded.append(model) or predictor)
    lives = {}
    for name_space in ('/front', '/robot/rear'):
        audience, camera = (
            world.audience(name_space=name_space),
            world.camera(name_space=name_space),
        )
        node = world.mono_depth(load=models.load, name_space=name_space)
        world.spin_until_state(node, 'active')
        camera.wait_for_node()
        audience.wait_for_node(node)
        camera.send_info(node)
        lives[name_space] = node, camera, audience
    sent = {}
    for count in (1, 2):
        for name_space, (_node, camera, _audience) in lives.items():
            sent[name_space, count] = camera.send()
        for name_space, (_node, _camera, audience) in lives.items():
            audience.wait_for(count)
            for messages in audience.received.values():
                assert messages[-1].header == sent[name_space, count].header
    assert loaded == ['tiny']
    for node, _camera, _audience in lives.values():
        world.spin_until(lambda node=node: node.frames_out == 2, 'both are counted')
        assert (node.frames_in, node.dropped) == (2, 0)


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        ([], 'the following arguments are required: namespaces'),
        (['front', '/front/'], 'two cameras cannot share a namespace: /front /front'),
        (['fr ont'], 'fr ont is no namespace: '),
    ],
)
def test_namespaces_that_cannot_be_are_refused(words: list[str], sentence: str) -> None:
    done = subprocess.run(
        [sys.executable, '-m', 'adu_depth_ros.mono.mono_depth_cameras', *words],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert sentence in done.stderr
    assert 'Traceback' not in done.stderr


def test_process_of_several_cameras_ends_cleanly_with_a_signal() -> None:
    words = ['front', 'rear', '--ros-args', '-p', 'model:=/no/model.onnx']
    process = subprocess.Popen(
        [sys.executable, '-m', 'adu_depth_ros.mono.mono_depth_cameras', *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = ''
        while said.count('cannot configure: /no/model.onnx: no such model file') < 2:
            line = process.stdout.readline()
            assert line, said
            said += line
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0
    assert '[front.mono_depth_node]' in said
    assert '[rear.mono_depth_node]' in said
    assert 'Traceback' not in said + rest
