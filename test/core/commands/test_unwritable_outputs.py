# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Every command that writes says in one sentence that it cannot, and leaves nothing cut behind."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import onnx
import pytest

from adu_depth_core import commands
from adu_depth_core.inference import export
from adu_depth_core.weights import shipped_model

# DATA, PICTURE and OUTPUT stand for what is made below; what a command needs, and where it writes.
WORDS = {
    'benchmark': 'forward --quick --output OUTPUT/figures.json',
    'calibrate': '--data DATA --output OUTPUT/calibration.yaml',
    'check-data': '--data DATA --json OUTPUT/result.json',
    'evaluate': '--data DATA --frames 1 --protocol dense --json OUTPUT/result.json',
    'evaluate-bag': 'nowhere.mcap --output OUTPUT/report',
    'export': 'MODEL --output OUTPUT/tiny.onnx',
    'label': '--data DATA --matcher sgbm --output OUTPUT/recording',
    'make-bag': '--data DATA --frames 1 --output OUTPUT/bag',
    'make-dataset': '--data DATA --frames 1 --output OUTPUT/recording',
    'make-submission': '--data kitti_official:nowhere#test --output OUTPUT/submission.zip',
    'predict': 'PICTURE --frames 1 --output OUTPUT/pictures',
}
# Whose tests need what is not everywhere, and what writes nothing.
ELSEWHERE = {
    'demo': 'needs ROS 2: test/ros/test_demo.py',
    'train': 'test/core/training/test_training_resume.py',
    'view': 'needs rerun: test/core/viewing',
    'play-bag': 'writes nothing',
}
# The largest file that the disk still takes: less than what the command writes, and more than what
# libraries beneath a model write for themselves.
MOST_BYTES = {
    'check-data': 100,
    'evaluate': 1000,
    'export': 1_000_000,
    'make-bag': 100,
    'make-dataset': 100,
    'predict': 500,
}


@pytest.fixture
def words_of(plane_drive: Path) -> Callable[[str, Path], list[str]]:
    picture = next(plane_drive.rglob('image_02/data/*.png'))
    stands_for = {
        'DATA': f'kitti_raw:{plane_drive}',
        'PICTURE': str(picture),
        'MODEL': str(shipped_model('tiny').with_suffix('.safetensors')),
    }

    def words(name: str, output: Path) -> list[str]:
        return [
            stands_for.get(word, word.replace('OUTPUT', str(output)))
            for word in WORDS[name].split()
        ]

    return words


@pytest.fixture
def shipped_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `export` write the graph that ships: to make it takes long, and is tried elsewhere."""
    graph = shipped_model('tiny').with_suffix('.onnx')
    monkeypatch.setattr(export, '_graph', lambda *_: onnx.load(graph))


def run(name: str, words: list[str]) -> int:
    return commands.run(commands.registered_commands()[name].load().main, words)


def sentences(text: str) -> list[str]:
    """Return the lines on stderr that say that something cannot be written."""
    assert 'Traceback' not in text
    return [line for line in text.splitlines() if 'cannot be written' in line]


def test_every_command_is_tried_or_is_elsewhere() -> None:
    assert sorted({*WORDS, *ELSEWHERE}) == sorted(commands.registered_commands())


@pytest.mark.parametrize('name', sorted(WORDS))
def test_folder_that_is_a_file_is_one_sentence(
    name: str,
    words_of: Callable[[str, Path], list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / 'file'
    output.write_text('mine')
    assert run(name, words_of(name, output)) == commands.BAD_INPUT
    (sentence,) = sentences(capsys.readouterr().err)
    assert str(output) in sentence
    assert output.read_text() == 'mine'
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize('name', MOST_BYTES)
def test_full_disk_is_one_sentence_and_leaves_nothing_cut(
    name: str,
    words_of: Callable[[str, Path], list[str]],
    tmp_path: Path,
    little_space: Callable[[int], AbstractContextManager[None]],
    shipped_graph: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / 'out'
    most_bytes = MOST_BYTES[name]
    with little_space(most_bytes):
        assert run(name, words_of(name, output)) == commands.BAD_INPUT
    (sentence,) = sentences(capsys.readouterr().err)
    assert str(output) in sentence
    # What is smaller, such as the head of a recording, is whole.
    assert [path for path in files(output) if path.stat().st_size >= most_bytes] == []
    assert [path for path in files(output) if path.name.startswith('.part-')] == []


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob('*') if path.is_file())
