# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
How long it takes from nothing installed to the first depth of an image.

    python benchmark/first_depth.py [--extra onnx] [--json benchmark/results/first_depth.json]

In an empty folder it makes an environment, installs this repository into it by pip, without ROS,
and lets `adu-depth predict` look at one rendered image. Says the seconds of each and what the
environment weighs. pip keeps no cache, so what is downloaded is downloaded.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import cv2

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.machine import machine
from adu_depth_core.synthetic import SyntheticScenes

REPOSITORY = Path(__file__).parents[1]


def main() -> None:
    """Print and write the seconds."""
    options = _parser().parse_args()
    scene = SyntheticScenes(2, 1, right=False)[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        image = folder / 'image.png'
        cv2.imwrite(str(image), cv2.cvtColor(scene.left, cv2.COLOR_RGB2BGR))
        programs = folder / 'environment/bin'
        fx = str(scene.camera.fx)
        extra = f'[{options.extra}]' if options.extra else ''
        install = ['python', '-m', 'pip', 'install', '--quiet', '--no-cache-dir']
        predict = ['adu-depth', 'predict', str(image), '--fx', fx, '--output', str(folder / 'out')]
        started = time.monotonic()
        venv.create(folder / 'environment', with_pip=True)
        seconds = {'environment': time.monotonic() - started}
        for step, (program, *arguments) in {
            'installation': [*install, f'{REPOSITORY}{extra}'],
            'first depth': predict,
            'depth again': predict,
        }.items():
            started = time.monotonic()
            subprocess.run([programs / program, *arguments], check=True, cwd=folder)
            seconds[step] = time.monotonic() - started
        depth = sorted(path.name for path in (folder / 'out').iterdir())
        files = [path for path in (folder / 'environment').rglob('*') if path.is_file()]
        result = {
            'machine': machine(),
            'python': sys.version.split()[0],
            'extra': options.extra,
            'seconds': {step: round(value, 1) for step, value in seconds.items()},
            'environment_mb': round(sum(path.stat().st_size for path in files) / 1e6),
            'written': depth,
        }
    text = json.dumps(result, indent=2)
    print(text)
    with written_whole(options.json) as temporary:
        temporary.write_text(text + '\n')


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--extra', default='', help='as in setup.py: onnx, openvino')
    parser.add_argument('--json', type=Path, default=Path('benchmark/results/first_depth.json'))
    return parser


if __name__ == '__main__':
    main()
