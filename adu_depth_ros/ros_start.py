# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""ROS for a process of ours: what it cannot start with becomes a sentence, not a traceback."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import rclpy
from rclpy.context import Context
from rclpy.exceptions import NameValidationException, ParameterException
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.signals import SignalHandlerOptions

from adu_depth_core.errors import InputError

DOMAINS = range(233)
REFUSALS = (
    rclpy_implementation.RCLError,
    rclpy_implementation.RCLInvalidROSArgsError,
    rclpy_implementation.UnknownROSArgsError,
    NameValidationException,
    ParameterException,
)
# What is in the sentences of rcl, and what to do then.
ADVICE = {
    'log level': 'use debug, info, warn, error or fatal',
    'logging directory': 'set ROS_LOG_DIR to a folder that can be written',
    'log directory': 'set ROS_LOG_DIR to a folder that can be written',
    'node namespace': 'write it as /robot/front',
    'remap rule': 'write FROM:=TO; names of topics have letters, digits, _ and /',
    'params file': 'check that it is there and that it is YAML',
}


def parted(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """
    Part our own words from those between `--ros-args` and `--`, which launch files append.

    rclpy's `remove_ros_args` would also take away every bare FROM:=TO.
    """
    own: list[str] = []
    ros: list[str] = []
    in_ros = False
    for word in argv:
        in_ros = in_ros or word == '--ros-args'
        (ros if in_ros else own).append(word)
        in_ros = in_ros and word != '--'
    return own, ros


@contextmanager
def ros(
    arguments: Sequence[str] | None, context: Context | None = None, *, domain: int | None = None
) -> Iterator[None]:
    """
    Initialise ROS for the block, whose signals stay those of the caller.

    Parameters
    ----------
    arguments : sequence of str, optional
        ROS arguments, with the name of the program first; ``sys.argv`` where not given.
    context : Context, optional
        That of the process where not given.
    domain : int, optional
        That of ROS_DOMAIN_ID where not given.

    Raises
    ------
    InputError
        When ROS refuses what it is given, here or as a node is made in the block.

    """
    if domain is None:
        _check_domain(os.environ)
    words = None if arguments is None else list(arguments)
    try:
        rclpy.init(
            args=words,
            context=context,
            domain_id=domain,
            signal_handler_options=SignalHandlerOptions.NO,
        )
    except REFUSALS as error:
        raise _refused(error) from error
    try:
        yield
    finally:
        rclpy.try_shutdown(context=context)


@contextmanager
def refusals_said() -> Iterator[None]:
    """Have what ROS refuses while nodes are made in the block raise InputError."""
    try:
        yield
    except REFUSALS as error:
        raise _refused(error) from error


def _check_domain(environment: Mapping[str, str]) -> None:
    """Refuse what Fast DDS would end the process for."""
    domain = environment.get('ROS_DOMAIN_ID') or '0'
    if not (domain.isdecimal() and int(domain) in DOMAINS):
        raise InputError(
            f'cannot start: ROS_DOMAIN_ID is "{domain}"; set it to a number from 0 to 232'
        )


def _refused(error: Exception) -> InputError:
    reason = str(error).partition('. Error:')[0].partition(', at /')[0]
    reason = ' '.join(reason.split())
    advice = next((words for part, words in ADVICE.items() if part in reason), '')
    return InputError(f'cannot start: {reason}' + (f'; {advice}' if advice else ''))
