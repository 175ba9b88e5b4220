# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What `pip install .` and `colcon build` lay on disk, and that it runs from there."""

import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from adu_depth_core import __version__

REPOSITORY = Path(__file__).parents[1]
COMMANDS = [
    'benchmark',
    'calibrate',
    'check_data',
    'demo',
    'evaluate',
    'evaluate_bag',
    'export',
    'label',
    'make_bag',
    'make_dataset',
    'make_submission',
    'play_bag',
    'predict',
    'train',
    'view',
]
EXECUTABLES = sorted([*COMMANDS, 'mono_depth_cameras', 'mono_depth_node', 'stereo_teacher_node'])
INSTALLED_BY = ['pip', 'colcon', 'colcon --symlink-install']

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Installation:
    """Where the package went, and the environment in which a user would call it."""

    prefix: Path
    packages: Path
    environment: dict[str, str]

    def start(self, *command: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(word) for word in command],
            cwd=self.prefix,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def output(self, *command: str | Path) -> str:
        with self.start(*command) as process:
            out, error = process.communicate(timeout=60)
        assert process.returncode == 0, f'{command}: {process.returncode}\n{out}\n{error}'
        return out


def tracked_files() -> list[str]:
    listing = subprocess.run(
        ['git', 'ls-files', '-z'], cwd=REPOSITORY, check=True, capture_output=True, text=True
    )
    return [name for name in listing.stdout.split('\0') if (REPOSITORY / name).is_file()]


def copy_tracked_files(target: Path) -> Path:
    for name in tracked_files():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, target / name)
    return target


def run(*command: str | Path, cwd: Path, environment: dict[str, str]) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f'{words}\n{done.stdout}\n{done.stderr}'
    return done.stdout


def clean_environment(home: Path) -> dict[str, str]:
    """Environment of this process with the interpreter of the tests first on the PATH."""
    interpreter = str(Path(sys.executable).parent)
    return os.environ | {
        'PATH': interpreter + os.pathsep + os.environ['PATH'],
        'COLCON_HOME': str(home),
        'ROS_AUTOMATIC_DISCOVERY_RANGE': 'OFF',
        'PYTHONDONTWRITEBYTECODE': '1',
    }


def install_with_pip(source: Path, target: Path) -> Installation:
    environment = clean_environment(target)
    # --ignore-installed: or pip would remove the installation that runs this test.
    options = ['--no-deps', '--no-build-isolation', '--ignore-installed', '--prefix', target]
    pip = [sys.executable, '-m', 'pip', '--disable-pip-version-check', 'install']
    run(*pip, *options, source, cwd=target, environment=environment)
    (packages,) = target.glob('lib/python*/site-packages')
    # What activating an environment or sourcing a workspace does.
    for variable, folder in [
        ('PYTHONPATH', packages),
        ('PATH', target / 'bin'),
        ('AMENT_PREFIX_PATH', target),
    ]:
        paths = [str(folder), environment.get(variable, '')]
        environment[variable] = os.pathsep.join(filter(None, paths))
    return Installation(target, packages, environment)


def install_with_colcon(source: Path, target: Path, *options: str) -> Installation:
    import colcon_core  # noqa: F401

    environment = clean_environment(target)
    colcon = [sys.executable, '-m', 'colcon', '--log-base', target / 'log', 'build', *options]
    bases = ['--build-base', target / 'build', '--install-base', target / 'install']
    run(*colcon, '--base-paths', source, *bases, cwd=target, environment=environment)
    sourced = run(
        *['bash', '-c', f'source {target}/install/setup.bash && env -0'],
        cwd=target,
        environment=environment,
    )
    variables = dict(line.partition('=')[::2] for line in sourced.split('\0') if line)
    prefix = target / 'install' / 'adu_depth_ros'
    (laid,) = prefix.glob('lib/python*/site-packages')
    return Installation(prefix, source if options else laid, variables)


@pytest.fixture(
    scope='module',
    params=[pytest.param(how, marks=pytest.mark.xdist_group(how)) for how in INSTALLED_BY],
)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    source = copy_tracked_files(tmp_path_factory.mktemp('source'))
    target = tmp_path_factory.mktemp('target')
    tool, *options = request.param.split()
    if tool == 'pip':
        return install_with_pip(source, target)
    return install_with_colcon(source, target, *options)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.is_dir())


def tracked_names(folder: str, pattern: str) -> list[str]:
    paths = [Path(name) for name in tracked_files()]
    return sorted(p.name for p in paths if p.parent == Path(folder) and p.match(pattern))


def test_bin_holds_adu_depth_and_nothing_else(installation: Installation) -> None:
    assert names_in(installation.prefix / 'bin') == ['adu-depth']
    program = installation.prefix / 'bin' / 'adu-depth'
    assert installation.output(program, '--version') == f'adu-depth {__version__}\n'


