# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
The Fast DDS profile under which large images arrive, as an environment variable.

For the shell from which a camera driver of one's own is started:

    eval "$(python3 -m adu_depth_ros.dds_profile)"
"""

import os
import shlex
from collections.abc import Mapping
from importlib.resources import files

FAST_DDS_3 = 'FASTDDS_DEFAULT_PROFILES_FILE'
FAST_DDS_2 = 'FASTRTPS_DEFAULT_PROFILES_FILE'
DISTRIBUTIONS_WITH_FAST_DDS_2 = ('humble', 'iron', 'jazzy')
# With it a user has chosen transports, which a profile would replace.
TRANSPORTS = 'FASTDDS_BUILTIN_TRANSPORTS'


def large_image_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """
    Return the variable to set; none where the user has chosen profile or transports already.

    Fast DDS 2 (Humble, Jazzy) reads a variable of its own, and knows nothing of that of Fast DDS
    3 (Kilted and later, our wheels too). With Fast DDS 3 the old name still works, and each
    process that finds it warns that it is deprecated: it counts as the user's, and is never set.

    Parameters
    ----------
    environment : mapping
        What is set already; `ROS_DISTRO` tells which Fast DDS it is.

    """
    is_old = environment.get('ROS_DISTRO') in DISTRIBUTIONS_WITH_FAST_DDS_2
    read = (FAST_DDS_2,) if is_old else (FAST_DDS_3, FAST_DDS_2)
    if any(environment.get(variable) for variable in (*read, TRANSPORTS)):
        return {}
    return {read[0]: str(files('adu_depth_core.configs') / 'fastdds_large_images.xml')}


def apply_large_image_profile() -> None:
    """Set the profile for this process and those it starts; call it before rclpy.init."""
    os.environ.update(large_image_environment())


if __name__ == '__main__':
    for name, value in large_image_environment().items():
        print(f'export {name}={shlex.quote(value)}')
