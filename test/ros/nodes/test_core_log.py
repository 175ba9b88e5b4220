# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the core warns of while a node runs is in the log of the node."""

import logging

from adu_depth_ros.nodes.core_log import core_logs_to


class Kept:
    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.errors: list[str] = []

    def warning(self, message: str) -> None:
        self.warnings.append(message)

    def error(self, message: str) -> None:
        self.errors.append(message)


def test_warnings_of_the_core_go_to_the_log_of_the_node_and_stay_on_one_line() -> None:
    kept, logger = Kept(), logging.getLogger('adu_depth_core.inference.runtimes.engine_cache')
    with core_logs_to(kept):
        logger.warning('builds the %s\nanew', 'engine')
        logger.error('cannot')
        logger.debug('never mind')
        logging.getLogger('others').warning('not ours')
    logger.warning('after the node')
    assert kept.warnings == ['builds the engine\\nanew']
    assert kept.errors == ['cannot']
