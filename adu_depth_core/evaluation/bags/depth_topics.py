# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Names of the topics that a depth node publishes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DepthTopics:
    """The topics that a depth node publishes."""

    depth: str
    depth_info: str
    std: str
    std_info: str

    @classmethod
    def in_namespace(cls, namespace: str) -> 'DepthTopics':
        """Return the names of a node in `namespace` ('' or '/name')."""
        names = ('depth/image_rect', 'depth/camera_info')
        std_names = ('depth_std/image_rect', 'depth_std/camera_info')
        return cls(*(f'{namespace}/{name}' for name in (*names, *std_names)))

    def all(self) -> tuple[str, str, str, str]:
        """Return the four names."""
        return self.depth, self.depth_info, self.std, self.std_info
