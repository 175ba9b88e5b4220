# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A command that is killed as it writes: nothing has a final name, and the next one tidies up."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from adu_depth_core import commands
from adu_depth_core.bags import open_bag
from adu_depth_core.benchmarks.bare_loop import CAMERA
from adu_depth_core.recording import RecordingWriter
from adu_depth_core.samples.sample import StereoSample

FRAMES = 80


@pytest.fixture(scope='module')
def recording(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Frames of noise, which take some seconds to write as a bag."""
    folder = tmp_path_factory.mktemp('made') / 'recording'
    noise = np.random.default_rng(0).integers(0, 256, (375, 1242, 3), np.uint8)
    with RecordingWriter(folder) as writer:
        for number in range(FRAMES):
            writer.add(StereoSample(f'drive/{number}', number * 10**8, noise, CAMERA))
    return f'recording:{folder}'


@pytest.fixture(scope='module')
def made_bag(recording: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bag of some frames."""
    path = tmp_path_factory.mktemp('made') / 'bag'
    assert run('make-bag', '--data', recording, '--frames', '10', '--output', str(path)) == 0
    return path


def run(name: str, *words: str) -> int:
    return commands.run(commands.registered_commands()[name].load().main, list(words))


def parts(folder: Path) -> list[Path]:
    return list(folder.glob('.part-*'))


def kill_as_it_writes(folder: Path, *words: str) -> None:
    """Kill a command as soon as it has begun to write below the folder."""
    command = [sys.executable, '-m', 'adu_depth_core', *words]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as child:
        while not any(path.is_file() for path in folder.glob('.part-*/*/*')):
            assert child.poll() is None, 'it had ended before it was killed'
            time.sleep(0.002)
        child.kill()


def test_make_bag(recording: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bag = tmp_path / 'out/bag'
    words = ['--data', recording, '--output', str(bag)]
    kill_as_it_writes(bag.parent, 'make-bag', *words)
    assert not bag.exists()
    (left,) = parts(bag.parent)
    assert run('make-bag', *words, '--frames', '1') == 0
    assert f'{left}: removed, a killed writer left it' in capsys.readouterr().err
    assert parts(bag.parent) == []
    with open_bag(bag) as written:
        assert list(written.messages())


def test_answers_of_evaluate_bag(
    tmp_path: Path, made_bag: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = tmp_path / 'out/answers'
    words = [str(made_bag), '--output', str(tmp_path / 'report'), '--output-bag', str(answers)]
    kill_as_it_writes(answers.parent, 'evaluate-bag', *words)
    assert not answers.exists()
    assert not (tmp_path / 'report/report.html').exists()
    (left,) = parts(answers.parent)
    assert run('evaluate-bag', *words) == 0
    assert f'{left}: removed, a killed writer left it' in capsys.readouterr().err
    assert parts(answers.parent) == []
    assert (tmp_path / 'report/report.html').is_file()
