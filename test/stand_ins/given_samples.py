# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A data set of given samples."""

from adu_depth_core.samples.sample import Missing, StereoSample


class GivenSamples:
    """Lacks nothing."""

    missing = Missing()

    def __init__(self, *samples: StereoSample) -> None:
        self._samples = samples

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: int) -> StereoSample:
        return self._samples[index]
