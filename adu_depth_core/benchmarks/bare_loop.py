# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The predictor in a loop, with nothing of ROS around it."""

from functools import partial

from adu_depth_core.benchmarks.worker import Work
from adu_depth_core.camera import Camera
from adu_depth_core.inference.prediction import new_prediction
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.inference.runtimes.parity import parity_frame

CAMERA = Camera(1242, 375, 721.5, 721.5, 609.6, 172.9)


def make_bare_loop(model: str, runtime: str, input_size: tuple[int, int] | None) -> Work:
    """Return what predicts an image of 1242x375 into the same memory each time."""
    predictor = Predictor.load(model, runtime=runtime, device='cpu', input_size=input_size)
    image = parity_frame(CAMERA.width, CAMERA.height)
    return partial(predictor, image, CAMERA, new_prediction(CAMERA))
