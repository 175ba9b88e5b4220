# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The Fast DDS profile under which large images arrive, as environment variables."""

import os
from collections.abc import Mapping
from importlib.resources import files

# Fast DDS 3 (Kilted and later) reads the first, Fast DDS 2 (Humble, Jazzy) the second.
VARIABLES = ('FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE')


def large_image_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """
    Return the variables to set; none when the user has a Fast DDS profile of their own.

    Parameters
    ----------
    environment : mapping
        What is set already.

    """
    if any(environment.get(variable) for variable in VARIABLES):
        return {}
    profile = str(files('adu_depth_core.configs') / 'fastdds_large_images.xml')
    return dict.fromkeys(VARIABLES, profile)


def apply_large_image_profile() -> None:
    """Set the profile for this process and those it starts; call it before rclpy.init."""
    os.environ.update(large_image_environment())
