# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Models that ship with the package."""

from pathlib import Path

from adu_depth_core.errors import InputError
from adu_depth_core.user_paths import user_path

FOLDER = Path(__file__).parent


def model_path(model: str) -> Path:
    """Return the path of a model: a file, by its suffix, or the name of one that ships."""
    return user_path(model) if Path(model).suffix else shipped_model(model)


def shipped_model(name: str) -> Path:
    """Return the path of a shipped model file; `InputError` names those there are."""
    path = FOLDER / f'{name}.safetensors'
    if not path.is_file():
        there = ', '.join(sorted(p.stem for p in FOLDER.glob('*.safetensors'))) or 'none'
        raise InputError(f'model "{name}" is neither a file nor shipped here; shipped: {there}')
    return path
