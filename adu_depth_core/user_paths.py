# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Paths that people write where no shell reads them: parameters, configurations, `kind:path`."""

import os
from pathlib import Path

from adu_depth_core.errors import InputError


def user_path(text: str) -> Path:
    """
    Return the path with `~` and `$VARIABLES` expanded; a variable that is not set stays.

    Raises
    ------
    InputError
        When it begins with the home of a user that has none.

    """
    try:
        return Path(os.path.expandvars(text)).expanduser()
    except RuntimeError as error:
        raise InputError(
            f'{text}: there is no such home folder; write the path in full'
        ) from error
