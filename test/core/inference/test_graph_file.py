# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Graphs are read by ourselves before a runtime opens them."""

import pickle
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from adu_depth_core.errors import InputError
from adu_depth_core.inference.graph_file import read_graph_file
from adu_depth_core.inference.model_info import SHA256_KEY, ModelInfo
from adu_depth_core.weights import shipped_model

INFO = ModelInfo('tiny', 360.0, encoder='tf_efficientnet_lite0', decoder_width=64)
WEIGHT = numpy_helper.from_array(np.ones(4, np.float32), 'weight')


def external():
    tensor = TensorProto(name='weight', data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key='location', value='../../etc/passwd')
    return tensor


def sparse(tensor):
    indices = numpy_helper.from_array(np.arange(4), 'indices')
    return helper.make_sparse_tensor(tensor, indices, [8])


def graph_of(tensor, place):
    """A graph with a tensor in one of the places that can hold one."""
    node = helper.make_node('Identity', ['a'], ['b'])
    graph = helper.make_graph([node], 'graph', [], [])
    if place == 'initialiser':
        graph.initializer.append(tensor)
    elif place == 'sparse initialiser':
        graph.sparse_initializer.append(sparse(tensor))
    elif place == 'attribute':
        node = helper.make_node('Constant', [], ['b'], value=tensor)
    elif place == 'sparse attribute':
        node = helper.make_node('Constant', [], ['b'], sparse_value=sparse(tensor))
    elif place == 'branch':
        inner = helper.make_graph([], 'inner', [], [], [tensor])
        node = helper.make_node('If', ['a'], ['b'], then_branch=inner, else_branch=inner)
    graph.node[0].CopyFrom(node)
    model = helper.make_model(graph)
    if place == 'function':
        inside = helper.make_node('Constant', [], ['b'], value=tensor)
        model.functions.append(helper.make_function('f', 'f', [], ['b'], [inside], []))
    if place == 'training':
        model.training_info.add().algorithm.initializer.append(tensor)
    helper.set_model_props(model, {INFO.KEY: INFO.to_json(), SHA256_KEY: 'f' * 64})
    return model.SerializeToString()


PLACES = [
    'initialiser',
    'sparse initialiser',
    'attribute',
    'sparse attribute',
    'branch',
    'function',
    'training',
]


@pytest.mark.parametrize('place', PLACES)
def test_weights_outside_the_file_are_refused_wherever_they_are_named(tmp_path, place):
    path = tmp_path / 'model.onnx'
    path.write_bytes(graph_of(WEIGHT, place))
    assert read_graph_file(path) == (INFO, 'f' * 64)
    path.write_bytes(graph_of(external(), place))
    with pytest.raises(InputError, match=r'model\.onnx: keeps weights in other files'):
        read_graph_file(path)


def test_shipped_graph_says_what_onnx_reads_of_it():
    path = shipped_model('tiny').with_suffix('.onnx')
    properties = {p.key: p.value for p in onnx.load(path).metadata_props}
    assert read_graph_file(path).model_sha256 == properties[SHA256_KEY]


@pytest.mark.parametrize(
    'content',
    [
        b'',
        b'hello' * 100,
        pickle.dumps({'a': 1}),
        graph_of(WEIGHT, 'branch')[:-7],
        b'\x3a\xff\xff\xff\xff\x0f',  # a graph of 4 GB
        b'\x3a' + b'\xff' * 11,  # a length of more than 64 bits
        b'\x38\x01',  # a number in place of a graph
        b'\x72\x02\x08\x01',  # a number in place of a property's key
    ],
)
def test_what_is_no_graph_of_ours_is_refused_in_a_sentence(tmp_path, content):
    path = tmp_path / 'model.onnx'
    path.write_bytes(content)
    with pytest.raises(InputError, match=r'model\.onnx: ') as caught:
        read_graph_file(path)
    assert '\n' not in str(caught.value)


def test_graphs_in_graphs_without_end_are_refused(tmp_path):
    content = b''
    for _ in range(sys.getrecursionlimit()):
        for key in (b'\x32', b'\x2a', b'\x0a'):  # graph of an attribute of a node
            size = len(content)
            length = bytes([size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14])
            content = key + length + content
    content = b'\x3a' + bytes([len(content) & 0x7F | 0x80, len(content) >> 7]) + content
    path = tmp_path / 'model.onnx'
    path.write_bytes(content)
    with pytest.raises(InputError, match='nested more than'):
        read_graph_file(path)
