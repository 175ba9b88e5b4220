# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""HTML by construction: whatever is not markup already is escaped on its way into the page."""

import re
from html import escape

VOID = ('img', 'meta')
# Controls, and what turns the direction of writing or cannot be seen; HTML knows none of them.
UNSEEN = re.compile('[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]')


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(tag: str, *contents: object, **attributes: object) -> Markup:
    """
    Write one element.

    Parameters
    ----------
    tag : str
        Its name.
    *contents : Markup or anything
        What is inside; all but `Markup` is escaped.
    **attributes : anything
        `class_` stands for `class`, `aria_label` for `aria-label`.

    """
    written = ''.join(
        f' {name.rstrip("_").replace("_", "-")}="{_escaped(value)}"'
        for name, value in attributes.items()
    )
    opening = f'<{tag}{written}>'
    return Markup(opening if tag in VOID else f'{opening}{joined(*contents)}</{tag}>')


def joined(*contents: object) -> Markup:
    """Write contents one after the other; all but `Markup` is escaped."""
    return Markup(''.join(c if isinstance(c, Markup) else _escaped(c) for c in contents))


def _escaped(value: object) -> str:
    # Names of files may hold bytes that are no UTF-8, which Python keeps as lone surrogates.
    text = str(value).encode('utf-8', 'replace').decode()
    return escape(UNSEEN.sub(_spelled_out, text))


def _spelled_out(character: re.Match[str]) -> str:
    return character[0].encode('unicode_escape').decode()
