# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""docs/architecture.md is about this code: its picture, and every file that it names."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / 'docs' / 'architecture.md'
NAMED = sorted(set(re.findall(r'`([\w./-]+(?:\.(?:py|yaml|md|svg)|/))`', PAGE.read_text())))


def drawing() -> ModuleType:
    file = REPOSITORY / 'docs' / 'draw_architecture.py'
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_picture_is_what_the_code_gives_now() -> None:
    module = drawing()
    drawn = module.PICTURE.read_text(encoding='utf-8')
    assert drawn == module.picture(), 'run python docs/draw_architecture.py'


def test_no_arrow_leads_in_a_circle() -> None:
    module = drawing()
    arrows = module.imports(module.rooms())
    assert [room for room in arrows if room in module.reachable(arrows, room)] == []


def test_arrows_are_those_of_rooms_that_are_known_to_import_each_other() -> None:
    module = drawing()
    arrows = module.imports(module.rooms())
    assert 'adu_depth_core.inference' in arrows['adu_depth_core.evaluation']
    assert 'adu_depth_ros.nodes' in arrows['adu_depth_ros.mono']
    assert not {room for room in arrows['adu_depth_core.inference'] if 'training' in room}


def test_page_names_files() -> None:
    assert len(NAMED) > 40


@pytest.mark.parametrize('name', NAMED)
def test_file_that_the_page_names_is_there(name: str) -> None:
    assert (REPOSITORY / name).exists(), f'docs/architecture.md names {name}'
