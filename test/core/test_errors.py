# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What strangers write stays on its line."""

import pytest

from adu_depth_core.errors import InputError, escaped


@pytest.mark.parametrize(
    ('foreign', 'shown'),
    [
        ('rgb8', 'rgb8'),
        ('Straße 7, "größer" \\ 北', 'Straße 7, "größer" \\ 北'),
        ('rgb8\n[ERROR] forged', r'rgb8\n[ERROR] forged'),
        ('\x1b[2Jgone\r', r'\x1b[2Jgone\r'),
        ('a\u2028b\u202ec', r'a\u2028b\u202ec'),  # a line separator, and letters backwards
        ('\udcff.png', r'\udcff.png'),  # a file name that is not UTF-8: stdout would refuse it
        ('\x00\x85\x7f', r'\x00\x85\x7f'),
    ],
)
def test_what_does_not_print_is_spelled_out(foreign: str, shown: str) -> None:
    assert escaped(foreign) == shown
    assert str(InputError(f'{foreign}: cannot be read')) == f'{shown}: cannot be read'


def test_only_the_caller_can_add_lines_to_an_error() -> None:
    error = InputError('it ended; its last words:', ['one\x07', 'two'])
    assert str(error) == 'it ended; its last words:\n  one\\x07\n  two'
