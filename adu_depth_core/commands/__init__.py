# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
`adu-depth NAME ...`: finds the command in the entry-point group `adu_depth.commands` and runs it.

A command is a module with `SUMMARY`, one line of literal text, and `main(argv) -> int`. Nothing
of a command is imported before it is its turn, so that the list of commands comes at once and
without the packages that single commands need.
"""

import ast
import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from adu_depth_core import __version__
from adu_depth_core.atomic_files import DISK_ERRORS, unwritable
from adu_depth_core.errors import InputError
from adu_depth_core.inference.runtimes.table import ADVICE as RUNTIMES_ADVICE
from adu_depth_core.inference.runtimes.table import installing

GROUP = 'adu_depth.commands'
BAD_INPUT = 1
USAGE_ERROR = 2
INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C ended
LISTENER_GONE = 141  # and for one that wrote where nobody reads any longer

CommandMain = Callable[[Sequence[str] | None], int]

ROS_ADVICE = 'source a ROS 2 installation, or pip install -r requirements-ros.txt'
TOOLS_ADVICE = installing('tools')
TRAIN_ADVICE = installing('train')
ADVICE_FOR_MISSING = {
    'builtin_interfaces': ROS_ADVICE,
    'diagnostic_msgs': ROS_ADVICE,
    'lifecycle_msgs': ROS_ADVICE,
    'rclpy': ROS_ADVICE,
    'rosgraph_msgs': ROS_ADVICE,
    'sensor_msgs': ROS_ADVICE,
    'std_msgs': ROS_ADVICE,
    'std_srvs': ROS_ADVICE,
    'stereo_msgs': ROS_ADVICE,
    'tf2_msgs': ROS_ADVICE,
    'matplotlib': TOOLS_ADVICE,
    'rosbags': TOOLS_ADVICE,
    'tqdm': TOOLS_ADVICE,
    'jsonargparse': TRAIN_ADVICE,
    'lightning': TRAIN_ADVICE,
    'onnx': TRAIN_ADVICE,
    'rerun': f'{installing("rerun")}, which needs Python 3.11 or newer',
    'safetensors': TRAIN_ADVICE,
    'timm': TRAIN_ADVICE,
    **RUNTIMES_ADVICE,
}


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run `adu-depth` and return its exit status.

    Parameters
    ----------
    argv : sequence of str, optional
        The words after `adu-depth`; by default those the process was started with.

    Returns
    -------
    int
        What the command returned; 0 after the list of commands; 1 for input that cannot be
        used; 2 for an unknown command; 130 after Ctrl-C.

    """
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ('-h', '--help'):
        return run(_help, words)
    if words[0] == '--version':
        return run(_version, words)
    name, rest = words[0], words[1:]
    commands = registered_commands()
    if name not in commands:
        return _fail(
            USAGE_ERROR, f'adu-depth: no command "{name}"; there are {", ".join(commands)}'
        )
    return run(lambda command_argv: _main_of(commands[name])(command_argv), rest)


def run(command_main: CommandMain, argv: Sequence[str] | None = None) -> int:
    """
    Call `command_main(argv)`; what the user can mend becomes one sentence on stderr.

    Returns
    -------
    int
        The command's own exit status; 1 after `InputError`, what the system says of a file, on a
        full disk, or when a package is missing that a known extra or a ROS 2 installation brings;
        130 after Ctrl-C; 141 when who reads what is printed has gone before the end.

    """
    _open_streams()
    try:
        try:
            status = command_main(argv)
        except SystemExit as end:  # of argparse, after --help too
            _flush()
            raise end
        _flush()
        return status
    except BrokenPipeError:
        _discard_output()
        return LISTENER_GONE
    except InputError as error:
        return _fail(BAD_INPUT, str(error))
    except OSError as error:
        if error.errno in DISK_ERRORS:
            name = error.filename or 'standard output'
            return _fail(BAD_INPUT, unwritable(name, str(error.strerror)))
        if error.filename is None or error.errno is None:
            raise
        return _fail(BAD_INPUT, f'{error.filename}: {error.strerror}')
    except ModuleNotFoundError as error:
        package = (error.name or '').partition('.')[0]
        if package not in ADVICE_FOR_MISSING:
            raise
        return _fail(BAD_INPUT, f'{package} is missing: {ADVICE_FOR_MISSING[package]}')
    except KeyboardInterrupt:
        return INTERRUPTED


def _flush() -> None:
    """Write out what was printed; Python would report a failure only when the process ends."""
    try:
        sys.stdout.flush()
    except OSError as error:
        _discard_output()
        if not isinstance(error, BrokenPipeError):  # the reader has closed the pipe, as head does
            raise InputError(unwritable('standard output', str(error.strerror))) from error


def _discard_output() -> None:
    # What could not be written is still waiting, and would be tried again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_streams() -> None:
    """Have streams that whoever started us has closed, and that can print any name."""
    for name in ('stdout', 'stderr'):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open('w', encoding='utf-8'))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors='backslashreplace')


def _help(words: Sequence[str] | None) -> int:
    print(_overview())
    return 0 if words else USAGE_ERROR


def _version(words: Sequence[str] | None) -> int:
    print(f'adu-depth {__version__}')
    return 0


def registered_commands() -> dict[str, EntryPoint]:
    """All commands by name, of this and of every other installed distribution."""
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name)}


def summary_of(entry: EntryPoint) -> str:
    """Read SUMMARY from the source of a command, without importing it."""
    spec = find_spec(entry.module)
    if spec is None or spec.origin is None:
        return f'(cannot be found: {entry.module})'
    for node in ast.parse(Path(spec.origin).read_text(encoding='utf-8')).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if isinstance(target, ast.Name) and target.id == 'SUMMARY':
                return str(ast.literal_eval(node.value))
    return ''


def _overview() -> str:
    commands = registered_commands()
    width = max(map(len, commands), default=0) + 2
    lines = [f'  {name:<{width}}{summary_of(entry)}' for name, entry in commands.items()]
    return '\n'.join(
        [
            'usage: adu-depth COMMAND ...',
            '',
            'Metric depth with an honest uncertainty from one camera.',
            '',
            'commands:',
            *lines,
            '',
            'adu-depth COMMAND --help tells what a command takes.',
        ]
    )


def _main_of(entry: EntryPoint) -> CommandMain:
    command: CommandMain = importlib.import_module(entry.module).main
    return command


def _fail(status: int, sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return status
