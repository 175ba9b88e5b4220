# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Commands, flags, files and targets that the pages name are there."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
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
LAUNCH = re.compile(r'ros2 launch adu_depth_ros (\w+\.launch\.py)((?:\\\n|[^\n`])*)')
ARGUMENT = re.compile(r'\b(\w+):=')
INLINE_ARGUMENT = re.compile(r'`(\w+):=')
FLAG = re.compile(r'(?<=\s)--[a-z][\w.-]*')
FLAG_IN_HELP = re.compile(r'--[a-z][\w.-]*')
# Flags of others that stand behind a command of ours.
FOREIGN = {'--ros-args'}


# Lines of a shell, by how they begin, and the test that runs such a command.
SHELL = re.compile(r'```(?:bash)?\n(.*?)```', re.DOTALL)
PROGRAM = re.compile(
    r'(adu-depth|ros2|make|torchrun|pip|python3?|colcon|rosdep|srun|ssh|sudo|source|eval|export|cd)\b'
)
RUN_BY = {
    'adu-depth calibrate': 'core/commands/test_calibrate.py',
    'adu-depth check-data': 'core/commands/test_check_data.py',
    'adu-depth evaluate': 'core/evaluation/test_evaluate.py',
    'adu-depth evaluate-bag': 'core/commands/test_evaluate_bag.py',
    'adu-depth export': 'core/inference/test_export.py',
    'adu-depth label': 'core/commands/test_label.py',
    'adu-depth make-bag': 'core/commands/test_make_bag.py',
    'adu-depth make-dataset': 'core/commands/test_make_dataset.py',
    'adu-depth play-bag': 'ros/commands/test_play_bag.py',
    'adu-depth predict': 'core/commands/test_predict.py',
    'adu-depth train': 'core/commands/test_train_command.py',
    'adu-depth view': 'ros/commands/test_view.py',
    'eval "$(python3 -m adu_depth_ros.dds_profile)"': 'ros/test_dds_profile.py',
    'export MALLOC_MMAP_THRESHOLD_': 'ros/test_malloc_thresholds.py',
    'make demo': 'ros/commands/test_demo.py',
    'pip install': 'test_install.py',
    'python -m colcon': 'test_install.py',
    'python3 -m colcon': 'test_install.py',
    'ros2 launch': 'ros/test_launch_files.py',
    'ros2 run adu_depth_ros mono_depth_cameras': 'ros/mono/test_several_cameras.py',
    'ros2 run adu_depth_ros mono_depth_node': 'ros/test_record_and_finetune.py',
    'ros2 run adu_depth_ros stereo_teacher_node': 'ros/test_record_and_finetune.py',
    'ros2 service call /stereo/depth_teacher': 'ros/test_record_and_finetune.py',
    'ros2 service call /stereo/stereo_teacher_node': 'ros/test_record_and_finetune.py',
    'torchrun --nproc-per-node': 'core/training/test_training_processes.py',
}
# What no test can run, and what it needs.
NEEDS = {
    'adu-depth predict --camera 0': 'a webcam; a video stands in for it in test_predict.py',
    'cd ~/ws': 'an installed ROS 2; the workflow ros does the same in containers',
    'colcon build': 'an installed ROS 2; test_install.py builds without one',
    'export SRUN_CPUS_PER_TASK': 'SLURM',
    'make docs': 'an environment of its own and half a minute; the workflow docs runs it',
    'make test': 'itself; .ci/run is this command',
    'python3 -m venv': 'an installed ROS 2; test_install.py builds in an environment of its own',
    'rosdep install': 'an installed ROS 2; test_package_xml.py looks at the keys',
    'source ': 'an installed ROS 2',
    'srun torchrun': 'SLURM',
    'ssh -L': 'a second machine',
    'sudo apt': 'the right to install',
    'torchrun --nnodes': 'several machines',
}


def code_of(page: Path) -> str:
    return '\n'.join(CODE.findall(page.read_text(encoding='utf-8')))


def named_commands() -> dict[str, set[str]]:
    """Return the flags that the pages name, by command."""
    found: dict[str, set[str]] = {}
    for page in PAGES:
        for name, rest in COMMAND.findall(code_of(page)):
            found.setdefault(name, set()).update(set(FLAG.findall(rest)) - FOREIGN)
    return found


