# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
One frame after the other as entities of Rerun.

=================  ==========================================================================
entity             what
=================  ==========================================================================
camera             Pinhole, in pixels
camera/image       the picture, as JPEG
camera/depth       DepthImage in metres (meter = 1), NaN = unknown
camera/std         DepthImage: one standard deviation in metres, NaN = unknown
camera/truth       DepthImage in metres, where something measured it
points             Points3D in metres in the optical frame, coloured as the picture is
=================  ==========================================================================

Depth is stored in half precision, which rounds by at most 0.05 %, far below its uncertainty, and
halves a recording. Time lines are `frame`, and `stamp` or `video` where a frame has them.
"""

import numpy as np
import rerun as rr
import rerun.blueprint as rrb
from numpy.typing import NDArray

from adu_depth_core.camera import Camera
from adu_depth_core.inference.prediction import Prediction
from adu_depth_core.viewing import Moment

CAMERA, IMAGE, DEPTH, STD, TRUTH, POINTS = (
    'camera',
    'camera/image',
    'camera/depth',
    'camera/std',
    'camera/truth',
    'points',
)
JPEG_QUALITY = 90
MAX_POINTS = 60_000  # a browser shows so many smoothly
POINT_PX = 1.5
FARTHEST_SHARE = 0.99
FRUSTUM_M = 1.0


class RerunView:
    """
    Shows frames in a recording.

    Parameters
    ----------
    stream : rerun.RecordingStream
        Where they go, see `opened_view`.
    max_points : int
        Of the cloud: pixels are taken at equal distances, until there are no more than so many.

    """

    def __init__(self, stream: rr.RecordingStream, max_points: int = MAX_POINTS) -> None:
        self._stream, self._max_points = stream, max_points
        self._ends_m: dict[str, float] = {}
        stream.log('/', rr.ViewCoordinates.RDF, static=True)
        stream.send_blueprint(layout())

    def show(
        self,
        moment: Moment,
        image: NDArray[np.uint8],
        camera: Camera,
        prediction: Prediction,
        truth_m: NDArray[np.float32] | None = None,
    ) -> None:
        """
        Show one frame.

        Parameters
        ----------
        moment : Moment
        image : (H, W, 3) uint8
            RGB.
        camera : Camera
            Of the same size.
        prediction : Prediction
            Of the same size.
        truth_m : (H, W) float32, optional
            Metres, NaN = unknown.

        """
        self._set_time(moment)
        self._stream.log(CAMERA, pinhole(camera))
        self._stream.log(IMAGE, rr.Image(image).compress(jpeg_quality=JPEG_QUALITY))
        self._log_metres(DEPTH, prediction.depth_m, 'turbo')
        self._log_metres(STD, prediction.std_m, 'viridis')
        if truth_m is not None:
            self._log_metres(TRUTH, truth_m, 'turbo')
        points_m, colours = coloured_points(image, camera, prediction.depth_m, self._max_points)
        radii = rr.Radius.ui_points(POINT_PX)
        self._stream.log(POINTS, rr.Points3D(points_m, colors=colours, radii=radii))

    def _set_time(self, moment: Moment) -> None:
        self._stream.reset_time()
        self._stream.set_time('frame', sequence=moment.number)
        if moment.stamp_ns is not None:
            self._stream.set_time('stamp', timestamp=np.datetime64(moment.stamp_ns, 'ns'))
        if moment.video_s is not None:
            self._stream.set_time('video', duration=moment.video_s)

    def _log_metres(self, entity: str, metres: NDArray[np.float32], colours: str) -> None:
        """Log metres in colours that mean the same in every frame: the first sets their end."""
        if entity not in self._ends_m:
            known = metres[np.isfinite(metres)]
            if known.size:
                self._ends_m[entity] = float(np.quantile(known, FARTHEST_SHARE))
        end_m = self._ends_m.get(entity)
        shown = rr.DepthImage(
            metres.astype(np.float16),
            meter=1.0,
            colormap=colours,
            depth_range=None if end_m is None else (0.0, end_m),
        )
        self._stream.log(entity, shown)


def pinhole(camera: Camera) -> rr.Pinhole:
    """Return the camera in Rerun's convention: a pixel's centre is half a pixel from its edge."""
    return rr.Pinhole(
        width=camera.width,
        height=camera.height,
        focal_length=(camera.fx, camera.fy),
        principal_point=(camera.cx + 0.5, camera.cy + 0.5),
        camera_xyz=rr.ViewCoordinates.RDF,
        image_plane_distance=FRUSTUM_M,
    )


def coloured_points(
    image: NDArray[np.uint8], camera: Camera, depth_m: NDArray[np.float32], max_points: int
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """
    Return every nth pixel whose depth is known as a point.

    Parameters
    ----------
    image : (H, W, 3) uint8
        RGB.
    camera : Camera
        Of the same size.
    depth_m : (H, W) float32
        Metres, NaN = unknown.
    max_points : int
        Sets n.

    Returns
    -------
    points_m : (N, 3) float32
        x right, y down, z forward.
    colours : (N, 3) uint8
        RGB.

    """
    step = int(np.ceil(np.sqrt(max(depth_m.size / max_points, 1))))
    # The smaller side rounds up; so many points are asked for, and not a row more.
    while -(-camera.height // step) * -(-camera.width // step) > max_points:
        step += 1
    grid = np.s_[::step, ::step]
    depth = depth_m[grid]
    known = np.isfinite(depth)
    points_m = camera.rays()[grid][known] * depth[known][:, None]
    return np.asarray(points_m, np.float32), np.ascontiguousarray(image[grid][known])


def layout() -> rrb.Blueprint:
    """Return what a viewer shows at first: the cloud, and beside it picture, depth and std."""
    pictures = [
        rrb.Spatial2DView(name=name, origin=CAMERA, contents=[entity])
        for name, entity in (
            ('image', IMAGE),
            ('depth, m', DEPTH),
            ('standard deviation, m', STD),
        )
    ]
    # From behind and above the camera; the pictures of depth would be points once more.
    eye = rrb.EyeControls3D(position=(0, -4, -8), look_target=(0, 0, 15), eye_up=(0, -1, 0))
    cloud = rrb.Spatial3DView(
        name='points', contents=[POINTS, CAMERA, IMAGE], eye_controls=eye, line_grid=False
    )
    return rrb.Blueprint(
        rrb.Horizontal(cloud, rrb.Vertical(*pictures), column_shares=[3, 2]),
        collapse_panels=True,
    )
