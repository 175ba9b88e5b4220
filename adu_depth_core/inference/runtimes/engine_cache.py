# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Engines of TensorRT, which take minutes to build, kept for the next start.

An engine holds for one graph, size, precision, driver, GPU and version alone, and TensorRT leaves
it to others to see to that. So each lies in a folder of its own, named after all of these.
"""

import ctypes
import hashlib
import json
import logging
import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from adu_depth_core.atomic_files import require_writable, told_unwritable
from adu_depth_core.atomic_folders import folder_written_whole
from adu_depth_core.errors import InputError
from adu_depth_core.user_paths import user_path

KEY_FILE = 'built_for.json'
LIBRARIES = ('libnvinfer.so.10', 'libnvinfer.so.8', 'libnvinfer.so')
DRIVER = Path('/proc/driver/nvidia')
JETSON = Path('/etc/nv_tegra_release')
UNKNOWN = 'unknown'
PART = 12  # characters of a hash

# onnxruntime wants these very words.
YES, NO = 'True', 'False'

Session = TypeVar('Session')
Options = dict[str, str]

logger = logging.getLogger(__name__)


class EngineOf(NamedTuple):
    """
    What an engine computes.

    Attributes
    ----------
    graph_sha256 : str
    width, height : int
        Of the images that the network sees, in px.
    precision : str

    """

    graph_sha256: str
    width: int
    height: int
    precision: str

    def __str__(self) -> str:
        return f'TensorRT engine for images of {self.width}x{self.height} in {self.precision}'


def engine_folder(text: str) -> Path:
    """
    Return the folder of engines that a parameter or a flag names.

    Raises
    ------
    InputError
        When it is empty and the user has no home.

    """
    if text:
        return user_path(text)
    cache = Path(os.environ.get('XDG_CACHE_HOME', ''))
    try:
        # The standard has relative ones ignored.
        folder = cache if cache.is_absolute() else Path.home() / '.cache'
    except RuntimeError as error:
        raise InputError(
            'engine cache: the user has no home; name a folder by engine_cache or --engine-cache'
        ) from error
    return folder / 'adu_depth' / 'engines'


def made_with() -> dict[str, str]:
    """Return the versions and the GPUs that an engine depends on, as far as they can be known."""
    gpus = sorted(
        line.partition(':')[2].strip()
        for file in DRIVER.glob('gpus/*/information')
        for line in _text(file).splitlines()
        if line.startswith('Model:')
    )
    return {
        'onnxruntime': _onnxruntime_version(),
        'tensorrt': _tensorrt_version(),
        'driver': _driver_version(),
        'gpus': ', '.join(gpus) or UNKNOWN,
    }


class EngineCache:
    """
    A folder of engines; it may be shared by all models and processes of a machine.

    Parameters
    ----------
    folder : Path
    versions : mapping of str to str
        See `made_with`.

    Raises
    ------
    InputError
        When nothing can be written there.

    """

    def __init__(self, folder: Path, versions: Mapping[str, str]) -> None:
        self._folder, self._versions = folder.absolute(), versions
        try:
            require_writable(self._folder / KEY_FILE)
        except InputError as error:
            raise InputError(
                f'engine cache: {error}; name another folder by engine_cache or --engine-cache'
            ) from error

    def folder_of(self, engine: EngineOf) -> Path:
        """Return where an engine is kept."""
        hashed = _hash({**engine._asdict(), **self._versions})
        size = f'{engine.width}x{engine.height}'
        name = f'{engine.graph_sha256[:PART]}_{size}_{engine.precision}_{hashed}'
        return self._folder / name

    def session(self, engine: EngineOf, make: Callable[[Options], Session]) -> Session:
        """
        Return a session with an engine: the one that is kept, or else a new one.

        Parameters
        ----------
        engine : EngineOf
        make : callable
            Called with the options of onnxruntime's provider; raises InputError.

        """
        kept = self.folder_of(engine)
        if (kept / KEY_FILE).is_file():
            try:
                return self._taken(engine, kept, make)
            except InputError as error:
                logger.warning('%s is of no use and is built anew: %s', kept, error)
        return self._built(engine, kept, make)

    def _taken(self, engine: EngineOf, kept: Path, make: Callable[[Options], Session]) -> Session:
        started = time.monotonic()
        session = make(self._options(kept))
        logger.info('took the %s from %s in %.1f s', engine, kept, time.monotonic() - started)
        return session

    def _built(self, engine: EngineOf, kept: Path, make: Callable[[Options], Session]) -> Session:
        logger.warning('builds the %s, which can take minutes; it is kept in %s', engine, kept)
        started = time.monotonic()
        # Whole or not at all: TensorRT would stumble over half a file.
        with folder_written_whole(kept, lambda _: None) as part:
            with told_unwritable(kept):
                part.mkdir()
            session = make(self._options(part))
            seconds = round(time.monotonic() - started, 1)
            key = {**engine._asdict(), **self._versions, 'seconds': seconds}
            with told_unwritable(kept):
                (part / KEY_FILE).write_text(json.dumps(key, indent=1) + '\n')
        logger.warning('built the %s in %.1f s', engine, seconds)
        return session

    def _options(self, folder: Path) -> Options:
        return {
            'trt_engine_cache_enable': YES,
            'trt_engine_cache_path': str(folder),
            # How fast each kernel is holds for other sizes and models, too.
            'trt_timing_cache_enable': YES,
            'trt_timing_cache_path': str(self._folder),
            'trt_fp16_enable': NO,
        }


def _hash(key: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:PART]


def _onnxruntime_version() -> str:
    import onnxruntime

    return str(onnxruntime.__version__)


def _tensorrt_version() -> str:
    for name in LIBRARIES:
        try:
            return str(ctypes.CDLL(name).getInferLibVersion())
        except (OSError, AttributeError):
            continue
    return UNKNOWN


def _driver_version() -> str:
    found = re.search(r'\d+\.\d+(\.\d+)*', _text(DRIVER / 'version'))
    return found[0] if found else _text(JETSON).strip().partition('\n')[0] or UNKNOWN


def _text(file: Path) -> str:
    try:
        return file.read_text(errors='replace')
    except OSError:
        return ''
