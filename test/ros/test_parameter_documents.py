# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
A parameter is described once, in the code; parameter files and pages repeat it word for word.

After a change of the code this writes them anew:

    python test/ros/test_parameter_documents.py
"""

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from adu_depth_ros.mono.mono_parameters import MONO_DEPTH
from adu_depth_ros.nodes.parameters import Setting
from adu_depth_ros.stereo.stereo_parameters import STEREO_TEACHER

ROOT = Path(__file__).parents[2]
TABLE = re.compile(r'^\| parameter \|.*\n(\|.*\n)+', re.MULTILINE)


class Documents(NamedTuple):
    settings: Sequence[Setting]
    file: Path
    page: Path

    def expected_file(self) -> str:
        page, name = self.page.relative_to(ROOT), self.file.stem
        head = f'# Parameters of {name}_node with their defaults; {page} says more.\n'
        return head + '/**:\n  ros__parameters:\n' + ''.join(map(lines_of, self.settings))

    def expected_table(self) -> str:
        head = '| parameter | default | may change | |\n|---|---|---|---|\n'
        return head + ''.join(map(row_of, self.settings))


MONO = Documents(MONO_DEPTH, ROOT / 'config/mono_depth.yaml', ROOT / 'docs/nodes.md')
STEREO = Documents(
    STEREO_TEACHER, ROOT / 'config/stereo_teacher.yaml', ROOT / 'docs/stereo_teacher_node.md'
)
BOTH = pytest.mark.parametrize('documents', [MONO, STEREO], ids=['mono', 'stereo'])


def lines_of(setting: Setting) -> str:
    comment = textwrap.wrap(setting.description, 93, break_on_hyphens=False)
    value = yaml.safe_dump({setting.name: setting.default})
    return ''.join(f'    # {line}\n' for line in comment) + f'    {value}'


def row_of(setting: Setting) -> str:
    default = "''" if setting.default == '' else str(setting.default)
    default = default.lower() if isinstance(setting.default, bool) else default
    limits = '' if setting.limits is None else ' {:g} to {:g}.'.format(*setting.limits)
    when = setting.settable.value
    return f'| `{setting.name}` | `{default}` | {when} | {setting.description}{limits} |\n'


@BOTH
def test_parameter_file_says_what_the_code_says(documents: Documents) -> None:
    assert documents.file.read_text() == documents.expected_file()
    values = yaml.safe_load(documents.file.read_text())['/**']['ros__parameters']
    assert values == {setting.name: setting.default for setting in documents.settings}


@BOTH
def test_page_says_what_the_code_says(documents: Documents) -> None:
    found = TABLE.search(documents.page.read_text())
    assert found is not None
    assert found[0] == documents.expected_table()


if __name__ == '__main__':
    for one in (MONO, STEREO):
        one.file.write_text(one.expected_file())
        one.page.write_text(TABLE.sub(lambda _, o=one: o.expected_table(), one.page.read_text()))
