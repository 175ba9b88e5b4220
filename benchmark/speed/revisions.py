# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Whether a change of the code made network or node slower: revisions in turns, in one run.

    python benchmark/speed/revisions.py cf26621^ HEAD [--rounds 5] [--json FILE]

All revisions get the graph that ships with the first, which must be the oldest, in float32. A
round times `Predictor` on an image of 1242×375, and the node on a camera of that size at 15 Hz,
over DDS from an image's stamp to the receipt of its depth. Medians in milliseconds of each
revision over its rounds, and the ratio to the first.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.machine import machine

# Runs in a checked-out revision: with what both sides of the comparison have.
PROBE = """
import json, sys, time
from pathlib import Path
from statistics import median
import numpy as np
from adu_depth_core.camera import Camera
from adu_depth_core.inference.predictor import Predictor
from adu_depth_ros.benchmarks.session import PLAIN_MODULE, Scenario, run_session

graph, runtime, folder = sys.argv[1:]
camera = Camera(1242, 375, 721.5, 721.5, 609.6, 172.9)
image = np.random.default_rng(0).integers(0, 256, (375, 1242, 3), np.uint8)
predict = Predictor.load(graph, runtime=runtime, device='cpu', precision='float32')
passes = []
for _ in range(60):
    start = time.perf_counter()
    predict(image, camera)
    passes.append(1e3 * (time.perf_counter() - start))
del predict
settings = {'model': graph, 'runtime': runtime, 'precision': 'float32'}
session = run_session(Scenario(PLAIN_MODULE, 15.0, 8.0, settings), Path(folder))
answers = [1e-6 * (wall - stamp) for stamp, wall in session.receipts['depth/image_rect']]
print(json.dumps({'network': median(passes[10:]), 'node': median(answers[15:])}))
"""


def main() -> None:
    """Measure, print and write."""
    options = _parser().parse_args()
    found: dict[str, list[dict[str, float]]] = {name: [] for name in options.revisions}
    with tempfile.TemporaryDirectory() as place:
        folders = {name: checked_out(name, Path(place, str(n))) for n, name in enumerate(found)}
        graph = folders[options.revisions[0]] / 'adu_depth_core' / 'weights' / 'tiny.onnx'
        for _ in range(options.rounds):
            for name, folder in folders.items():
                found[name].append(probed(folder, graph, options.runtime))
    rows = {
        name: {part: median(one[part] for one in rounds) for part in rounds[0]}
        for name, rounds in found.items()
    }
    first = rows[options.revisions[0]]
    for name, row in rows.items():
        told = (f'{part} {ms:.1f} ms (x{ms / first[part]:.2f})' for part, ms in row.items())
        print(f'{name}: {", ".join(told)}')
    if options.json:
        content = {'machine': machine(), 'runtime': options.runtime, 'rounds': found, 'rows': rows}
        with written_whole(options.json) as temporary:
            temporary.write_text(json.dumps(content, indent=1) + '\n')


def checked_out(revision: str, folder: Path) -> Path:
    """Write the files of a revision of this repository into a new folder."""
    folder.mkdir()
    files = subprocess.run(['git', 'archive', revision], check=True, stdout=subprocess.PIPE)
    subprocess.run(['tar', '-x', '-C', folder], input=files.stdout, check=True)
    return folder


def probed(folder: Path, graph: Path, runtime: str) -> dict[str, float]:
    """Return the medians of one round in a revision."""
    words = [sys.executable, '-c', PROBE, graph, runtime, folder / 'session']
    environment = {**os.environ, 'PYTHONPATH': str(folder)}
    done = subprocess.run(
        words, check=True, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('revisions', nargs='+', help='as git names them')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--runtime', default='openvino', choices=['openvino', 'onnxruntime'])
    parser.add_argument('--json', type=Path, help='write what was measured')
    return parser


if __name__ == '__main__':
    main()
