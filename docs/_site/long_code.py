# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Hook of MkDocs: long code in tables may end a line after a slash, two colons or a space.

`site.css` keeps code in tables on one line, so that no topic is cut in the middle of its
name.
"""

import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

LONG = 30  # characters
CELL = re.compile(r'<td\b.*?</td>', re.DOTALL)
CODE = re.compile(r'(?<=<code>)[^<]+(?=</code>)')
PLACE = re.compile(r'(?<=[^/]/)|(?<=::)|(?<= )')


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put `<wbr>` into the long code of every cell."""
    return CELL.sub(lambda cell: CODE.sub(breakable, cell[0]), html)


def breakable(code: re.Match[str]) -> str:
    """Return code with the places where a line may end."""
    return PLACE.sub('<wbr>', code[0]) if len(code[0]) > LONG else code[0]
