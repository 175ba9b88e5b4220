# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The names of a data set's samples and the drives they come from."""

from adu_depth_core.samples.sample import StereoDataset


def known_names(dataset: StereoDataset) -> list[str] | None:
    """Return all names in order, where the data set has them in its attribute `names`."""
    names = getattr(dataset, 'names', None)
    return None if names is None else list(names)


def sample_names(dataset: StereoDataset) -> list[str]:
    """Return all names in order, if need be by reading every sample."""
    names = known_names(dataset)
    if names is not None:
        return names
    return [dataset[index].name for index in range(len(dataset))]


def drive_of(name: str) -> str:
    """Return what stands before the frame in a sample's name: `2011_09_26_drive_0005_sync`."""
    return name.rpartition('/')[0] or name
