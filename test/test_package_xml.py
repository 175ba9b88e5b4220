# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What package.xml says agrees with the code and with what rosdep knows."""

import ast
import re
from importlib.metadata import version
from pathlib import Path

from catkin_pkg.package import Package, parse_package

from adu_depth_core import __version__

REPOSITORY = Path(__file__).parents[1]
MANIFEST = REPOSITORY / 'package.xml'

# Looked up in rosdep/python.yaml of ros/rosdistro; extend it only after looking there.
ROSDEP_KEYS = {
    'python3-hypothesis',
    'python3-numpy',
    'python3-opencv',
    'python3-pytest',
    'python3-pytest-timeout',
    'python3-yaml',
}


def manifest() -> Package:
    package: Package = parse_package(str(MANIFEST))
    return package


def python_files_that_use_ros() -> list[Path]:
    executables = [file for file in (REPOSITORY / 'executables').iterdir() if file.is_file()]
    modules = sorted((REPOSITORY / 'adu_depth_ros').rglob('*.py'))
    return [*modules, *sorted((REPOSITORY / 'launch').glob('*.py')), *executables]


def imported_packages(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_text(encoding='utf-8'))))
    plain = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    froms = {node.module or '' for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition('.')[0] for name in plain | froms}


def test_manifest_is_valid_for_the_tools_that_read_it() -> None:
    warnings: list[str] = []
    manifest().validate(warnings=warnings)
    assert warnings == []


def test_manifest_is_format_3_with_its_schema_and_build_type() -> None:
    lines = MANIFEST.read_text().splitlines()
    assert 'schema/package_format3.xsd' in lines[1]
    assert manifest().package_format == 3
    assert manifest().get_build_type() == 'ament_python'


def test_name_and_version_are_those_of_the_python_distribution() -> None:
    assert manifest().name == 'adu_depth_ros'
    assert manifest().version == __version__ == version('adu_depth_ros')


def test_the_domain_of_every_maintainer_has_a_dot() -> None:
    for maintainer in manifest().maintainers:
        assert re.search(r'@.+\..+', maintainer.email)


def text_of_licence(name: str) -> str:
    """Return the file that the manifest names for a licence."""
    (file,) = (licence.file for licence in manifest().licenses if licence == name)
    return (REPOSITORY / file).read_text(encoding='utf-8')


def test_licences_of_the_manifest_are_those_of_code_and_of_weights() -> None:
    assert manifest().licenses == ['Apache-2.0', 'CC-BY-NC-SA-3.0']
    assert 'Apache License\n                           Version 2.0' in text_of_licence(
        'Apache-2.0'
    )
    assert 'CC BY-NC-SA 3.0' in text_of_licence('CC-BY-NC-SA-3.0')


def test_the_note_on_weights_says_of_each_file_what_its_card_says() -> None:
    note = text_of_licence('CC-BY-NC-SA-3.0')
    said = dict(re.findall(r'^  (\w+)\.onnx, \1\.safetensors +(\S.*)$', note, re.MULTILINE))
    cards = sorted((REPOSITORY / 'adu_depth_core/weights').glob('*.md'))
    assert said.keys() == {card.stem for card in cards}
    for card in cards:
        row = re.search(r'^\| Licence \| ([^,|]+?) *[,|]', card.read_text(), re.MULTILINE)
        assert row
        assert said[card.stem] == row[1]


def test_every_ros_package_that_the_code_imports_is_declared() -> None:
    declared = {dependency.name for dependency in manifest().exec_depends}
    ros = re.compile(
        r'rclpy|launch\w*|cv_bridge|ament_\w+|sensor_msgs_py|\w+_(msgs|srvs|interfaces)'
    )
    imported = set().union(*(imported_packages(file) for file in python_files_that_use_ros()))
    used = {package for package in imported if ros.fullmatch(package)}
    assert 'rclpy' in used
    assert used <= declared


def test_no_key_makes_rosdep_call_pip() -> None:
    """Ubuntu 24.04 refuses that (PEP 668), and all of `rosdep install` fails."""
    depends = [*manifest().exec_depends, *manifest().test_depends]
    assert [d.name for d in depends if d.name.endswith('-pip')] == []


def required_distributions() -> set[str]:
    """What `pip install .` brings, from the list in setup.py."""
    for node in ast.parse((REPOSITORY / 'setup.py').read_text(encoding='utf-8')).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == 'REQUIRED':
            return {re.split(r'[^\w-]', line)[0] for line in ast.literal_eval(node.value)}
    raise AssertionError('setup.py has no list REQUIRED')


def test_apt_and_pip_bring_the_same_few_packages_for_nodes() -> None:
    """Released packages may not depend on pip; test_bare_environment.py runs on these alone."""
    keys = {d.name for d in manifest().exec_depends if d.name.startswith('python3-')}
    assert keys == {'python3-numpy', 'python3-opencv', 'python3-yaml'}
    assert required_distributions() == {'numpy', 'opencv-python-headless', 'pyyaml'}


def test_every_python_key_is_one_that_rosdep_has() -> None:
    depends = [*manifest().exec_depends, *manifest().test_depends]
    assert {d.name for d in depends if d.name.startswith('python3-')} <= ROSDEP_KEYS
