# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the core logs, in the log of a node."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from adu_depth_core.errors import escaped

CORE = 'adu_depth_core'


class Logger(Protocol):
    """The logger of a node."""

    def warning(self, message: str) -> object:
        """Log a warning."""

    def error(self, message: str) -> object:
        """Log an error."""


class CoreLog(logging.Handler):
    """Passes warnings and errors of the core on."""

    def __init__(self, logger: Logger) -> None:
        super().__init__(logging.WARNING)
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Log a record."""
        sentence = escaped(record.getMessage())
        if record.levelno >= logging.ERROR:
            self._logger.error(sentence)
        else:
            self._logger.warning(sentence)


@contextmanager
def core_logs_to(logger: Logger) -> Iterator[None]:
    """Have what the core warns of in the block go to the log of a node, too."""
    handler = CoreLog(logger)
    logging.getLogger(CORE).addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger(CORE).removeHandler(handler)
