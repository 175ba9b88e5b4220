# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Recording and training killed at random moments: what is lost, and how long a new start takes.

    python benchmark/kills.py recording
    python benchmark/kills.py training

A process is killed by SIGKILL and started again in the same folder until it was killed often
enough. Of a recording every sample that was reported must be there, bit for bit; a training must
end with the weights and losses of one that nobody disturbed. Ends with 1 where that is not so.
"""

import argparse
import itertools
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.camera import Camera, StereoRig
from adu_depth_core.machine import machine
from adu_depth_core.recording import Recording, RecordingWriter
from adu_depth_core.samples.sample import StereoSample

CAMERA = Camera(160, 96, 100.0, 100.0, 79.5, 47.5)
TRAINED_STEPS = 400


class Child:
    """A process of this script, which reports a number a line as it goes on."""

    def __init__(self, work: str, folder: Path) -> None:
        self._started = time.monotonic()
        command = [sys.executable, __file__, work, '--inside', str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self._lines = self.process.stdout
        self.reported = -1
        self.recovery_s: float | None = None

    def killed(self, pause_s: float) -> bool:
        """Kill it so long after its first report; False where it had ended before."""
        self._note(self._lines.readline())
        self.recovery_s = time.monotonic() - self._started
        time.sleep(pause_s)
        self.process.send_signal(signal.SIGKILL)
        return self.end() == -signal.SIGKILL

    def end(self) -> int:
        """Wait for its end; return its exit status."""
        for line in self._lines:
            self._note(line)
        return self.process.wait()

    def _note(self, line: str) -> None:
        # A line that was cut by the kill says nothing.
        if line.endswith('\n') and line.strip().isdecimal():
            self.reported = int(line)


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    record_or_train, tried = WORKS[options.work]
    if options.inside:
        record_or_train(options.inside)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        result = tried(Path(folder), options.kills, np.random.default_rng(options.seed))
    content = json.loads(options.json.read_text()) if options.json.exists() else {}
    content |= {'machine': machine(), options.work: result}
    with written_whole(options.json) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + '\n')
    print(json.dumps(result))
    return 1 if result['lost'] else 0


# Recording


def sample(number: int) -> StereoSample:
    """Return the sample of that number, with all parts, always the same."""
    rng = np.random.default_rng(number)
    left, right = rng.integers(0, 256, (2, 96, 160, 3), np.uint8)
    rig = StereoRig(CAMERA, CAMERA, 0.5)
    return StereoSample(f'drive/{number}', number, left, CAMERA, right=right, rig=rig)


def record(folder: Path) -> None:
    """Record from where the recording ends, without end."""
    with RecordingWriter(folder) as writer:
        for number in itertools.count(len(writer)):
            writer.add(sample(number))
            print(number, flush=True)


def recordings_killed(folder: Path, kills: int, rng: np.random.Generator) -> dict[str, Any]:
    """Kill the recorder, look at what is there, and go on in the same folder."""
    path, recoveries, lost, reported = folder / 'recording', [], 0, -1
    for _ in range(kills):
        child = Child('recording', path)
        has_been_killed = child.killed(rng.uniform(0, 0.5))
        assert has_been_killed, 'it never ends by itself'
        recoveries.append(child.recovery_s)
        reported = max(reported, child.reported)
        found = Recording(path)
        # The one that was being written may be there, too.
        lost += not reported + 1 <= len(found) <= reported + 2
    found = Recording(path)
    spoilt = sum(not _is_as_written(found[index], index) for index in range(len(found)))
    return _result(kills, lost + spoilt, recoveries) | {'samples': len(found)}


def _is_as_written(found: StereoSample, number: int) -> bool:
    expected = sample(number)
    assert found.right is not None
    assert expected.right is not None
    pictures = ((found.left, expected.left), (found.right, expected.right))
    return found.name == expected.name and all(map(np.array_equal, *zip(*pictures, strict=True)))


# Training


def train(folder: Path) -> None:
    """Train a small student on rendered pictures, from the last checkpoint where there is one."""
    from lightning import Callback, seed_everything

    from adu_depth_core.training.config import (
        DataConfig,
        OptimiserConfig,
        SourceConfig,
        TrainingConfig,
    )
    from adu_depth_core.training.data_module import DepthData
    from adu_depth_core.training.run import fit
    from adu_depth_core.training.student_training import StudentTraining

    class Reports(Callback):
        def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
            print(trainer.global_step, flush=True)

    # To render each frame anew would take most of the time.
    cache = folder.parent / 'cache'
    drive = [SourceConfig('synthetic:0', frames=4, cache=str(cache))]
    data = DataConfig(drive, drive, [(96, 32)], batch_size=2, workers=0)
    config = TrainingConfig(
        data,
        optimiser=OptimiserConfig(steps=TRAINED_STEPS),
        output=str(folder),
        checkpoint_every=2,
        validate_every=100,
        device='cpu',
    )
    seed_everything(config.seed, workers=True, verbose=False)
    has_checkpoint = (folder / 'checkpoints/last.ckpt').exists()
    fit(config, StudentTraining(config), DepthData.from_config(config), resume=has_checkpoint)


def trainings_killed(folder: Path, kills: int, rng: np.random.Generator) -> dict[str, Any]:
    """Kill trainings and go on with each until it has ended, as often as it takes."""
    whole = folder / 'whole'
    assert Child('training', whole).end() == 0
    expected = _outcome(whole)
    recoveries, lost, killed, rounds = [], 0, 0, 0
    while killed < kills:
        cut, rounds = folder / f'cut_{rounds}', rounds + 1
        has_ended = False
        while not has_ended:
            child = Child('training', cut)
            is_last = killed == kills
            has_ended = child.end() == 0 if is_last else not child.killed(rng.uniform(0, 3.0))
            killed += not (has_ended or is_last)
            recoveries.append(child.recovery_s)
        lost += _outcome(cut) != expected
    return _result(kills, lost, recoveries) | {'trainings': rounds, 'steps': TRAINED_STEPS}


def _outcome(output: Path) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """Return the weights and what was logged of the losses, bit by bit."""
    from adu_depth_core.training.engine.checkpoints import read_checkpoint
    from adu_depth_core.training.engine.json_lines_logger import read_lines

    state = read_checkpoint(output / 'checkpoints/last.ckpt')['state_dict']
    losses = [
        {name: value for name, value in line.items() if name.startswith(('step', 'train', 'val'))}
        for line in read_lines(output / 'log.jsonl')
    ]
    return {name: tensor.numpy().tobytes() for name, tensor in state.items()}, losses


WORKS = {'recording': (record, recordings_killed), 'training': (train, trainings_killed)}


def _result(kills: int, lost: int, recoveries: Sequence[float | None]) -> dict[str, Any]:
    longest = max((seconds for seconds in recoveries if seconds is not None), default=0.0)
    return {'kills': kills, 'lost': lost, 'longest_recovery_s': round(longest, 2)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('work', choices=sorted(WORKS))
    parser.add_argument('--kills', type=int, default=30)
    parser.add_argument('--seed', type=int, default=0, help='of the moments')
    parser.add_argument('--json', type=Path, default=Path('benchmark/results/kills.json'))
    parser.add_argument('--inside', type=Path, help=argparse.SUPPRESS)
    return parser


if __name__ == '__main__':
    sys.exit(main())
