# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a release is made of agrees: versions, addresses, changelog, targets, workflows."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from catkin_pkg.changelog import get_changelog_from_path
from catkin_pkg.cli.tag_changelog import rename_section
from catkin_pkg.package import parse_package

from adu_depth_core import __version__

REPOSITORY = Path(__file__).parents[1]
CHANGELOG = REPOSITORY / 'CHANGELOG.rst'
WORKFLOWS = sorted((REPOSITORY / '.github/workflows').glob('*.yml'))
DISTRIBUTIONS = {'humble', 'jazzy', 'kilted', 'lyrical', 'rolling'}


def read_yaml(name: str) -> Any:
    return yaml.safe_load((REPOSITORY / name).read_text(encoding='utf-8'))


def mkdocs_line(key: str) -> str:
    """`mkdocs.yml` may hold tags of Python that a safe loader refuses: read the one line."""
    found = re.search(rf'^{key}: (.+)$', (REPOSITORY / 'mkdocs.yml').read_text(), re.MULTILINE)
    assert found
    return found[1]


def released_versions(changelog: Path) -> list[str]:
    parsed = get_changelog_from_path(str(changelog))
    return [version for version, _, _ in parsed.foreach_version()]


def test_citation_has_the_version_of_the_package() -> None:
    assert read_yaml('CITATION.cff')['version'] == __version__


def test_newest_entry_of_the_changelog_is_the_version_or_nothing_was_released() -> None:
    released = released_versions(CHANGELOG)
    assert released[:1] == [__version__] or not released


def test_bloom_can_read_the_changelog_once_it_is_tagged(tmp_path: Path) -> None:
    text = CHANGELOG.read_text(encoding='utf-8')
    if '\nForthcoming\n' in text:
        text = rename_section(text, 'Forthcoming', '999.0.0 (2026-11-29)')
    tagged = tmp_path / 'CHANGELOG.rst'
    tagged.write_text(text, encoding='utf-8')
    versions = released_versions(tagged)
    (changes,) = get_changelog_from_path(str(tagged)).get_content_of_version(versions[0])
    assert len(versions) == len(re.findall(r'^\d+\.\d+\.\d+ \(', text, re.MULTILINE))
    newest = re.split(r'^-+$', text, flags=re.MULTILINE)[1]
    assert len(changes.bullets) == len(re.findall(r'^\* ', newest, re.MULTILINE)) > 0


def test_the_address_of_the_repository_is_the_same_everywhere() -> None:
    urls = {url.type: url.url for url in parse_package(str(REPOSITORY / 'package.xml')).urls}
    assert urls.keys() == {'website', 'repository', 'bugtracker'}
    assert urls['repository'] == mkdocs_line('repo_url')
    assert urls['repository'] == read_yaml('CITATION.cff')['repository-code']
    assert urls['bugtracker'].startswith(urls['repository'])


@pytest.mark.skipif(shutil.which('make') is None, reason='make is not installed')
def test_make_help_lists_every_target() -> None:
    makefile = (REPOSITORY / 'Makefile').read_text()
    targets = re.search(r'^\.PHONY: (.+)$', makefile, re.MULTILINE)
    assert targets
    said = subprocess.run(
        ['make', '--no-print-directory', 'help'],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert sorted(re.findall(r'^  make (\w+)\t\S', said, re.MULTILINE)) == targets[1].split()


@pytest.mark.parametrize('file', WORKFLOWS, ids=lambda file: file.name)
def test_workflows_may_write_only_where_they_say_so_and_end(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text())
    assert workflow['permissions'] == {'contents': 'read'}
    for job in workflow['jobs'].values():
        assert 'timeout-minutes' in job or len(job['steps']) == 1


def test_the_workflow_of_ros_knows_all_distributions_on_both_machines() -> None:
    matrix = read_yaml('.github/workflows/ros.yml')['jobs']['test']['strategy']['matrix']
    assert set(matrix['ros']) == DISTRIBUTIONS
    assert len(matrix['machine']) == 2


def test_the_wheels_are_tested_as_continuous_integration_does_it() -> None:
    steps = read_yaml('.github/workflows/wheels.yml')['jobs']['test']['steps']
    assert next(step['run'] for step in steps if 'run' in step) == '.ci/run'


def test_containers_are_built_from_files_that_are_there() -> None:
    services = read_yaml('docker/compose.yaml')['services']
    assert set(services) == {'camera', 'rectify', 'depth', 'train'}
    for service in services.values():
        assert (REPOSITORY / service['build']['dockerfile']).is_file()


@pytest.mark.parametrize('name', ['fault', 'wish', 'config'])
def test_issue_templates_are_yaml(name: str) -> None:
    assert read_yaml(f'.github/ISSUE_TEMPLATE/{name}.yml')
