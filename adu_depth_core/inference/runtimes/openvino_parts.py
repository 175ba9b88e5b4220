# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
An OpenVINO model in two: what may compute in a lower precision, and the head that must not.

OpenVINO's precision hint holds for a whole compiled model, and its marks for single nodes do not
keep the CPU from computing the head's convolution and upsampling in bfloat16, which leaves a few
hundred distinct depths of an image. Two models have a hint each.
"""

import numpy as np
import openvino
from openvino import opset13
from openvino.passes import ConstantFolding, Manager

from adu_depth_core.errors import InputError

HEAD = 'network.head.'  # begins the names of its weights


def of_size(model: openvino.Model, height: int, width: int) -> openvino.Model:
    """Give the model's images a fixed size, and turn all that follows from it into constants."""
    images = [value for value in model.inputs if value.partial_shape.rank.get_length() == 4]
    model.reshape({value.any_name: [1, height, width, 3] for value in images})
    passes = Manager()
    passes.register_pass(ConstantFolding())
    passes.run_passes(model)
    return model


def split_at_head(model: openvino.Model, precision: str) -> tuple[openvino.Model, openvino.Model]:
    """
    Cut a model of fixed size where its head begins; the model itself is used up.

    Parameters
    ----------
    model : openvino.Model
        From `of_size`.
    precision : str
        Of the feature that goes from one to the other, in OpenVINO's words: `bf16`, `f16`.

    Returns
    -------
    backbone : openvino.Model
        Maps `image` to the decoder's finest feature, (1, H/4, W/4, C).
    head : openvino.Model
        Maps that feature and `fx` to `depth` and `std`; the first it does is go to float32.

    """
    image, fx = (model.input(name).get_node() for name in ('image', 'fx'))
    found = _head_convolution(model).input_value(0)
    readers = found.get_target_inputs()
    # As the CPU holds it, channels last and in its own type: handing it over reorders nothing.
    feature = opset13.convert(_transposed(found, [0, 2, 3, 1]), precision).output(0)
    shape, kind = feature.get_partial_shape(), feature.get_element_type()
    entry = opset13.parameter(shape, kind, 'feature')
    restored = _transposed(opset13.convert(entry, 'f32').output(0), [0, 3, 1, 2])
    for reader in readers:
        reader.replace_source_output(restored)
    head = openvino.Model([model.output('depth'), model.output('std')], [entry, fx], 'head')
    return openvino.Model([feature], [image], 'backbone'), head


def _transposed(values: openvino.Output, order: list[int]) -> openvino.Output:
    return opset13.transpose(values, opset13.constant(np.array(order))).output(0)


def _head_convolution(model: openvino.Model) -> openvino.Node:
    for node in model.get_ordered_ops():
        if node.get_type_name() == 'Convolution':
            weight = node.input_value(1).get_node()
            if weight.get_friendly_name().startswith(HEAD):
                return node
    raise InputError(
        'this graph does not say where its head begins; use precision float32, or export it anew'
    )
