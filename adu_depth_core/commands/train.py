# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth train`: train a stereo teacher or a student and write its model file."""

import json
import sys
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from adu_depth_core.datasets.sources import KINDS
from adu_depth_core.errors import InputError
from adu_depth_core.regular_files import check_regular

if TYPE_CHECKING:
    from jsonargparse import ArgumentParser, Namespace

    from adu_depth_core.training.config import TrainingConfig

SUMMARY = 'train a stereo teacher, or a student from truth or from a teacher'
NETWORKS = ('student', 'teacher')


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    arguments, config = configured(sys.argv[1:] if argv is None else argv)
    # Asking for help about the other commands must not wait for torch.
    from adu_depth_core.training.run import train

    if arguments.teacher and arguments.network == 'teacher':
        raise InputError('--teacher is for training a student: a teacher has no teacher')
    if arguments.teacher:
        config.distillation.teacher = str(arguments.teacher)
    path = train(config, network=arguments.network, resume=arguments.resume)
    if path:  # of several processes, one writes
        print(f'wrote {path}')
    return 0


def configured(argv: Sequence[str]) -> tuple['Namespace', 'TrainingConfig']:
    """Parse the words of the command line: all that they say, and the training among it."""
    from adu_depth_core.training.config import TrainingConfig

    parser = _parser()
    for word in argv:
        check_regular(Path(word.partition('=')[2] or word))  # a section may be the name of a file
    words = with_shipped_configs(with_data_of_specs(argv))
    try:
        arguments = parser.parse_args(words)
    except ValueError as error:  # a quoted number of thousands of digits
        raise InputError(f'configuration: holds a value that cannot be read ({error})') from error
    _require_sections(arguments)
    values = parser.instantiate(arguments)
    names = TrainingConfig.__dataclass_fields__
    return arguments, TrainingConfig(**{name: values[name] for name in names})


def _require_sections(arguments: 'Namespace') -> None:
    """Refuse what stands for a section and is none, such as one whose lines are all comments."""
    from adu_depth_core.training.config import TrainingConfig

    for section in fields(TrainingConfig):
        value = arguments[section.name]
        if is_dataclass(section.type) and not hasattr(value, '__dict__'):
            found = 'empty' if value is None else f'"{value}"'
            raise InputError(
                f'{section.name}: is {found} in the configuration, and should hold settings; '
                'leave the line out for the defaults'
            )


def with_data_of_specs(argv: Sequence[str]) -> list[str]:
    """
    Replace `--data KIND:…`, as other commands take it, by what the configuration calls that.

    It stands for `data.train`; the validation data of a configuration stay.
    """
    words = [part for word in argv for part in _option_and_value(word, '--data')]
    specs: list[str] = []
    others: list[str] = []
    for before, word in pairwise(['', *words]):
        if before == '--data' and word.partition(':')[0] in KINDS:
            specs.append(word)
            others.pop()
        else:
            others.append(word)
    if not specs:
        return list(argv)
    sources = json.dumps([{'spec': spec} for spec in specs])
    alone = [] if '--config' in words else ['--data.validation', '[]']
    return [*others, '--data.train', sources, *alone]


def with_shipped_configs(argv: Sequence[str]) -> list[str]:
    """Replace the name of a configuration that ships with the package by its path."""
    words = [part for word in argv for part in _option_and_value(word, '--config')]
    return [
        _config_path(word) if before == '--config' else word
        for before, word in zip(['', *words], words, strict=False)
    ]


def _option_and_value(word: str, option: str) -> list[str]:
    """Return both parts of `option=value`, and any other word alone."""
    return [option, word.removeprefix(f'{option}=')] if word.startswith(f'{option}=') else [word]


def _config_path(name: str) -> str:
    if name.endswith(('.yaml', '.yml')):
        if Path(name).exists():
            _require_yaml(Path(name))
        return name
    folder = files('adu_depth_core.configs')
    names = sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith('.yaml'))
    if name not in names:
        raise InputError(f'config "{name}" is not a .yaml file; shipped: {", ".join(names)}')
    return str(folder / f'{name}.yaml')


def _require_yaml(path: Path) -> None:
    """Refuse what the parser of configurations would read without end."""
    import yaml

    from adu_depth_core.bounded_yaml import read_yaml

    try:
        read_yaml(path)
    except yaml.YAMLError as error:
        reason = ' '.join(str(error).split())
        raise InputError(f'{path}: is no YAML that can be used ({reason})') from error


def _parser() -> 'ArgumentParser':
    from jsonargparse import ActionConfigFile, ArgumentParser

    from adu_depth_core.training.config import TrainingConfig

    parser = ArgumentParser(prog='adu-depth train', description=SUMMARY)
    parser.add_argument('network', choices=NETWORKS, help='what to train')
    parser.add_argument(
        '--config',
        action=ActionConfigFile,
        help='YAML file, or the name of a shipped one; the later of several wins',
    )
    parser.add_argument(
        '--teacher',
        metavar='MODEL',
        help='teacher of a student: file or shipped name',
    )
    parser.add_argument('--resume', action='store_true', help='go on from the last checkpoint')
    parser.add_class_arguments(TrainingConfig)
    return parser
