# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which files make up a bag."""

from collections.abc import Sequence
from pathlib import Path, PurePath

import yaml

from adu_depth_core.bags.zstandard import SUFFIXES
from adu_depth_core.bounded_yaml import load_yaml
from adu_depth_core.errors import InputError
from adu_depth_core.regular_files import check_regular, is_hidden, read_regular

METADATA_BYTES = 2**22
STORAGE_SUFFIXES = ('.mcap', '.db3', '.bag')


def files_of_bag(path: Path) -> tuple[list[Path], list[str]]:
    """
    Return the files of a bag (a folder, or one file), and a sentence for all that is amiss.

    Raises InputError when there are none.
    """
    if path.is_dir():
        return _files_of_folder(path)
    if not path.exists():
        raise InputError(f'{path}: there is no such bag')
    if not is_storage(path):
        raise InputError(f'{path}: is no rosbag2 folder and no .mcap, .db3 or .bag file')
    check_regular(path)
    return [path], []


def is_storage(path: Path) -> bool:
    """Tell by its name whether a file is one of a bag, compressed or not."""
    return uncompressed(path).suffix in STORAGE_SUFFIXES


def uncompressed(path: Path) -> Path:
    """Return the name that a file had before it was compressed."""
    return path.with_suffix('') if path.suffix in SUFFIXES else path


def _files_of_folder(folder: Path) -> tuple[list[Path], list[str]]:
    there = [
        p for p in sorted(folder.iterdir()) if p.is_file() and is_storage(p) and not is_hidden(p)
    ]
    if not there:
        raise InputError(f'{folder}: holds no .mcap, .db3 or .bag file, so it is no bag')
    try:
        named = _named_in_metadata(folder / 'metadata.yaml')
    except InputError as error:
        return _without_copies(there), [f'{error}; its files are read one by one']
    usable = [name for name in named if _is_bag_file(folder / name)]
    files = [folder / name for name in usable]
    missing = [name for name in named if name not in usable]
    more = _of_the_same_recorder(there, [folder / name for name in named])
    if not files and not more:
        raise InputError(f'{folder}: {", ".join(missing)} of its metadata.yaml is not there')
    warnings = []
    if missing:
        warnings.append(
            f'{folder}: {_are(missing)} missing; the other files are read, '
            'and what was in it is left out'
        )
    if more:
        names = [path.name for path in more]
        warnings.append(f'{folder}: {_are(names)} not named in its metadata.yaml and read too')
    return [*files, *more], warnings


def _is_bag_file(path: Path) -> bool:
    return path.is_file() and is_storage(path)


def _of_the_same_recorder(there: Sequence[Path], named: Sequence[Path]) -> list[Path]:
    """
    Return files that the metadata do not name: a recorder that dies after a split leaves some.

    Other than that there are compressed and uncompressed copies, and those in another storage.
    """
    known = {uncompressed(path) for path in named}
    kinds = {path.suffix for path in known}
    return [
        path
        for path in _without_copies(there)
        if uncompressed(path) not in known and uncompressed(path).suffix in kinds
    ]


def _are(names: Sequence[str]) -> str:
    return f'{", ".join(names)} {"is" if len(names) == 1 else "are"}'


def _without_copies(files: Sequence[Path]) -> list[Path]:
    """Leave out compressed files that are there without compression too."""
    return [
        path for path in files if uncompressed(path) == path or uncompressed(path) not in files
    ]


def _named_in_metadata(path: Path) -> list[str]:
    try:
        data = read_regular(path, most=METADATA_BYTES)
    except FileNotFoundError:
        raise InputError(f'{path.parent}: holds no metadata.yaml') from None
    except OSError as error:
        raise InputError(f'{path}: cannot be read ({error.strerror})') from error
    try:
        content = load_yaml(data.decode())
        paths = content['rosbag2_bagfile_information']['relative_file_paths']
        # Some versions write the folder too.
        names = [PurePath(name).name for name in paths]
    except (yaml.YAMLError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise InputError(f'{path}: is damaged') from error
    if not names:
        raise InputError(f'{path}: names no files')
    return names
