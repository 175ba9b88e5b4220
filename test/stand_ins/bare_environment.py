# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Stands in for a computer where NumPy, OpenCV, YAML and ROS are all that apt has brought."""

# What apt has no keys for, or package.xml does not ask for.
MISSING = [
    'PIL',
    'colcon_core',
    'jsonargparse',
    'lightning',
    'lz4',
    'matplotlib',
    'onnx',
    'onnxruntime',
    'onnxscript',
    'openvino',
    'rosbags',
    'safetensors',
    'scipy',
    'timm',
    'torch',
    'torchmetrics',
    'tqdm',
    'xdist',
]
# They are neither found nor imported: as where nobody installed them.
BARE = f"""
import importlib.util, sys

class Missing:
    def find_spec(name, path=None, target=None):
        if name.partition('.')[0] in {MISSING!r}:
            raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)

find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in {MISSING!r} else find(name, *rest)
sys.meta_path.insert(0, Missing)
"""
