# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""YAML that would fill the memory is refused, and all other is read as ever."""

from pathlib import Path

import pytest
import yaml

from adu_depth_core.bags.transforms import read_extrinsics
from adu_depth_core.bounded_yaml import load_yaml, read_yaml
from adu_depth_core.commands.train import with_shipped_configs
from adu_depth_core.errors import InputError

LAUGHS = 'a0: &a0 [lol, lol]\n' + ''.join(
    f'a{n}: &a{n} [{", ".join([f"*a{n - 1}"] * 9)}]\n' for n in range(1, 30)
)


@pytest.mark.parametrize(
    'text', [LAUGHS, 'a: &a [*a]', '[' * 100_000, 'a: &a {<<: [*a, *a]}'], ids=range(4)
)
def test_few_lines_that_stand_for_billions_are_no_yaml(text):
    with pytest.raises(yaml.YAMLError):
        load_yaml(text)


@pytest.mark.parametrize('text', ['9' * 5000, '0o', '2001-99-99', '0b_', '!!int ""', '!!int 1:x'])
def test_value_that_is_none_is_no_yaml(text):
    with pytest.raises(yaml.YAMLError):
        load_yaml(f'a: {text}' if text != '0o' else 'a: !!int 0o')


@pytest.mark.parametrize('text', ['a: 1\nb: 2\na: 3', 'k:\n- {a: 1, a: 1}', '"a": 1\na: 2'])
def test_key_that_stands_twice_is_refused_with_its_lines(text):
    with pytest.raises(yaml.YAMLError, match=r'"a" stands in line \d and in line \d'):
        load_yaml(text)


@pytest.mark.parametrize(
    'text', ['', 'a: [1, 2.5, x]', 'a: &x {b: 1}\nc: *x', 'a: &x {b: 1}\nc: {<<: *x, d: 2}']
)
def test_other_yaml_is_read_as_ever(text):
    assert load_yaml(text) == yaml.safe_load(text)


def test_tags_build_nothing():
    with pytest.raises(yaml.YAMLError):
        load_yaml('!!python/object/apply:os.system [true]')


def test_files_of_commands_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / 'metadata.yaml'
    path.write_text(LAUGHS)
    for use in (
        read_extrinsics,
        lambda path: with_shipped_configs(['student', '--config', str(path)]),
    ):
        with pytest.raises(InputError, match=r'metadata\.yaml: is no YAML'):
            use(path)
    with pytest.raises(yaml.YAMLError):
        read_yaml(path)
