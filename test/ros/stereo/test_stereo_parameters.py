# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Parameters of the stereo node: code, file and documentation say the same."""

from pathlib import Path

import pytest

from adu_depth_ros.stereo.stereo_parameters import (
    STEREO_TEACHER,
    recording_folder,
    recording_options,
)
from stereo_world import FakeTeacher, StereoWorld

REPOSITORY = Path(__file__).parents[3]
DEFAULTS = {setting.name: setting.default for setting in STEREO_TEACHER}


def document() -> str:
    return (REPOSITORY / 'docs' / 'stereo_teacher_node.md').read_text()


def test_documentation_lists_every_value_of_diagnostics(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    node = stereo.node(teacher, autostart=False)
    text = document().partition('## Diagnostics')[2]
    assert [name for name in node._figures() if f'`{name}`' not in text] == []


def test_documentation_lists_every_output(stereo: StereoWorld, teacher: FakeTeacher) -> None:
    node = stereo.node(teacher)
    stereo.world.spin_until_state(node, 'active')
    listed = document().partition('## Published topics')[2].partition('## Services')[0]
    names = [publisher.topic_name.lstrip('/') for publisher in node._outputs._publishers]
    assert [name for name in names if f'| `{name}` |' not in listed] == []
    assert len(names) == listed.count('\n| `')


@pytest.mark.parametrize(
    ('namespace', 'below'), [('/', ''), ('/front', 'front'), ('/robot/rear', 'robot/rear')]
)
def test_folder_of_a_node_follows_its_namespace(
    monkeypatch: pytest.MonkeyPatch, namespace: str, below: str
) -> None:
    monkeypatch.setenv('DISK', '/media/disk')
    assert recording_folder('$DISK/drives', namespace) == Path('/media/disk/drives') / below


def test_parameters_become_options_of_a_recording(
    stereo: StereoWorld, teacher: FakeTeacher
) -> None:
    changes = {'record_folder': '/r', 'record_jpeg_quality': 90, 'record_every': 7}
    node = stereo.node(teacher, autostart=False, record_min_free_space=1.5, **changes)
    options = recording_options(node)
    assert (options.folder, options.jpeg_quality, options.every) == (Path('/r'), 90, 7)
    assert (options.min_change, options.min_free_bytes) == (6.0, 1.5e9)
    plain = stereo.node(teacher, autostart=False, name_space='n', record_folder='/r')
    assert recording_options(plain).jpeg_quality is None