def shell_lines() -> list[str]:
    """Return every command of every page, each once, lines that go on put together."""
    lines = (
        line
        for page in PAGES
        for block in SHELL.findall(page.read_text(encoding='utf-8'))
        for line in block.replace('\\\n', ' ').splitlines()
    )
    return sorted({line for line in lines if PROGRAM.match(line)})


def begins(line: str, starts: Iterable[str]) -> list[str]:
    """Return which of these a line begins with, whole words, the longest last."""
    fitting = (s for s in starts if line.startswith(s) and not line[len(s) :][:1].isalpha())
    return sorted((s for s in fitting if line[len(s) :][:1] != '-' or s[-1] == ' '), key=len)


def help_of(command: str) -> str:
    words = [sys.executable, '-m', 'adu_depth_core', command, '--help']
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def test_pages_name_commands_with_flags() -> None:
    named = named_commands()
    assert {'predict', 'evaluate', 'train', 'label', 'play-bag'} <= set(named)
    assert '--shard' in named['label']


@pytest.mark.parametrize('line', shell_lines())
def test_a_command_of_a_page_is_run_by_a_test_or_needs_what_none_has(line: str) -> None:
    known = begins(line, [*RUN_BY, *NEEDS])
    assert known, 'name the test that runs it in RUN_BY, or what it needs in NEEDS'
    if known[-1] in RUN_BY:
        assert (REPOSITORY / 'test' / RUN_BY[known[-1]]).is_file()


def test_no_page_has_lost_a_command_that_is_listed() -> None:
    used = {begins(line, [*RUN_BY, *NEEDS])[-1] for line in shell_lines()}
    assert used == set(RUN_BY) | set(NEEDS)


def test_tests_that_are_said_to_run_a_command_name_it() -> None:
    for start, name in RUN_BY.items():
        program, _, command = start.partition(' ')
        if program == 'adu-depth':
            text = (REPOSITORY / 'test' / name).read_text(encoding='utf-8')
            module = command.replace('-', '_')
            assert re.search(rf"commands(\.| import ){module}\b|'{command}'", text), start


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
    for name, rest in LAUNCH.findall(code_of(page)):
        for argument in ARGUMENT.findall(rest):
            assert is_argument(argument, name), (name, argument)
    names = [file.name for file in (REPOSITORY / 'launch').glob('*.launch.py')]
    for argument in INLINE_ARGUMENT.findall(page.read_text(encoding='utf-8')):
        assert any(is_argument(argument, name) for name in names), argument


def is_argument(argument: str, name: str) -> bool:
    """Tell whether a launch file has an argument: named in its code, or a node's parameter."""
    code = (REPOSITORY / 'launch' / name).read_text()
    descriptions = (REPOSITORY / 'adu_depth_ros/launch_descriptions.py').read_text()
    if f"'{argument}'" in code + descriptions:
        return True
    of_function = {'mono_arguments': 'mono_depth', 'stereo_arguments': 'stereo_teacher'}
    nodes = [node for function, node in of_function.items() if function in code]
    files = [REPOSITORY / 'config' / f'{node}.yaml' for node in nodes]
    return any(f'\n    {argument}: ' in file.read_text() for file in files)


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


def test_scripts_and_styles_of_the_site_are_there() -> None:
    """A strict build does not miss them; without the script there is no search from the disk."""
    site = (REPOSITORY / 'mkdocs.yml').read_text()
    named = re.findall(r'^ *(?:polyfills|extra_css): \[(.+)\]', site, re.MULTILINE)
    assert named == ['site.css', 'iframe-worker.js']
    for name in named:
        assert (REPOSITORY / 'docs' / name).is_file()


def test_every_page_is_in_the_navigation() -> None:
    navigation = (REPOSITORY / 'mkdocs.yml').read_text()
    for page in (REPOSITORY / 'docs').rglob('*.md'):
        name = page.relative_to(REPOSITORY / 'docs').as_posix()
        assert re.search(rf': {re.escape(name)}$', navigation, re.MULTILINE), name
