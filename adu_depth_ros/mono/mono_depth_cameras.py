# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Several cameras in one process, sharing one model in memory.

    ros2 run adu_depth_ros mono_depth_cameras front rear --ros-args -p max_depth:=50.0

Each camera gets a mono_depth_node in its namespace: /front/mono_depth_node listens to
/front/image_rect and /front/camera_info.
"""

import argparse
import sys
from collections.abc import Sequence

from rclpy.exceptions import InvalidNamespaceException
from rclpy.validate_namespace import validate_namespace

from adu_depth_ros.mono.mono_depth_node import MonoDepthNode
from adu_depth_ros.mono.mono_parameters import MONO_DEPTH
from adu_depth_ros.mono.shared_model import SharedModels
from adu_depth_ros.nodes.command_line import node_parser, own_options
from adu_depth_ros.nodes.run_node import run_nodes


def main(args: Sequence[str] | None = None) -> int:
    """Run the nodes until SIGINT or SIGTERM; returns the exit code."""
    words = list(sys.argv if args is None else args)
    namespaces = _namespaces(words)
    models = SharedModels()
    return run_nodes(
        lambda: [
            MonoDepthNode(load_predictor=models.load, namespace=namespace)
            for namespace in namespaces
        ],
        words,
    )


def _namespaces(words: Sequence[str]) -> list[str]:
    parser = node_parser(
        'mono_depth_cameras',
        'depth of several cameras that share one model',
        MONO_DEPTH,
        own='NAMESPACE [NAMESPACE ...]',
    )
    parser.add_argument(
        'namespaces', nargs='+', type=_namespace, help='of the cameras, as front or /robot/front'
    )
    namespaces: list[str] = own_options(parser, words).namespaces
    if len(set(namespaces)) < len(namespaces):
        parser.error(f'two cameras cannot share a namespace: {" ".join(namespaces)}')
    return namespaces


def _namespace(word: str) -> str:
    namespace = f'/{word.strip("/")}'
    try:
        validate_namespace(namespace)
    except InvalidNamespaceException as error:
        raise argparse.ArgumentTypeError(f'{word} is no namespace: {error}') from error
    return namespace


if __name__ == '__main__':
    sys.exit(main())
