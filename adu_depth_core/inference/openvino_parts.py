# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
An OpenVINO model in two: what may compute in a lower precision, and the head that must not.

OpenVINO's precision hint holds for a whole compiled model, and its marks for single nodes do not
keep the CPU from computing the head's convolution and upsampling in bfloat16, which leaves a few
hundred distinct depths of an image. Two models have a hint each.
"""

import openvino
from openvino import opset13
from openvino.passes import ConstantFolding, Manager

from adu_depth_core.errors import InputError

HEAD_WEIGHT = 'network.head.conv.weight'


def of_size(model: openvino.Model, height: int, width: int) -> openvino.Model:
    """Give the model's image a fixed size, and turn all that follows from it into constants."""
    model.reshape({'image': [1, height, width, 3]})
    passes = Manager()
    passes.register_pass(ConstantFolding())
    passes.run_passes(model)
    return model


def split_at_head(model: openvino.Model) -> tuple[openvino.Model, openvino.Model]:
    """
    Cut a model of fixed size where its head begins; the model itself is used up.

    Returns
    -------
    backbone : openvino.Model
        Maps `image` to the decoder's finest feature, (1, C, H/4, W/4) float32.
    head : openvino.Model
        Maps that feature and `fx` to `depth` and `std`.

    """
    image, fx = (model.input(name).get_node() for name in ('image', 'fx'))
    feature = _head_convolution(model).input_value(0)
    entry = opset13.parameter(feature.get_partial_shape(), openvino.Type.f32, 'feature')
    for reader in feature.get_target_inputs():
        reader.replace_source_output(entry.output(0))
    head = openvino.Model([model.output('depth'), model.output('std')], [entry, fx], 'head')
    return openvino.Model([feature], [image], 'backbone'), head


def _head_convolution(model: openvino.Model) -> openvino.Node:
    for node in model.get_ordered_ops():
        if node.get_friendly_name() == HEAD_WEIGHT:
            (reader,) = node.output(0).get_target_inputs()
            return reader.get_node()
    raise InputError(
        'this graph does not say where its head begins; use precision float32, or export it anew'
    )
