# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The names of a data set's samples and the drives they come from."""

from adu_depth_core.data.sample import StereoDataset


def sample_names(dataset: StereoDataset) -> list[str]:
    """Return all names in order; data sets with an attribute `names` need not be read for it."""
    known = getattr(dataset, 'names', None)
    if known is not None:
        return list(known)
    return [dataset[index].name for index in range(len(dataset))]


def drive_of(name: str) -> str:
    """Return what stands before the frame in a sample's name: `2011_09_26_drive_0005_sync`."""
    return name.rpartition('/')[0] or name