def test_the_package_that_runs_is_the_installed_one(installation: Installation) -> None:
    program = (
        'import adu_depth_core, adu_depth_ros as r; print(adu_depth_core.__file__, r.__file__)'
    )
    for file in installation.output('python3', '-c', program).split():
        assert Path(file).resolve().is_relative_to(installation.packages.resolve())


def test_the_package_is_in_the_ament_index(installation: Installation) -> None:
    assert (
        installation.prefix / 'share/ament_index/resource_index/packages/adu_depth_ros'
    ).is_file()
    assert (installation.prefix / 'share/adu_depth_ros/package.xml').is_file()


def test_path_and_ament_index_lead_to_the_package(installation: Installation) -> None:
    program = (
        'from ament_index_python.packages import get_package_prefix as prefix_of; '
        "print(prefix_of('adu_depth_ros'))"
    )
    assert Path(installation.output('python3', '-c', program).strip()) == installation.prefix
    found = shutil.which('adu-depth', path=installation.environment['PATH'])
    assert found == str(installation.prefix / 'bin' / 'adu-depth')


@pytest.mark.parametrize(
    ('folder', 'pattern'),
    [
        ('launch', '*.launch.py'),
        ('config', '*.yaml'),
        ('config/sros2', '*.xml'),
        ('rviz', '*.rviz'),
    ],
)
def test_launch_parameter_and_rviz_files_lie_in_share(
    installation: Installation, folder: str, pattern: str
) -> None:
    laid = names_in(installation.prefix / 'share/adu_depth_ros' / folder)
    assert laid == tracked_names(folder, pattern) != []


@pytest.mark.parametrize(
    ('package', 'pattern'),
    [
        ('weights', '*.onnx'),
        ('weights', '*.safetensors'),
        ('weights', '*.txt'),
        ('configs', '*.xml'),
        ('configs', '*.yaml'),
    ],
)
def test_package_data_is_found_by_importlib_resources(
    installation: Installation, package: str, pattern: str
) -> None:
    program = (
        'from importlib.resources import files; '
        f"print(*(p.name for p in files('adu_depth_core.{package}').iterdir() if p.is_file()))"
    )
    found = installation.output('python3', '-c', program).split()
    wanted = tracked_names(f'adu_depth_core/{package}', pattern)
    assert wanted
    assert set(wanted) <= set(found)


def test_lib_holds_the_executables_of_ros2_run(installation: Installation) -> None:
    folder = installation.prefix / 'lib' / 'adu_depth_ros'
    assert names_in(folder) == EXECUTABLES
    assert all(os.access(folder / name, os.X_OK) for name in EXECUTABLES)


@pytest.mark.parametrize('name', COMMANDS)
def test_executable_of_a_command_is_that_command(installation: Installation, name: str) -> None:
    help_text = installation.output(installation.prefix / 'lib/adu_depth_ros' / name, '--help')
    assert re.match(rf'usage: adu-depth {name.replace("_", "-")}\b', help_text)


def test_executable_of_the_node_runs_until_it_is_interrupted(installation: Installation) -> None:
    node = installation.prefix / 'lib/adu_depth_ros/mono_depth_node'
    with installation.start(node, '--ros-args', '-p', 'model:=no_such.onnx') as process:
        assert process.stderr is not None
        seen: list[str] = []
        while not seen or 'no_such.onnx' not in seen[-1]:
            seen.append(process.stderr.readline())
            assert seen[-1], ''.join(seen)  # an empty line is the end: the node died
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 0


def test_colcon_runs_the_tests_of_the_package(tmp_path: Path) -> None:
    source = copy_tracked_files(tmp_path / 'source')
    target = tmp_path / 'target'
    target.mkdir()
    install_with_colcon(source, target)
    bases = ['--build-base', target / 'build', '--install-base', target / 'install']
    colcon = [sys.executable, '-m', 'colcon', '--log-base', target / 'log']
    # One file stands for all: this very test is among them.
    picked = ['--pytest-args', '-o', 'testpaths=test/core/test_camera.py']
    environment = clean_environment(target)
    words = [*colcon, 'test', '--base-paths', source, *bases, *picked]
    run(*words, cwd=target, environment=environment)
    result = [*colcon, 'test-result', '--test-result-base', target / 'build', '--verbose']
    found = run(*result, cwd=target, environment=environment)
    counts = re.search(r'(\d+) tests?, (\d+) errors?, (\d+) failures?', found)
    assert counts, found
    assert int(counts[1]) > 5
    assert (counts[2], counts[3]) == ('0', '0')
