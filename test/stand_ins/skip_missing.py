# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
A plugin for pytest: what needs a package that was left out on purpose is skipped.

For small environments: `colcon test` has what package.xml asks for, without what comes from pip
alone, and noxfile.py names what else it leaves out in ADU_DEPTH_LEFT_OUT. Only a package of those
names is forgiven, and only if it is not there; `make test` forgives none. A test of a process of
its own shows what is missing by what that process said.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest

from bare_environment import MISSING

NAMED = os.environ.get('ADU_DEPTH_LEFT_OUT')
LEFT_OUT = {
    name for name in (MISSING if NAMED is None else NAMED.split()) if find_spec(name) is None
}
NAMES = '|'.join(sorted(LEFT_OUT)) or 'none'
SAID = re.compile(
    rf"No module named '({NAMES})\b"
    rf'|runtime "({NAMES})" is not installed'
    rf'|\b({NAMES}) is missing: '
)


def is_left_out(error: BaseException | None) -> bool:
    """Whether this is why a test could not be imported, or not be run to its end."""
    while error is not None:
        name = getattr(error, 'name', None)
        if isinstance(error, ImportError) and (name or '').partition('.')[0] in LEFT_OUT:
            return True
        if SAID.search(f'{error} {getattr(error, "stderr", None)}'):
            return True
        error = error.__cause__ or error.__context__
    return False


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makemodule() -> Iterator[None]:
    """Skip a file."""
    module = yield
    original = module._getobj

    def imported() -> object:
        try:
            return original()
        except module.CollectError as error:
            if is_left_out(error):
                pytest.skip('needs what was left out', allow_module_level=True)
            raise

    module._getobj = imported
    return module


@contextmanager
def skipped_where_left_out() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if is_left_out(error):
            pytest.skip(f'needs what was left out: {error}')
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Skip a test."""
    with skipped_where_left_out():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    """Skip what asks for a fixture; the second who asks gets the error of the first."""
    with skipped_where_left_out():
        return (yield)
