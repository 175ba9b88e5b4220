# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""docs/record_and_finetune.md, command by command: small pictures, an untrained teacher."""

import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rclpy
import torch
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from std_srvs.srv import Trigger

from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.inference.model_file import write_model_file
from adu_depth_core.inference.model_info import TeacherInfo
from adu_depth_core.models.teacher import Teacher
from adu_depth_core.recording import Recording, RecordingWriter
from adu_depth_core.samples.sample import StereoSample

REPOSITORY = Path(__file__).parents[2]
DOCUMENT = REPOSITORY / 'docs' / 'record_and_finetune.md'
EXECUTABLES = REPOSITORY / 'executables'  # what `ros2 run` finds
DEADLINE_S = 60.0
CAMERA = Camera(160, 64, 100.0, 100.0, 79.5, 31.5)
FRAMES = 12
# What a reader waits for, and a test does not: rendering, and networks of full size.
SMALLER = {
    '--data synthetic:1 --frames 100': '--data recording:small',
    '--data synthetic:2 --frames 10': '--data recording:small --frames 2',
    '--optimiser.steps 20': '--optimiser.steps 20 --data.sizes [[96,32]] --data.batch_size 2 '
    '--data.workers 0 --device cpu',
    '-p model:=': '-p device:=cpu -p model:=',
    '--teacher teacher': '--device cpu --teacher teacher',
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def commands() -> list[list[str]]:
    """Return the words of every command in the document."""
    blocks = re.findall(r'```bash\n(.*?)```', DOCUMENT.read_text(), re.DOTALL)
    text = ''.join(blocks)
    for long, short in SMALLER.items():
        assert long in text
        text = text.replace(long, short)
    return [shlex.split(line) for line in text.splitlines()]


def pair(number: int) -> StereoSample:
    rng = np.random.default_rng(number)
    left = rng.integers(0, 255, (8, 20, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    depth = np.full(left.shape[:2], 10.0, np.float32)
    rig = StereoRig(CAMERA, CAMERA, 0.5)
    stamp_ns = 10**12 + number * 10**8
    right = np.roll(left, -5, 1)
    return StereoSample(f'small/{number:03d}', stamp_ns, left, CAMERA, right, rig, depth)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the reader sits: a teacher, and a drive that need not be rendered."""
    torch.manual_seed(0)
    info = TeacherInfo('tiny', 360.0, max_disparity_px=48, pixels=96 * 32)
    write_model_file(tmp_path / 'teacher.safetensors', Teacher(info.architecture()), info)
    with RecordingWriter(tmp_path / 'small') as writer:
        for number in range(FRAMES):
            writer.add(pair(number))
    return tmp_path


class Reader:
    """Does what the document says, and remembers the node."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.outputs = folder, ''
        self.answers: list[Trigger.Response] = []
        self.nodes: list[subprocess.Popen[bytes]] = []

    def do(self, words: list[str]) -> None:
        match words:
            case ['adu-depth', *rest]:
                self._run('adu_depth_core', *rest)
            case ['ros2', 'run', 'adu_depth_ros', name, *rest]:
                self.nodes.append(self._start(EXECUTABLES / name, *rest))
            case ['ros2', 'service', 'call', name, 'std_srvs/srv/Trigger']:
                self.answers.append(called(name))
            case _:
                pytest.fail(f'who runs {words}?')

    def close(self) -> None:
        for node in self.nodes:
            node.terminate()
            node.wait(DEADLINE_S)

    def _start(self, program: Path, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(program), *words]
        return subprocess.Popen(command, cwd=self.folder)

    def _run(self, module: str, *words: str) -> None:
        command = [sys.executable, '-m', module, *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, f'{words}: {done.stdout}\n{done.stderr}'
        self.outputs += done.stdout


def called(name: str) -> Trigger.Response:
    """Call a service of another process, once the node is active."""
    context = Context()
    rclpy.init(args=[], context=context)
    node = Node('caller', context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    client = node.create_client(Trigger, name)
    deadline = time.monotonic() + DEADLINE_S
    try:
        assert client.wait_for_service(DEADLINE_S), f'{name} is not there'
        while True:
            future = client.call_async(Trigger.Request())
            executor.spin_until_future_complete(future, DEADLINE_S)
            answer = future.result()
            assert answer is not None, f'{name} does not answer'
            # A reader sees the node come up before typing on.
            if 'not active' not in answer.message or time.monotonic() > deadline:
                return answer
            time.sleep(0.2)
    finally:
        executor.shutdown()
        node.destroy_node()
        context.try_shutdown()


@pytest.fixture
def reader(folder: Path) -> Iterator[Reader]:
    made = Reader(folder)
    yield made
    made.close()


def test_the_document_does_what_it_says(reader: Reader, folder: Path) -> None:
    for words in commands():
        reader.do(words)
    assert [answer.success for answer in reader.answers] == [True] * 4, reader.answers
    assert [node.poll() for node in reader.nodes] == [None] * 3, 'a node has ended'
    assert (folder / 'out' / 'finetuned_report' / 'report.html').is_file()
    of_camera = Recording(folder / 'from_depth' / 'stereo')
    assert 1 <= len(of_camera) <= 3
    assert of_camera[0].right is None
    assert (of_camera[0].teacher_depth_m == 10.0).all()
    recorded = Recording(folder / 'recordings' / 'stereo')
    # Every fifth of twelve pairs, if none was lost on the way.
    assert 1 <= len(recorded) <= 3
    assert recorded[0].rig == pair(0).rig
    assert recorded[0].teacher_depth_m is not None
    assert (folder / 'out/finetuned/model.onnx').is_file()
    assert reader.outputs.count('abs_rel') >= 2
    assert len(Recording(folder / 'labelled')) == FRAMES
    assert len(Recording(folder / 'labelled_by_depth')) == FRAMES
