# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A data set that shows the samples of another one, changed: what all such have in common."""

from adu_depth_core.samples.sample import Missing, StereoDataset
from adu_depth_core.samples.sample_names import sample_names


class ViewOfDataset:
    """
    As many samples as another data set, of the same names; subclasses define `__getitem__`.

    Parameters
    ----------
    dataset : StereoDataset
        Gives the samples.

    """

    def __init__(self, dataset: StereoDataset) -> None:
        self._dataset = dataset

    @property
    def missing(self) -> Missing:
        """What the data set lacks."""
        return self._dataset.missing

    @property
    def names(self) -> list[str]:
        """Names of the samples."""
        return sample_names(self._dataset)

    def __len__(self) -> int:
        """Count the samples."""
        return len(self._dataset)
