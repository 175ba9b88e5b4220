# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The YAML of a training, which people write by hand."""

import contextlib
import io
from collections.abc import Callable
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from adu_depth_core.commands.train import configured
from adu_depth_core.errors import InputError
from adu_depth_core.training.config import TrainingConfig, require_possible
from random_cases import Cases

Near = Callable[[Any], st.SearchStrategy[Any]]

SHIPPED = files('adu_depth_core.configs') / 'synthetic.yaml'
WHOLE = {
    'data': {
        'train': [{'spec': 'synthetic:0-3', 'drives': ['a'], 'weight': 2.0, 'max_pixels': 4096}],
        'validation': [{'spec': 'synthetic:4'}],
        'sizes': [[640, 192], [320, 96]],
        'batch_size': 4,
        'workers': 0,
    },
    'model': {'preset': 'tiny', 'frozen': ['blocks.0'], 'initial': None, 'max_depth': 80.0},
    'optimiser': {'steps': 5, 'schedule': 'polynomial', 'ema_decay': 0.999},
    'augmentation': {'colours': False, 'max_zoom': 1.5},
    'stereo': {'fusion': 'concat', 'groups': 8},
    'distillation': {'response': 'l1', 'guidance': True, 'teacher': None},
    'seed': 3,
}


def read(path: Path) -> TrainingConfig:
    """Return the configuration; what the parser of the command refuses is refused."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            _, config = configured(['student', '--config', str(path)])
    except SystemExit as stopped:
        if stopped.code != 2 or 'error: ' not in said.getvalue():
            raise
        raise InputError(said.getvalue()) from stopped
    require_possible(config)
    return config


@given(st.data())
def test_configuration_of_a_training(
    cases: Cases, scratch: Path, odd: Near, spoilt: Near, data: st.DataObject
) -> None:
    path = scratch / 'training.yaml'
    tree = yaml.safe_dump(data.draw(odd(WHOLE)), allow_unicode=True).encode()
    path.write_bytes(data.draw(st.just(tree) | spoilt(tree) | spoilt(SHIPPED.read_bytes())))
    config = cases.outcome('configuration of a training', lambda: read(path))
    if config is not None:
        check(config)


def check(config: TrainingConfig) -> None:
    """What is computed with is of the type that it is said to be."""
    assert min(config.optimiser.steps, config.data.batch_size) >= 1
    assert all(type(width) is type(height) is int for width, height in config.data.sizes)
    assert {type(source.spec) for source in config.data.train} == {str}
    assert config.distillation.response in ('focal', 'l1', 'laplace_kl')
    assert all(isinstance(value, float | int) for value in asdict(config.augmentation).values())


def test_quoted_number_of_thousands_of_digits_is_told(tmp_path: Path) -> None:
    path = tmp_path / 'training.yaml'
    path.write_text(f"augmentation: '{'9' * 5000}'\n")
    with pytest.raises(InputError, match=r'holds a value that cannot be read \(.*5000 digits'):
        read(path)


@pytest.mark.parametrize(
    ('text', 'name'),
    [
        ('{data: {batch_size: }}', 'data.batch_size'),
        ('{augmentation: {colours: null}}', 'augmentation.colours'),
        ('{data: {train: [{spec: synthetic:0, weight: }]}}', 'data.train.weight'),
        ('{seed: }', 'seed'),
    ],
)
def test_setting_that_is_left_empty_is_told_by_its_name(
    tmp_path: Path, text: str, name: str
) -> None:
    whole = yaml.safe_load(SHIPPED.read_text())
    for section, settings in yaml.safe_load(text).items():
        whole[section] = {**whole.get(section, {}), **settings} if settings else settings
    path = tmp_path / 'training.yaml'
    path.write_text(yaml.safe_dump(whole))
    with pytest.raises(InputError, match=f'{name} is empty; leave the line out'):
        read(path)


@pytest.mark.parametrize('section', ['optimiser', 'data'])
@pytest.mark.parametrize('value', [None, 3, 'x'])
def test_section_that_holds_no_settings_is_told_by_its_name(
    tmp_path: Path, section: str, value: Any
) -> None:
    path = tmp_path / 'training.yaml'
    path.write_text(yaml.safe_dump({**WHOLE, section: value}))
    with pytest.raises(InputError, match=section):
        read(path)


@pytest.mark.parametrize('tree', [WHOLE, {'data': WHOLE['data']}])
def test_whole_configuration_is_read(cases: Cases, tmp_path: Path, tree: Any) -> None:
    path = tmp_path / 'training.yaml'
    path.write_text(yaml.safe_dump(tree))
    config = cases.outcome('configuration of a training', lambda: read(path))
    assert config is not None
    assert config.data.sizes == [(640, 192), (320, 96)]
