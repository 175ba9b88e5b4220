# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The command line of a node: what it says of itself, and what it does not understand.

ROS reads what stands after `--ros-args` and ignores everything else, so that a parameter without
it would change nothing, without a word.
"""

import argparse
from collections.abc import Iterable, Sequence
from textwrap import fill

from adu_depth_ros.nodes.parameters import Setting
from adu_depth_ros.ros_start import parted

ROS_USAGE = '--ros-args [-p NAME:=VALUE ...] [-r FROM:=TO ...] [--params-file FILE ...]'


def node_parser(
    node: str, description: str, settings: Iterable[Setting], own: str = ''
) -> argparse.ArgumentParser:
    """
    Return a parser whose `--help` lists the parameters of a node.

    Parameters
    ----------
    node : str
        Name of the program.
    description : str
        What the node does, in one sentence.
    settings : iterable of Setting
        Its parameters.
    own : str
        How its usage writes the words that are not for ROS, which the caller adds.

    """
    return argparse.ArgumentParser(
        prog=node,
        usage=' '.join(['%(prog)s [-h]', *own.split(), f'[{ROS_USAGE}]']),
        description=description,
        epilog='\n'.join(['parameters:', *map(_described, settings)]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def own_options(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """
    Return what the words outside `--ros-args` say; the first is the name of the program.

    `--help` ends the process with code 0, a word that is not understood with 2.
    """
    own, _ = parted(words[1:])
    options, unknown = parser.parse_known_args(own)
    if unknown:
        parser.error(
            f'"{unknown[0]}" is not understood here; give parameters after --ros-args, as '
            '--ros-args -p NAME:=VALUE, and see --help for them'
        )
    return options


def _described(setting: Setting) -> str:
    default = (
        str(setting.default).lower() if isinstance(setting.default, bool) else setting.default
    )
    choices = f' One of {", ".join(map(str, setting.choices))}.' if setting.choices else ''
    text = fill(
        f'{setting.description}{choices}', 95, initial_indent='      ', subsequent_indent='      '
    )
    return f'  {setting.name} ({"empty" if default == "" else default})\n{text}'
