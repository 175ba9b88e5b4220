# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Every command that writes says in one sentence that it cannot, and leaves nothing cut behind."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import onnx
import pytest

from adu_depth_core import commands
from adu_depth_core.benchmarks import forward
from adu_depth_core.inference import export
from adu_depth_core.samples.image_files import write_rgb
from adu_depth_core.weights import shipped_model
from full_disk import little_space

# Capital words stand for what is made below: what a command needs, and where it writes.
WORDS = {
    'benchmark': 'forward --quick --output OUTPUT/figures.json',
    'calibrate': '--data POINTS --fx 100 --output OUTPUT/calibration.yaml',
    'check-data': '--data DATA --json OUTPUT/result.json',
    'evaluate': '--data DATA --frames 1 --protocol dense --json OUTPUT/result.json',
    'evaluate-bag': 'BAG --protocol dense --output OUTPUT/report',
    'export': 'MODEL --output OUTPUT/tiny.onnx',
    'label': '--data DATA --matcher sgbm --output OUTPUT/recording',
    'make-bag': '--data DATA --frames 1 --output OUTPUT/bag',
    'make-dataset': '--data DATA --frames 1 --output OUTPUT/recording',
    'make-submission': '--data SELECTION --allow-incomplete --output OUTPUT/submission.zip',
    'predict': 'PICTURE --frames 1 --output OUTPUT/pictures',
}
# Whose tests need what is not everywhere, and what writes nothing.
ELSEWHERE = {
    'demo': 'needs ROS 2: test/ros/commands/test_demo.py',
    'train': 'test/core/training/test_training_resume.py',
    'view': 'needs rerun: test/core/viewing',
    'play-bag': 'writes nothing',
}
# The largest file that the disk still takes: less than what the command writes, and more than what
# libraries beneath a model write for themselves.
MOST_BYTES = {
    'benchmark': 100,
    'calibrate': 100,
    'check-data': 100,
    'evaluate': 1000,
    'evaluate-bag': 1000,
    'export': 1_000_000,
    'label': 100,
    'make-bag': 100,
    'make-dataset': 100,
    'make-submission': 1000,
    'predict': 500,
}


@pytest.fixture(scope='module')
def stands_for(plane_drive: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What each capital word is."""
    folder = tmp_path_factory.mktemp('made')
    picture = next(plane_drive.rglob('image_02/data/*.png'))
    data = f'kitti_raw:{plane_drive}'
    bag = ['--data', data, '--frames', '1', '--output', str(folder / 'bag')]
    assert run('make-bag', bag) == 0
    shutil.copy(picture, folder / 'seen.png')
    points = '\n'.join(f'{u} 40 7.5' for u in range(10, 150, 10))
    (folder / 'points.txt').write_text(f'image seen.png\n{points}\n')
    selection = folder / 'depth_selection/test_depth_prediction_anonymous'
    write_rgb(selection / 'image/0000000000.png', np.full((352, 1216, 3), 90, np.uint8))
    intrinsics = selection / 'intrinsics/0000000000.txt'
    intrinsics.parent.mkdir()
    intrinsics.write_text('721.5 0 596.6 0 721.5 149.9 0 0 1')
    return {
        'BAG': str(folder / 'bag'),
        'DATA': data,
        'MODEL': str(shipped_model('tiny').with_suffix('.safetensors')),
        'PICTURE': str(picture),
        'POINTS': f'points:{folder / "points.txt"}',
        'SELECTION': f'kitti_official:{selection.parent}#test',
    }


@pytest.fixture
def words_of(stands_for: Mapping[str, str]) -> Callable[[str, Path], list[str]]:

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


@pytest.fixture
def nothing_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `benchmark` find no figure: to measure takes long, and is tried elsewhere."""
    monkeypatch.setattr(forward, 'measure', lambda _: {})


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
    shipped_graph: None,
    nothing_measured: None,
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
