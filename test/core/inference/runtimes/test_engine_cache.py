# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Engines of TensorRT are kept under all that they were built for.

There is no GPU here: onnxruntime's session is one of the CPU that writes a file where TensorRT
would write its engine.
"""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnxruntime import InferenceSession

from adu_depth_core.errors import InputError
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.inference.runtimes import engine_cache, onnx_runtime
from adu_depth_core.inference.runtimes.engine_cache import (
    EngineCache,
    EngineOf,
    engine_folder,
    made_with,
)
from adu_depth_core.inference.runtimes.loading import load_runtime
from adu_depth_core.inference.runtimes.parity import parity_frame
from adu_depth_core.inference.runtimes.runtime import Runtime
from adu_depth_core.weights import shipped_model

TINY = shipped_model('tiny')
ENGINE = EngineOf('ab' * 32, 640, 192, 'float32')
VERSIONS = {'tensorrt': '101300', 'driver': '580.65.06', 'gpus': 'Orin'}


class FakeTensorRt:
    """onnxruntime's sessions, remembered with the options of TensorRT that they were given."""

    def __init__(self) -> None:
        self.options: list[dict[str, str]] = []
        self.inputs: list[list[Any]] = []
        self.built: list[Path] = []
        self.refused: Path | None = None

    def __call__(
        self, path: str, options: Any, *, providers: list[Any], enable_fallback: int
    ) -> Any:
        first = providers[0]
        name = first if isinstance(first, str) else first[0]
        if name != first:
            self._note(first[1])
        session = InferenceSession(path, options, providers=['CPUExecutionProvider'])
        self.inputs.append([x.shape for x in session.get_inputs()])
        session.get_providers = lambda: [name]
        return session

    def _note(self, options: dict[str, str]) -> None:
        self.options.append(options)
        if 'trt_engine_cache_path' not in options:
            return
        folder = Path(options['trt_engine_cache_path'])
        if folder == self.refused:
            raise RuntimeError('could not deserialize engine from cache')
        file = folder / 'graph_0.engine'
        if not file.exists():
            file.write_bytes(b'engine')
            self.built.append(file)


@pytest.fixture
def tensorrt(monkeypatch: pytest.MonkeyPatch) -> FakeTensorRt:
    fake = FakeTensorRt()
    monkeypatch.setenv('NVIDIA_TF32_OVERRIDE', '0')
    monkeypatch.setattr(onnxruntime, 'InferenceSession', fake)
    monkeypatch.setattr(onnxruntime, 'preload_dlls', lambda: None)
    there = list(onnx_runtime.PROVIDERS.values())
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: there)
    return fake


Load = Callable[[], Runtime]


@pytest.fixture
def load(tensorrt: FakeTensorRt, tmp_path: Path) -> Load:
    def loaded() -> Runtime:
        folder = str(tmp_path / 'engines')
        return load_runtime(
            TINY, 'onnxruntime', 'tensorrt:1', 'float32', engine_cache=folder
        ).runtime

    return loaded


