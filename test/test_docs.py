# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Commands, flags, files and targets that the pages name are there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from adu_depth_core.commands import registered_commands

REPOSITORY = Path(__file__).parents[1]
PAGES = [*sorted((REPOSITORY / 'docs').rglob('*.md')), REPOSITORY / 'README.md']
CODE = re.compile(r'```.*?```|`[^`]+`', re.DOTALL)
# A command ends with its line, unless a backslash goes on, and where another begins.
COMMAND = re.compile(r'adu(?:-depth|_depth_core) ([a-z][a-z-]*)((?:\\\n|[^\n`|;&#])*)')
LAUNCH = re.compile(r'ros2 launch adu_depth_ros (\w+\.launch\.py)([^\n`]*)')
FLAG = re.compile(r'(?<=\s)--[a-z][\w.-]*')
FLAG_IN_HELP = re.compile(r'--[a-z][\w.-]*')
# Flags of others that stand behind a command of ours.
FOREIGN = {'--ros-args'}


def code_of(page: Path) -> str:
    return '\n'.join(CODE.findall(page.read_text(encoding='utf-8')))


def named_commands() -> dict[str, set[str]]:
    """Return the flags that the pages name, by command."""
    found: dict[str, set[str]] = {}
    for page in PAGES:
        for name, rest in COMMAND.findall(code_of(page)):
            found.setdefault(name, set()).update(set(FLAG.findall(rest)) - FOREIGN)
    return found


def help_of(command: str) -> str:
    words = [sys.executable, '-m', 'adu_depth_core', command, '--help']
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def test_pages_name_commands_with_flags() -> None:
    named = named_commands()
    assert {'predict', 'evaluate', 'train', 'label', 'play-bag'} <= set(named)
    assert '--shard' in named['label']


@pytest.mark.timeout(300)
@pytest.mark.parametrize('command', sorted(named_commands()))
def test_a_command_that_a_page_names_is_there_with_its_flags(command: str) -> None:
    assert command in registered_commands()
    flags = named_commands()[command]
    if flags:
        assert flags <= set(FLAG_IN_HELP.findall(help_of(command)))


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_what_a_page_starts_is_there(page: Path) -> None:
    code = code_of(page)
    for name in re.findall(r'ros2 run adu_depth_ros ([a-z]\w*)', code):
        assert (REPOSITORY / 'executables' / name).is_file(), name
    for name in re.findall(r'ros2 launch adu_depth_ros ([a-z][\w.]*)', code):
        assert (REPOSITORY / 'launch' / name).is_file(), name
    for name in re.findall(r'python3? (benchmark/\w+\.py)', code):
        assert (REPOSITORY / name).is_file(), name
    makefile = (REPOSITORY / 'Makefile').read_text()
    for name in re.findall(r'make ([a-z]+)\b', code):
        assert f'\n{name}:' in makefile, name


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_launch_arguments_of_a_page_are_declared(page: Path) -> None:
    descriptions = (REPOSITORY / 'adu_depth_ros/launch_descriptions.py').read_text()
    for name, rest in LAUNCH.findall(code_of(page)):
        declared = (REPOSITORY / 'launch' / name).read_text() + descriptions
        for argument in re.findall(r'\b(\w+):=', rest):
            assert f"'{argument}'" in declared, (name, argument)


def test_the_example_of_the_python_pages_runs(tmp_path: Path) -> None:
    page = (REPOSITORY / 'docs/api/index.md').read_text(encoding='utf-8')
    (example,) = re.findall(r'```python\n(.*?)```', page, re.DOTALL)
    cv2.imwrite(str(tmp_path / 'street.jpg'), np.full((96, 320, 3), 128, np.uint8))
    environment = os.environ | {'PYTHONPATH': str(REPOSITORY)}
    words = [sys.executable, '-c', example]
    subprocess.run(words, cwd=tmp_path, env=environment, check=True)


def test_training_speeds_of_the_page_on_scale_are_those_measured() -> None:
    text = (REPOSITORY / 'docs/scale.md').read_text()
    results = REPOSITORY / 'benchmark/results/performance/training.json'
    rows = json.loads(results.read_text())['parts']['training']['rows']
    for row in rows:
        if row['width'] == 640:
            assert f'{row["time/steps_per_second"]:.2f} |' in text, row


def test_every_page_is_in_the_navigation() -> None:
    navigation = (REPOSITORY / 'mkdocs.yml').read_text()
    for page in (REPOSITORY / 'docs').rglob('*.md'):
        name = page.relative_to(REPOSITORY / 'docs').as_posix()
        assert re.search(rf': {re.escape(name)}$', navigation, re.MULTILINE), name
