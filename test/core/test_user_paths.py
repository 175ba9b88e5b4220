# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What no shell has seen is expanded as one would."""

from pathlib import Path

import pytest

from adu_depth_core.errors import InputError
from adu_depth_core.user_paths import user_path
from adu_depth_core.weights import model_path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.setenv('RUNS', str(tmp_path / 'runs'))
    return tmp_path


def test_home_and_variables_are_expanded_in_any_path(home: Path) -> None:
    assert user_path('~/model.onnx') == home / 'model.onnx'
    assert user_path('$RUNS/a') == user_path('${RUNS}/a') == home / 'runs/a'
    assert user_path('out/~/a') == Path('out/~/a')
    assert user_path('$NO_SUCH_VARIABLE/a') == Path('$NO_SUCH_VARIABLE/a')


def test_model_of_a_parameter_may_lie_at_home(home: Path) -> None:
    assert model_path('~/model.onnx') == home / 'model.onnx'


def test_home_of_nobody_is_an_error_of_one_sentence() -> None:
    with pytest.raises(InputError, match='no-such-user/a: there is no such home folder'):
        user_path('~no-such-user/a')
