# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What stands in a model file: its metadata, and the header before its tensors."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from adu_depth_core.inference.graph_file import read_graph_file
from adu_depth_core.inference.model_info import SHA256_KEY, ModelInfo, find_info
from adu_depth_core.inference.network_size import network_size
from random_cases import Cases

Near = Callable[[Any], st.SearchStrategy[Any]]

INFO = ModelInfo('tiny', 360.0, encoder='mobilenetv4_conv_small', decoder_width=64)
VALUES = json.loads(INFO.to_json())
FIRST = {**VALUES, 'format': 1}


def check(info: ModelInfo) -> None:
    """All that a prediction computes with is a number that it can compute with."""
    numbers = [info.canonical_focal, info.temperature, info.min_depth, info.max_depth]
    assert all(isinstance(number, int | float) for number in numbers)
    assert np.isfinite(numbers).all()
    assert min(numbers) > 0
    assert info.min_depth < info.max_depth
    assert isinstance(info.pixels, int)
    assert network_size(1242, 375, info.pixels).padded_width >= 32
    means, deviations = np.array(info.image_mean, float), np.array(info.image_std, float)
    assert means.shape == deviations.shape == (3,)
    assert np.isfinite(means).all()
    assert np.isfinite(deviations).all()
    assert (deviations > 0).all()
    assert all(isinstance(asdict(info)[name], str) for name in ('preset', 'encoder', 'licence'))


@given(st.data(), st.sampled_from([VALUES, FIRST]))
def test_metadata_of_a_model(
    cases: Cases, odd: Near, data: st.DataObject, values: dict[str, Any]
) -> None:
    text = json.dumps(data.draw(odd(values)))
    info = cases.outcome('metadata of a model', lambda: find_info({ModelInfo.KEY: text}, 'model'))
    if info is not None:
        check(info)


@given(st.data())
def test_text_of_the_metadata(cases: Cases, spoilt: Near, data: st.DataObject) -> None:
    text = data.draw(spoilt(INFO.to_json().encode())).decode(errors='replace')
    info = cases.outcome('text of the metadata', lambda: find_info({ModelInfo.KEY: text}, 'model'))
    if info is not None:
        check(info)


def test_deep_metadata_are_refused(cases: Cases) -> None:
    deep = '[' * 100_000
    assert cases.outcome('metadata', lambda: find_info({ModelInfo.KEY: deep}, 'model')) is None


@pytest.fixture(scope='session')
def tensors(scratch: Path) -> bytes:
    """A small file of two tensors, of a network that there is not."""
    from safetensors.numpy import save_file

    path = scratch / 'whole.safetensors'
    arrays = {'a': np.ones((2, 3), np.float16), 'b': np.arange(3)}
    info = replace(INFO, encoder='no_such_encoder')
    save_file(arrays, path, metadata={ModelInfo.KEY: info.to_json()})
    return path.read_bytes()


@given(st.data())
def test_header_of_tensors(
    cases: Cases, scratch: Path, spoilt: Near, tensors: bytes, data: st.DataObject
) -> None:
    from adu_depth_core.inference.model_file import load_model_file

    path = scratch / 'spoilt.safetensors'
    path.write_bytes(data.draw(spoilt(tensors)))
    assert cases.outcome('header of tensors', lambda: load_model_file(path)) is None


@pytest.fixture(scope='session')
def graph() -> bytes:
    """A small graph in a graph, with a tensor in each and our metadata."""
    weight = numpy_helper.from_array(np.ones(4, np.float32), 'weight')
    inner = helper.make_graph([], 'inner', [], [], [weight])
    node = helper.make_node('If', ['a'], ['b'], then_branch=inner, else_branch=inner)
    model = helper.make_model(helper.make_graph([node], 'graph', [], [], [weight]))
    helper.set_model_props(model, {INFO.KEY: INFO.to_json(), SHA256_KEY: 'f' * 64})
    return bytes(model.SerializeToString())


@given(st.data())
def test_bytes_of_a_graph(
    cases: Cases, scratch: Path, spoilt: Near, graph: bytes, data: st.DataObject
) -> None:
    path = scratch / 'spoilt.onnx'
    path.write_bytes(data.draw(spoilt(graph)))
    read = cases.outcome('bytes of a graph', lambda: read_graph_file(path))
    if read is not None:
        check(read.info)
        assert len(read.model_sha256) <= 64
