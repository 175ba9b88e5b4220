# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of the mono depth node."""

from adu_depth_core.inference.network_size import parsed_size
from adu_depth_core.inference.runtimes.runtime import PRECISIONS
from adu_depth_core.inference.runtimes.table import DEVICES_IN_WORDS, RUNTIMES, RUNTIMES_IN_WORDS
from adu_depth_core.messages.rectifying import MODES, MODES_IN_WORDS, WIDEST_DEGREES
from adu_depth_core.samples.picture_bytes import MAX_PIXELS
from adu_depth_ros.mono.calibration_parameters import CALIBRATION
from adu_depth_ros.mono.scan_parameters import SCAN
from adu_depth_ros.nodes.parameters import Settable, Setting

# What the runtime of a model is told.
OF_RUNTIME = ('runtime', 'device', 'precision', 'threads', 'engine_cache')


def _check_camera_size(text: str) -> None:
    parsed_size(text, multiple=1)


def _check_input_size(text: str) -> None:
    if text:
        parsed_size(text)


MONO_DEPTH = (
    Setting(
        'model',
        'tiny',
        Settable.UNCONFIGURED,
        'Model to run: the name of one that ships with the package, or the path of a model file.',
    ),
    Setting(
        'runtime',
        'auto',
        Settable.UNCONFIGURED,
        f'What runs the model: {RUNTIMES_IN_WORDS}.',
        choices=RUNTIMES,
    ),
    Setting(
        'device',
        'auto',
        Settable.UNCONFIGURED,
        f'Where the model runs: {DEVICES_IN_WORDS}.',
    ),
    Setting(
        'precision',
        'auto',
        Settable.UNCONFIGURED,
        'Precision of the backbone: float32, bfloat16, float16, or auto for the lowest that the '
        'device computes natively, where depth stays the same but for little.',
        choices=('auto', *PRECISIONS),
    ),
    Setting(
        'threads',
        0,
        Settable.UNCONFIGURED,
        'Threads in which the model runs on a CPU; 0 leaves the number to the runtime, which '
        'takes all cores that it sees.',
        limits=(0, 1024),
    ),
    Setting(
        'engine_cache',
        '',
        Settable.UNCONFIGURED,
        'Folder in which engines of TensorRT are kept for the next start, of device tensorrt; '
        "empty for adu_depth/engines in the user's cache folder. ~ and environment variables are "
        'put in.',
    ),
    Setting(
        'camera_size',
        '1242x375',
        Settable.UNCONFIGURED,
        "Width and height in px of the camera's images: those for which the model is made ready "
        'when the node is configured. The first image of another size waits for that.',
        check=_check_camera_size,
    ),
    Setting(
        'input_size',
        '',
        Settable.UNCONFIGURED,
        'Width and height in px within which the network sees an image, as 640x192, multiples of '
        '32; empty for the area that the model was trained for.',
        check=_check_input_size,
    ),
    Setting(
        'output_size',
        'camera',
        Settable.UNCONFIGURED,
        'Size of what is published: that of the camera, or that at which the network saw the '
        'image.',
        choices=('camera', 'network'),
    ),
    Setting(
        'image_transport',
        'raw',
        Settable.UNCONFIGURED,
        'Form of the input: raw (sensor_msgs/Image), or compressed (CompressedImage on the '
        "topic's name with /compressed at its end).",
        choices=('raw', 'compressed'),
    ),
    Setting(
        'rectify',
        'auto',
        Settable.ALWAYS,
        'Which images are taken as raw and rectified, by K, D, R and P of camera_info: '
        f'{MODES_IN_WORDS}.',
        choices=MODES,
    ),
    Setting(
        'rectified_fov',
        0.0,
        Settable.ALWAYS,
        'Horizontal field of view, in degrees, of what is made of raw images, as of a fisheye; 0 '
        'for that of P, or of K where P is empty.',
        limits=(0.0, WIDEST_DEGREES),
    ),
    Setting(
        'max_image_pixels',
        MAX_PIXELS,
        Settable.ALWAYS,
        'An image of more pixels is refused; a compressed one by its header, before it is '
        'decoded.',
        limits=(1, 2**30),
    ),
    Setting(
        'max_depth',
        0.0,
        Settable.ALWAYS,
        'Depth in metres beyond which NaN is published; 0 for the limit of the model itself.',
        limits=(0.0, 1000.0),
    ),
    Setting(
        'max_relative_std',
        0.5,
        Settable.ALWAYS,
        'Standard deviation, as a fraction of the depth, beyond which NaN is published.',
        limits=(0.001, 10.0),
    ),
    Setting(
        'color_min_depth',
        2.0,
        Settable.ALWAYS,
        'Depth in metres that is red in depth_color; nearer is red, too.',
        limits=(0.01, 1000.0),
    ),
    Setting(
        'color_max_depth',
        80.0,
        Settable.ALWAYS,
        'Depth in metres that is blue in depth_color; farther is blue, too.',
        limits=(0.01, 1000.0),
    ),
    Setting(
        'point_cloud',
        True,
        Settable.UNCONFIGURED,
        'Whether the topic points is there at all.',
    ),
    Setting(
        'points_stride',
        2,
        Settable.ALWAYS,
        'One of so many rows and columns of pixels becomes points.',
        limits=(1, 64),
    ),
    Setting(
        'points_max_std',
        0.0,
        Settable.ALWAYS,
        'Standard deviation in metres beyond which a pixel becomes no point; 0 for no limit.',
        limits=(0.0, 1000.0),
    ),
    Setting(
        'points_max_relative_std',
        0.0,
        Settable.ALWAYS,
        'The same as a fraction of the depth; 0 for no limit.',
        limits=(0.0, 10.0),
    ),
    Setting(
        'points_max_range',
        0.0,
        Settable.ALWAYS,
        'Distance from the camera in metres beyond which a pixel becomes no point; 0 for no '
        'limit.',
        limits=(0.0, 1000.0),
    ),
    *SCAN,
    *CALIBRATION,
    Setting(
        'autostart',
        True,
        Settable.AT_START,
        'Whether the node configures and activates itself; false leaves that to a manager.',
    ),
    Setting(
        'exit_on_failure',
        False,
        Settable.AT_START,
        'Whether the process ends, with exit code 1, where the node cannot configure and activate '
        'itself at the start; false leaves it unconfigured, for another attempt.',
    ),
)