def test_an_engine_is_built_for_each_size_and_found_at_the_next_start(
    tensorrt: FakeTensorRt, load: Load, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    frames = [parity_frame(64, 32), parity_frame(96, 64)]
    first = load()
    assert (first.device, tensorrt.built) == ('tensorrt:1', [])
    depths = [first(frame, 300.0)[0] for frame in frames]
    assert len(tensorrt.built) == 2
    sentences = [record.getMessage() for record in caplog.records]
    assert 'builds the TensorRT engine for images of 64x32 in float32, which can' in sentences[0]
    assert sentences[1].startswith('built the TensorRT engine for images of 64x32 in float32 in ')
    assert len(sentences) == 4
    with caplog.at_level(logging.INFO):
        second = load()
        again = [second(frame, 300.0)[0] for frame in frames]
    np.testing.assert_array_equal(flat(again), flat(depths))
    assert len(tensorrt.built) == 2
    assert caplog.records[-1].getMessage().startswith('took the TensorRT engine for images of 96')
    kept = sorted(x.parent.name for x in (tmp_path / 'engines').glob('*/graph_0.engine'))
    assert [name.split('_')[1:3] for name in kept] == [['64x32', 'float32'], ['96x64', 'float32']]
    assert not list((tmp_path / 'engines').glob('.part-*'))


def flat(arrays: list[Any]) -> Any:
    return np.hstack([x.ravel() for x in arrays])


def test_images_of_a_size_cost_one_session(tensorrt: FakeTensorRt, load: Load) -> None:
    runtime = load()
    for _ in range(3):
        runtime(parity_frame(64, 32), 300.0)
    assert len(tensorrt.inputs) == 2


def test_all_shapes_are_known_to_the_session_that_builds(
    tensorrt: FakeTensorRt, load: Load
) -> None:
    load()(parity_frame(96, 64), 300.0)
    assert tensorrt.inputs == [[[1, '32*h', '32*w', 3], [1]], [[1, 64, 96, 3], [1]]]


def test_depth_is_that_of_the_session_of_any_size(load: Load) -> None:
    frame = parity_frame(320, 96)
    expected = load_runtime(TINY, 'onnxruntime', 'cpu', 'float32').runtime(frame, 300.0)
    for found, values in zip(load()(frame, 300.0), expected, strict=True):
        np.testing.assert_allclose(found, values, rtol=1e-3)


def test_options_are_those_of_onnxruntimes_page(
    tensorrt: FakeTensorRt, load: Load, tmp_path: Path
) -> None:
    load()(parity_frame(64, 32), 300.0)
    first, second = tensorrt.options
    assert first == {'device_id': '1', 'trt_min_subgraph_size': '2147483647'}
    assert Path(second.pop('trt_engine_cache_path')).is_relative_to(tmp_path / 'engines')
    assert second == {
        'device_id': '1',
        'trt_engine_cache_enable': 'True',
        'trt_timing_cache_enable': 'True',
        'trt_timing_cache_path': str(tmp_path / 'engines'),
        'trt_fp16_enable': 'False',
    }


def test_engine_that_cannot_be_read_is_built_anew(
    tensorrt: FakeTensorRt, load: Load, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load()(parity_frame(64, 32), 300.0)
    (tensorrt.refused,) = (x.parent for x in (tmp_path / 'engines').glob('*/*.engine'))
    load()(parity_frame(64, 32), 300.0)
    assert len(tensorrt.built) == 2
    assert 'is of no use and is built anew' in caplog.text
    assert 'could not deserialize engine' in caplog.text


def test_engine_of_a_build_that_was_cut_off_is_not_taken(tmp_path: Path) -> None:
    cache = EngineCache(tmp_path, VERSIONS)

    def refused(options: dict[str, str]) -> None:
        (Path(options['trt_engine_cache_path']) / 'half.engine').write_bytes(b'half')
        raise InputError('no memory')

    with pytest.raises(InputError, match='no memory'):
        cache.session(ENGINE, refused)
    assert list(tmp_path.iterdir()) == []
    assert cache.session(ENGINE, lambda options: 'built') == 'built'
    found = json.loads((cache.folder_of(ENGINE) / 'built_for.json').read_text())
    assert found.pop('seconds') >= 0
    assert found == {**ENGINE._asdict(), **VERSIONS}


@pytest.mark.parametrize(
    'other',
    [
        {'graph_sha256': 'cd' * 32},
        {'width': 320},
        {'height': 96},
        {'precision': 'float16'},
        {'driver': '590.1'},
        {'tensorrt': '101400'},
        {'gpus': 'Thor'},
    ],
    ids=str,
)
def test_whatever_else_it_was_built_for_is_another_engine(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    here = EngineCache(tmp_path, VERSIONS).folder_of(ENGINE)
    of_engine = {name: value for name, value in other.items() if name in ENGINE._fields}
    versions = {**VERSIONS, **{k: v for k, v in other.items() if k not in of_engine}}
    assert EngineCache(tmp_path, versions).folder_of(ENGINE._replace(**of_engine)) != here
    assert EngineCache(tmp_path, dict(VERSIONS)).folder_of(ENGINE) == here


def test_folder_that_cannot_be_written_is_one_sentence(
    tensorrt: FakeTensorRt, tmp_path: Path
) -> None:
    (tmp_path / 'file').write_text('')
    folder = tmp_path / 'file' / 'engines'
    with pytest.raises(InputError) as refusal:
        Predictor.load(runtime='onnxruntime', device='tensorrt', engine_cache=str(folder))
    assert str(refusal.value) == (
        f'engine cache: {folder}/built_for.json: cannot be written (Not a directory); '
        'name another folder by engine_cache or --engine-cache'
    )


def test_folder_is_that_of_the_user_unless_it_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.delenv('XDG_CACHE_HOME', raising=False)
    assert engine_folder('') == tmp_path / '.cache/adu_depth/engines'
    monkeypatch.setenv('XDG_CACHE_HOME', 'relative')
    assert engine_folder('') == tmp_path / '.cache/adu_depth/engines'
    monkeypatch.setenv('XDG_CACHE_HOME', '/var/cache')
    assert engine_folder('') == Path('/var/cache/adu_depth/engines')
    assert engine_folder('~/mine') == tmp_path / 'mine'
    assert engine_folder('$HOME/mine') == tmp_path / 'mine'


def test_user_without_a_home_names_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Path:
        raise RuntimeError('Could not determine home directory.')

    monkeypatch.delenv('XDG_CACHE_HOME', raising=False)
    monkeypatch.setattr(Path, 'home', nobody)
    with pytest.raises(InputError, match='no home; name a folder by engine_cache'):
        engine_folder('')


def test_versions_are_read_where_the_driver_says_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engine_cache, 'DRIVER', tmp_path)
    monkeypatch.setattr(engine_cache, 'JETSON', tmp_path / 'nv_tegra_release')
    monkeypatch.setattr(engine_cache, 'LIBRARIES', ('libm.so.6', 'libnowhere.so.1'))
    found = made_with()
    assert found.pop('onnxruntime') == onnxruntime.__version__
    assert found == {'tensorrt': 'unknown', 'driver': 'unknown', 'gpus': 'unknown'}
    (tmp_path / 'nv_tegra_release').write_text('# R36 (release), REVISION: 4.3\n')
    assert made_with()['driver'] == '# R36 (release), REVISION: 4.3'
    (tmp_path / 'version').write_text(
        'NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun Jul\nGCC version: 12.3.0\n'
    )
    (tmp_path / 'gpus/0000:01:00.0').mkdir(parents=True)
    (tmp_path / 'gpus/0000:01:00.0/information').write_text(
        'Model: \t\t NVIDIA RTX A2000\nIRQ: 130\n'
    )
    assert made_with()['driver'] == '580.65.06'
    assert made_with()['gpus'] == 'NVIDIA RTX A2000'
