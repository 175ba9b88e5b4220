# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The largest configuration: what it is in full, and a small Swin of its family under torchrun."""

import json
import os
import sys
from typing import Any

import pytest
import torch
from lightning.pytorch.callbacks import Callback
from timm.models import register_model
from timm.models.swin_transformer import SwinTransformer, _create_swin_transformer

from adu_depth_core.models.encoder import Encoder
from adu_depth_core.models.presets import PRESETS, Preset
from adu_depth_core.models.student import Student
from adu_depth_core.training.engine.checkpoints import read_checkpoint
from adu_depth_core.training.engine.json_lines_logger import read_lines
from under_torchrun import torchrun

pytestmark = [pytest.mark.xdist_group('training'), pytest.mark.timeout(900)]

STEPS, KILLED_AFTER = 4, 2
# As in the large one: windows of 12, made for 384x384.
SHAPE = {'img_size': 384, 'window_size': 12, 'depths': (2, 2, 2, 2), 'num_heads': (1, 2, 4, 8)}


@register_model
def swin_micro_of_tests(pretrained: bool = False, **options: Any) -> SwinTransformer:
    """A Swin of 16 channels where Swin-L has 192."""
    options = {**SHAPE, 'embed_dim': 16, **options}
    return _create_swin_transformer('swin_large_patch4_window12_384', False, **options)


class Killed(Callback):
    """Ends the process without a word, as a machine does that fails."""

    def on_train_batch_start(self, trainer, module, batch, index):
        if trainer.global_step == KILLED_AFTER:
            os._exit(9)


def main(words):
    """Run the command with the small encoder; where asked for, until it is killed."""
    from adu_depth_core import commands
    from adu_depth_core.training import run

    PRESETS['leaderboard'] = Preset('swin_micro_of_tests', 32)
    if '--resume' not in words:
        fit = run.fit
        run.fit = lambda *rest, **options: fit(*rest, **{**options, 'callbacks': [Killed()]})
    return commands.main(['train', 'student', *words])


def checkpoint(output):
    return read_checkpoint(output / 'checkpoints/last.ckpt')


@pytest.mark.slow
def test_it_starts_is_killed_and_resumes_under_torchrun(plane_drive, tmp_path):
    source = json.dumps([{'spec': f'kitti_raw:{plane_drive}', 'drives': ['0005']}])
    words = [
        *('--config', 'leaderboard', '--data.train', source, '--data.validation', source),
        # What a CPU needs less of; all else is as it stands in the configuration.
        *('--data.sizes', '[[128, 32]]', '--data.batch_size', '2', '--data.workers', '0'),
        *('--model.pretrained', 'false', '--optimiser.precision', '32-true', '--device', 'cpu'),
        *('--optimiser.steps', str(STEPS), '--checkpoint_every', '1', '--validate_every', '4'),
        *('--output', str(tmp_path)),
    ]
    assert torchrun(2, __file__, *words).returncode != 0
    killed = checkpoint(tmp_path)
    assert killed['global_step'] == KILLED_AFTER
    done = torchrun(2, __file__, *words, '--resume')
    assert done.returncode == 0, done.stderr
    resumed = checkpoint(tmp_path)
    assert resumed['global_step'] == STEPS
    assert resumed['state_dict'].keys() == killed['state_dict'].keys()
    moved = [not torch.equal(w, killed['state_dict'][n]) for n, w in resumed['state_dict'].items()]
    assert any(moved)
    assert any('val/abs_rel' in line for line in read_lines(tmp_path / 'log.jsonl'))
    assert (tmp_path / 'model.safetensors').is_file()


def test_in_full_it_is_swin_l_at_352x1216():
    with torch.device('meta'):  # shapes without memory
        student = Student(PRESETS['leaderboard'])
        features = student.encoder(torch.zeros(1, 3, 352, 1216))
    # Table 7 of Liu et al. (ICCV 2021): 197 M parameters with the head, C = 192.
    assert sum(weights.numel() for weights in student.encoder.parameters()) / 1e6 == pytest.approx(
        195, abs=2
    )
    assert [tuple(map_.shape[1:]) for map_ in features] == [
        (192, 88, 304),
        (384, 44, 152),
        (768, 22, 76),
        (1536, 11, 38),
    ]


@torch.inference_mode()
def test_swin_sees_images_of_any_size_as_it_sees_that_it_was_made_for():
    encoder = Encoder('swin_micro_of_tests').eval()
    tied = swin_micro_of_tests(features_only=True, out_indices=(0, 1, 2, 3)).eval()
    tied.load_state_dict(encoder.backbone.state_dict(), strict=False)
    image = torch.randn(1, 3, 384, 384)
    for found, wanted in zip(encoder(image), tied(image), strict=True):
        torch.testing.assert_close(found, wanted.permute(0, 3, 1, 2))
    sizes = [feature.shape[2:] for feature in encoder(torch.randn(1, 3, 64, 160))]
    assert sizes == [(16, 40), (8, 20), (4, 10), (2, 5)]


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
