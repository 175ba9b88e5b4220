# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The topics of the mono node: those of every depth node, depth as colours, and points."""

from functools import cache, partial
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from rclpy.lifecycle import LifecycleNode, LifecyclePublisher
from sensor_msgs.msg import CameraInfo, Image, LaserScan, PointCloud2
from std_msgs.msg import Header

from adu_depth_core.camera import Camera
from adu_depth_core.evaluation.colours import coloured_depth
from adu_depth_core.inference.depth_points import PointFilter
from adu_depth_core.inference.planar_scan import Scanner, ScanShape
from adu_depth_core.inference.predictor import Prediction
from adu_depth_core.samples.raw_image import Picture, RawImage
from adu_depth_ros.messages.image_buffer import ImageBuffer
from adu_depth_ros.messages.laser_scan import laser_scan
from adu_depth_ros.messages.point_cloud import PointCloud
from adu_depth_ros.nodes.depth_outputs import DepthOutputs, is_heard

# The upper half of a float32 is its sign, its exponent and 7 bits of its fraction: a logarithmic
# scale with steps of less than 1 %, finer than the colours.
STEPS = 1 << 16


class PublishedFrame(NamedTuple):
    """
    One image and what is known about it.

    Parameters
    ----------
    header : std_msgs/Header
        Of the image.
    image : (H, W, 3) uint8, or RawImage
        RGB.
    camera : Camera
        Of the depth that was predicted for it.
    info : sensor_msgs/CameraInfo
        Of that depth.

    """

    header: Header
    image: Picture
    camera: Camera
    info: CameraInfo


class View(NamedTuple):
    """How depth is shown: the metres at the ends of the colours, which points, which scan."""

    color_ends_m: tuple[float, float]
    points: PointFilter
    scan: ScanShape


class MonoDepthOutputs(DepthOutputs):
    """
    Publishers of what every depth node has, and of what shows it to the eye, until `withdraw`.

    These are ``depth_color``, ``points``, and ``rectified_image``, the colours of each depth.

    Parameters
    ----------
    node : LifecycleNode
        Publishes them, while it is active.
    with_points : bool
        Whether ``points`` is there at all.

    """

    def __init__(self, node: LifecycleNode, *, with_points: bool = True) -> None:
        self._with_points = with_points
        self._points: LifecyclePublisher | None = None
        self._picture, self._cloud = ImageBuffer('rgb8', 'u1', channels=3), PointCloud()
        self._rectified = ImageBuffer('rgb8', 'u1', channels=3)
        self._colours: DepthColours | None = None
        self._scanner = Scanner()
        super().__init__(node)

    def publish_frame(self, frame: PublishedFrame, prediction: Prediction, view: View) -> None:
        """Publish all that somebody listens to; first what costs least."""
        self.publish(frame.header, prediction, frame.info)
        if is_heard(self._color):
            self._color.publish(self._colored(frame.header, prediction, view.color_ends_m))
        picture = cache(partial(at_camera, frame.image, frame.camera))  # made once, if at all
        if is_heard(self._rectified_image):
            self._rectified_image.publish(self._rectified.filled(frame.header, picture()))
        if self._points is not None and is_heard(self._points):
            camera, header = frame.camera, frame.header
            cloud = self._cloud.message(header, picture(), camera, prediction, view.points)
            self._points.publish(cloud)
        if is_heard(self._scan):
            scan = self._scanner(frame.camera, prediction, view.scan)
            self._scan.publish(laser_scan(frame.header, scan, view.scan))

    def _advertise(self) -> None:
        super()._advertise()
        self._color = self._publisher(Image, 'depth_color/image')
        self._rectified_image = self._publisher(Image, 'rectified_image')
        if self._with_points:
            self._points = self._publisher(PointCloud2, 'points')
        self._scan = self._publisher(LaserScan, 'laser_scan')

    def _colored(
        self, header: Header, prediction: Prediction, ends_m: tuple[float, float]
    ) -> Image:
        if self._colours is None or self._colours.ends_m != ends_m:
            self._colours = DepthColours(*ends_m)
        self._colours.paint(prediction.depth_m, self._picture.pixels(*prediction.depth_m.shape))
        return self._picture.message(header)


def at_camera(image: Picture, camera: Camera) -> NDArray[np.uint8]:
    """Return an image as the camera of its depth sees it: rectified, (H, W, 3) of its size."""
    if isinstance(image, RawImage):
        return image.rectification.image(image.pixels, camera)
    if image.shape[:2] == (camera.height, camera.width):
        return image
    resized = cv2.resize(image, (camera.width, camera.height), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, np.uint8)


class DepthColours:
    """
    The colours of `adu_depth_core.evaluation.colours` on one scale for all frames.

    Parameters
    ----------
    nearest_m, farthest_m : float
        Metres that are red and blue; depth beyond takes the colour of the end.

    """

    def __init__(self, nearest_m: float, farthest_m: float) -> None:
        self.ends_m = nearest_m, farthest_m
        middles = (np.arange(STEPS, dtype=np.uint32) << 16 | 0x8000).view(np.float32)
        known = np.where(middles > 0, middles, np.float32(np.nan))
        (self._table,) = coloured_depth(known[None], nearest_m=nearest_m, farthest_m=farthest_m)

    def paint(self, depth_m: NDArray[np.float32], picture: NDArray[np.uint8]) -> None:
        """
        Write the colours of depth into a picture.

        Parameters
        ----------
        depth_m : (H, W) float32, C-contiguous
            NaN becomes dark grey.
        picture : (H, W, 3) uint8
            Becomes RGB.

        """
        upper_halves = (depth_m.view(np.uint32) >> 16).astype(np.uint16)
        np.take(self._table, upper_halves, axis=0, out=picture, mode='clip')
