# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The one exception that means: what you gave us cannot be used, and here is why."""


class InputError(ValueError):
    """
    Input that the user can mend: a file, a message, an option.

    The text is one sentence a user can act on: what, what was found, what to do. Commands print
    it without a traceback and exit with 1; nodes log it and go on.
    """
