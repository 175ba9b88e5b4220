# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The dispatcher `adu-depth`: what it lists, what it runs, how it fails."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path

import cv2
import numpy as np
import pytest

from adu_depth_core import __version__, commands
from adu_depth_core.errors import InputError

REPOSITORY = Path(__file__).parents[3]

NAMES = [
    'benchmark',
    'calibrate',
    'check-data',
    'demo',
    'evaluate',
    'evaluate-bag',
    'export',
    'label',
    'make-bag',
    'make-dataset',
    'make-submission',
    'play-bag',
    'predict',
    'train',
    'view',
]


def command_that_raises(error: BaseException) -> commands.CommandMain:
    def main(argv: Sequence[str] | None = None) -> int:
        raise error

    return main


@pytest.fixture
def registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make the text of a module the one registered command, called `probe`."""

    def register(text: str) -> None:
        (tmp_path / 'probe_command.py').write_text(text)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, 'probe_command', raising=False)
        entry = EntryPoint('probe', 'probe_command', commands.GROUP)
        monkeypatch.setattr(commands, 'registered_commands', lambda: {'probe': entry})

    return register


def test_the_commands_of_both_packages_are_registered() -> None:
    assert list(commands.registered_commands()) == NAMES


@pytest.mark.parametrize('name', NAMES)
def test_every_command_has_a_summary_of_one_line(name: str) -> None:
    summary = commands.summary_of(commands.registered_commands()[name])
    assert 10 < len(summary) <= 85
    assert '\n' not in summary
    assert 'cannot be found' not in summary


def test_listing_names_and_describes_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(['--help']) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line[:2] == '  ']
    assert listed == NAMES


def test_listing_imports_no_command_and_no_library() -> None:
    program = (
        "import sys; from adu_depth_core.commands import main; main(['--help']); "
        "print(sorted({'numpy', 'cv2', 'torch', 'rclpy', 'rosbags'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == '[]', done.stderr


def test_a_summary_is_read_without_running_the_module(
    registered: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    registered("import nowhere_to_be_found\nSUMMARY: str = 'probes ' 'things'\n")
    assert commands.main(['-h']) == 0
    assert '  probe  probes things\n' in capsys.readouterr().out


def test_a_command_gets_its_words_and_its_status_is_returned(
    registered: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    registered('def main(argv=None):\n    print(argv)\n    return 7\n')
    assert commands.main(['probe', '--size', '3']) == 7
    assert capsys.readouterr().out == "['--size', '3']\n"


def test_no_command_at_all_shows_the_list_and_is_a_usage_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert commands.main([]) == 2
    assert 'make-bag' in capsys.readouterr().out


def test_an_unknown_command_is_refused_in_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert commands.main(['trian']) == 2
    error = capsys.readouterr().err
    assert error.count('\n') == 1
    assert '"trian"' in error
    assert 'train' in error


def test_input_that_cannot_be_used_gives_its_sentence_and_status_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert commands.run(command_that_raises(InputError('bag: x.mcap is not there')), []) == 1
    assert capsys.readouterr() == ('', 'bag: x.mcap is not there\n')


def test_an_error_of_our_own_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        commands.run(command_that_raises(ZeroDivisionError()), [])


def test_ctrl_c_ends_a_command_with_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.run(command_that_raises(KeyboardInterrupt()), []) == 130
    assert capsys.readouterr() == ('', '')


@pytest.mark.parametrize(
    ('missing', 'advice'),
    [
        ('rclpy', 'requirements-ros.txt'),
        ('sensor_msgs', 'requirements-ros.txt'),
        ('torch', "'.[train]'"),
        ('onnxruntime', "'.[onnx]'"),
    ],
)
def test_a_missing_package_is_named_with_what_brings_it(
    missing: str, advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    error = ModuleNotFoundError(f"No module named '{missing}'", name=missing)
    assert commands.run(command_that_raises(error), []) == 1
    sentence = capsys.readouterr().err
    assert missing in sentence
    assert advice in sentence
    assert sentence.count('\n') == 1


def test_a_command_that_imports_ros_where_there_is_none_says_so(
    registered: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, 'rclpy', None)
    registered('import rclpy\n')
    assert commands.main(['probe']) == 1
    assert capsys.readouterr().err.startswith('rclpy is missing: ')


def test_a_broken_import_of_our_own_keeps_its_traceback() -> None:
    error = ModuleNotFoundError('no', name='adu_depth_core.nothing')
    with pytest.raises(ModuleNotFoundError):
        commands.run(command_that_raises(error), [])


def test_python_dash_m_is_the_same_program() -> None:
    command = [sys.executable, '-m', 'adu_depth_core', '--version']
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f'adu-depth {__version__}\n')


def test_full_disk_is_told_whatever_was_being_written(capsys: pytest.CaptureFixture[str]) -> None:
    full = OSError(errno.ENOSPC, 'No space left on device', 'out/x.json')
    assert commands.run(command_that_raises(full)) == commands.BAD_INPUT
    told = capsys.readouterr().err
    assert told == 'out/x.json: cannot be written (No space left on device)\n'
    with pytest.raises(FileNotFoundError):
        commands.run(command_that_raises(FileNotFoundError(errno.ENOENT, 'No such file')))


PRINTS = """
import sys
from adu_depth_core import commands
sys.exit(commands.run(lambda argv: print('{}') or 0))
"""


def printed_to(output: int, *, buffered: bool) -> tuple[int, str]:
    """Run a command that prints, and return its status and what it said on stderr."""
    environment = {**os.environ, 'PYTHONUNBUFFERED': '' if buffered else '1'}
    done = subprocess.run(
        [sys.executable, '-c', PRINTS],
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize('buffered', [True, False])
def test_figures_that_did_not_arrive_are_no_success(buffered: bool) -> None:
    with Path('/dev/full').open('w') as full:
        status, told = printed_to(full.fileno(), buffered=buffered)
    assert status == commands.BAD_INPUT
    assert told.endswith('output: cannot be written (No space left on device)\n')
    assert told.count('\n') == 1


def test_listener_that_has_heard_enough_is_no_fault() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    # Told at the end all work is done; else it is ended as by SIGPIPE.
    found = [printed_to(writer, buffered=buffered) for buffered in (True, False)]
    os.close(writer)
    assert found == [(0, ''), (commands.LISTENER_GONE, '')]


@pytest.mark.parametrize('closing', ['>&-', '2>&-', '>&- 2>&-'])
def test_closed_streams_stop_no_command(closing: str, tmp_path: Path) -> None:
    output = tmp_path / 'out'
    image = np.full((96, 320, 3), 90, np.uint8)
    assert cv2.imwrite(str(tmp_path / 'street.png'), image)
    line = f'"{sys.executable}" -m adu_depth_core predict street.png --fx 185 --output out'
    words = ['bash', '-c', f'{line} {closing}']
    environment = os.environ | {'PYTHONPATH': str(REPOSITORY)}
    assert subprocess.run(words, cwd=tmp_path, env=environment).returncode == 0
    assert len(list(output.iterdir())) == 3


@pytest.mark.parametrize('of_command', ['--help', '--version', 'predict --help'])
def test_help_that_nobody_reads_leaves_no_traceback(of_command: str) -> None:
    for target in ('| true', '>/dev/full'):
        line = (
            f'"{sys.executable}" -m adu_depth_core {of_command} {target}; echo ${{PIPESTATUS[0]}}'
        )
        environment = os.environ | {'PYTHONPATH': str(REPOSITORY), 'PYTHONUNBUFFERED': '1'}
        words = ['bash', '-c', line]
        done = subprocess.run(words, capture_output=True, text=True, env=environment)
        assert 'Traceback' not in done.stderr
        assert done.stdout in ('0\n', '1\n', '141\n')


def test_name_that_the_terminal_cannot_print_is_no_fault(tmp_path: Path) -> None:
    code = PRINTS.replace('{}', '\xf6')
    environment = os.environ | {'PYTHONIOENCODING': 'ascii', 'PYTHONPATH': str(REPOSITORY)}
    words = [sys.executable, '-c', code]
    done = subprocess.run(words, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout) == (0, '\\xf6\n')


def test_what_the_system_says_of_a_file_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    error = OSError(errno.ENAMETOOLONG, 'File name too long', 'x' * 9)
    assert commands.run(command_that_raises(error)) == commands.BAD_INPUT
    assert capsys.readouterr().err == 'xxxxxxxxx: File name too long\n'
