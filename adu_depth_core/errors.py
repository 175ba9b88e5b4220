# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The one exception that means: what you gave us cannot be used, and here is why."""

from collections.abc import Iterable


class InputError(ValueError):
    """
    Input that the user can mend: a file, a message, an option.

    The text is one sentence a user can act on: what, what was found, what to do. Commands print
    it without a traceback and exit with 1; nodes log it and go on. What is foreign in it cannot
    break the line or steer a terminal, see `escaped`.

    Parameters
    ----------
    sentence : str
    lines : iterable of str
        To be shown below it, such as the last lines of a log.

    """

    def __init__(self, sentence: str = '', lines: Iterable[str] = ()) -> None:
        super().__init__('\n  '.join(map(escaped, (sentence, *lines))))


def escaped(text: str) -> str:
    r"""
    Return text on one line that can be printed anywhere, with \n for a line break and so on.

    Names of files, topics and frames, encodings and formats come from strangers: a line break in
    one would forge a line of the log, and control characters would steer the terminal.
    """
    if text.isprintable():
        return text
    return ''.join(map(_printable, text))


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode('unicode_escape').decode()
