# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
What `adu-depth benchmark` measures, judged by this project's targets, and four parts more.

    python benchmark/speed/measure.py [forward] [node] [bags] [rectifying] [rendering] [training]
    python benchmark/speed/measure.py --table benchmark/results/performance/*.json

`forward` has a ResNet-18 U-Net in turns with the networks. `bags`: how fast recordings are read;
`rectifying`: raw images to the network; `rendering`: synthetic pairs a second; `training`: steps
a second. Options are those of `adu-depth benchmark`.
"""

import sys
from collections.abc import Sequence

from project_targets import judged

from adu_depth_core.benchmarks.parts import installed
from adu_depth_core.commands import run as run_command
from adu_depth_core.commands.benchmark import run

MORE = {
    'forward': 'forward_beside_baseline',
    'bags': 'bag_reading',
    'rectifying': 'raw_images',
    'rendering': 'rendering_speed',
    'training': 'training_speed',
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, or show what was measured."""
    return run(argv, {**installed(), **MORE}, judged)


if __name__ == '__main__':
    sys.exit(run_command(main))
