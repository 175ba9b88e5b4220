# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
How many modules and lines the packages have, and how many a reader of each way may meet.

    python docs/count_modules.py REVISION ...

Counted at revisions of git, as `HEAD` or `main~100`. A way is a module and all that it imports of
the two packages, directly or not. What has to be touched for another thing of a kind is told by
one that there is: by how many files name it, apart from documents and tests.
"""

import ast
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
PACKAGES = 'adu_depth_core', 'adu_depth_ros'
SHORT = 80  # lines
WAYS = {
    'image to publishers, mono': 'mono_depth_node',
    'image to publishers, stereo': 'stereo_teacher_node',
    'sample to loss': 'student_training',
    'bag to report': 'evaluate_bag',
}
EXAMPLES = {
    'a runtime': 'openvino',
    'a data set': 'driving_?stereo',
    'an encoder': 'efficientnet_lite0|mobilenetv',
    'a loss': 'laplace_kl',
    'a command': 'make[-_]submission',
    'a parameter': 'points_stride',
}
WHERE = ('*.py', '*.yaml', 'executables', ':!test', ':!benchmark', ':!docs')

Modules = Mapping[str, str]
Imports = Mapping[str, set[str]]


def modules_at(revision: str) -> Modules:
    """Return {dotted name: text} of all modules of the packages; a package by its folder."""
    names = _git('ls-tree', '-r', '--name-only', revision, *PACKAGES).splitlines()
    files = [name for name in names if name.endswith('.py')]
    return {
        name.removesuffix('.py').removesuffix('/__init__').replace('/', '.'): _git(
            'show', f'{revision}:{name}'
        )
        for name in files
    }


def imports_of(modules: Modules) -> Imports:
    """Return which of the modules each one imports, at whatever depth of its text."""
    return {name: _imported(text) & set(modules) - {name} for name, text in modules.items()}


def _imported(text: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f'{node.module}.{alias.name}' for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def reached(imports: Imports, start: str) -> set[str]:
    """Return a module and all that it imports, if only through others."""
    seen, waiting = {start}, [start]
    while waiting:
        new = imports[waiting.pop()] - seen
        seen |= new
        waiting += new
    return seen


def figures(revision: str) -> dict[str, int]:
    """Count at one revision; packages (`__init__`) are no modules, unless they hold code."""
    modules = modules_at(revision)
    imports = imports_of(modules)
    lines = {name: text.count('\n') for name, text in modules.items()}
    files = [name for name, text in modules.items() if ast.parse(text).body[1:]]
    importers = {name: sum(name in found for found in imports.values()) for name in files}
    single = [name for name in files if importers[name] == 1]
    result = {
        'modules': len(files),
        'lines': sum(lines.values()),
        'modules with one importer': len(single),
        f'of them below {SHORT} lines': sum(lines[name] < SHORT for name in single),
    }
    for way, start in WAYS.items():
        (entry,) = (name for name in modules if name.rpartition('.')[2] == start)
        result[way] = len(reached(imports, entry) & set(files))
    for kind, name in EXAMPLES.items():
        found = _git('grep', '--files-with-matches', '-iE', name, revision, '--', *WHERE)
        result[f'files that name {kind}'] = len(found.splitlines())
    return result


def _git(*words: str) -> str:
    command = ['git', '-C', str(REPOSITORY), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main(revisions: Sequence[str]) -> None:
    """Print a table with a column for each revision."""
    columns = [figures(revision) for revision in revisions]
    print('| |', ' | '.join(revisions), '|')
    print('|---|' + '---|' * len(revisions))
    for name in columns[0]:
        print(f'| {name} |', ' | '.join(str(column[name]) for column in columns), '|')


if __name__ == '__main__':
    main(sys.argv[1:] or ['HEAD'])
