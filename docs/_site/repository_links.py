# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Hook of MkDocs: pages may link to files of the repository that lie outside `docs`.

On the site such a file lies under `repository/`, at its path in the repository. So the same link
works in a checkout and on the site, and a link to a file that is not there fails the build.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

REPOSITORY = Path(__file__).parents[2]
BESIDE = 'repository'  # folder of the site for what lies outside docs
LINK = re.compile(r'(?<=\]\()(?!\w+:|#|/)([^)\s#]+)')


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files outside `docs` that pages link to, and those that these link to."""
    waiting = [file.src_uri for file in files.documentation_pages()]
    while waiting:
        for target in linked_files(waiting.pop()):
            uri = site_uri(target)
            source = REPOSITORY / target
            if files.get_file_from_path(uri) is None and source.is_file():
                files.append(File.generated(config, uri, abs_src_path=str(source)))
                waiting += [uri] if uri.endswith('.md') else []
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links that leave `docs` to where their files lie on the site."""
    here = posixpath.dirname(page.file.src_uri)

    def moved(link: re.Match[str]) -> str:
        uri = site_uri(repository_path(page.file.src_uri, link[1]))
        return posixpath.relpath(uri, here)

    return LINK.sub(moved, markdown)


def linked_files(uri: str) -> list[str]:
    """Return the paths in the repository to which the page links."""
    text = (REPOSITORY / page_path(uri)).read_text(encoding='utf-8')
    return [repository_path(uri, link) for link in LINK.findall(text)]


def repository_path(uri: str, link: str) -> str:
    """Return the path in the repository of what a page links to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(page_path(uri)), link))


def page_path(uri: str) -> str:
    """Return the path in the repository of a page."""
    return uri.removeprefix(f'{BESIDE}/') if uri.startswith(f'{BESIDE}/') else f'docs/{uri}'


def site_uri(path: str) -> str:
    """Return where a file of the repository lies on the site, as MkDocs names sources."""
    return path.removeprefix('docs/') if path.startswith('docs/') else f'{BESIDE}/{path}'
