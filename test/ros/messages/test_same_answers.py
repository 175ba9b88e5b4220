# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A message means the same, whether a node received it or a recording holds it."""

import cv2
import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, RegionOfInterest

from adu_depth_core.bags import BagMessage, read_picture, to_rgb
from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.messages.compressed_images import compressed_image_message
from adu_depth_core.messages.encodings import ENCODINGS
from adu_depth_core.messages.rectifying import Rectifying
from adu_depth_core.messages.stamped import read_camera_info
from adu_depth_core.messages.types import COMPRESSED_IMAGE_TYPE, IMAGE_TYPE
from adu_depth_ros.messages.camera_info import calibration_of_image, camera_of, info_of_image
from adu_depth_ros.messages.image_messages import rgb_of

TOPIC = '/image'
RED, GREEN, BLUE = [200, 40, 40], [30, 150, 60], [20, 60, 190]
HEIGHT, WIDTH = 8, 12
COLOURED = sorted(name for name in ENCODINGS if name != '32FC1')
# Names of OpenCV's patterns: the pixel in the second row and column, and that after it.
BAYER = {'rggb': [0, 1, 1, 2], 'bggr': [2, 1, 1, 0], 'gbrg': [1, 2, 0, 1], 'grbg': [1, 0, 2, 1]}
YUV = {
    'yuv422': cv2.COLOR_RGB2YUV_UYVY,
    'uyvy': cv2.COLOR_RGB2YUV_UYVY,
    'yuv422_yuy2': cv2.COLOR_RGB2YUV_YUY2,
    'yuyv': cv2.COLOR_RGB2YUV_YUY2,
}


def by_node(message: Image | CompressedImage) -> np.ndarray:
    return np.array(rgb_of(message, TOPIC))


def by_bag(message: Image | CompressedImage) -> np.ndarray:
    msgtype = IMAGE_TYPE if isinstance(message, Image) else COMPRESSED_IMAGE_TYPE
    picture = read_picture(BagMessage(TOPIC, msgtype, serialize_message(message), 0))
    return np.array(to_rgb(picture.pixels, picture.encoding))


def of_colour(colour: list[int], encoding: str) -> np.ndarray:
    """Pack a picture of one colour as an encoding has it, without our table."""
    plain = np.full((HEIGHT, WIDTH, 3), colour, np.uint8)
    if encoding.startswith('bayer'):
        channels = np.array(BAYER[encoding[6:10]]).reshape(2, 2)
        mosaic = np.array(colour)[np.tile(channels, (HEIGHT // 2, WIDTH // 2))]
        return mosaic.astype(np.uint16) * 257 if encoding.endswith('16') else mosaic.astype('u1')
    if encoding in YUV:
        return np.asarray(cv2.cvtColor(plain, YUV[encoding]))
    if encoding == 'nv24':
        yuyv = cv2.cvtColor(plain.repeat(2, axis=1), cv2.COLOR_RGB2YUV_YUY2)
        u, v = yuyv[:, ::2, 1], yuyv[:, 1::2, 1]
        return np.vstack([yuyv[:, ::2, 0], np.dstack([u, v]).reshape(2 * HEIGHT, WIDTH)])
    if encoding.startswith('nv'):
        i420 = cv2.cvtColor(plain, cv2.COLOR_RGB2YUV_I420)
        u, v = i420[HEIGHT, 0], i420[-1, 0]
        pair = [u, v] if encoding == 'nv12' else [v, u]
        return np.vstack([i420[:HEIGHT], np.tile(pair, (HEIGHT // 2, WIDTH // 2))]).astype('u1')
    if encoding.startswith('mono') or encoding.endswith('UC1'):
        plain = plain[..., :1]
    elif encoding.startswith(('bgr', '8UC', '16UC')):
        plain = plain[..., ::-1]
    if encoding.startswith(('rgba', 'bgra')) or encoding.endswith('UC4'):
        plain = np.dstack([plain, np.full((HEIGHT, WIDTH), 7, np.uint8)])
    return plain.astype(np.uint16) * 257 if '16' in encoding else plain


def message_of(stored: np.ndarray, encoding: str, *, big: bool = False, pad: int = 0) -> Image:
    order = '>' if big else '<'
    rows = np.ascontiguousarray(stored, stored.dtype.newbyteorder(order))
    rows = rows.view(np.uint8).reshape(len(stored), -1)
    if encoding == 'nv24':  # a line of colours is twice as long as one of the picture
        colours = rows[HEIGHT:].reshape(HEIGHT, -1)
        colours = np.pad(colours, ((0, 0), (0, 2 * pad)), constant_values=99)
        rows = np.pad(rows[:HEIGHT], ((0, 0), (0, pad)), constant_values=99)
        rows = np.vstack([rows, colours.reshape(2 * HEIGHT, -1)])
    else:
        rows = np.pad(rows, ((0, 0), (0, pad)), constant_values=99)
    message = Image(encoding=encoding, height=HEIGHT, width=WIDTH, step=rows.shape[1])
    message.is_bigendian = int(big)
    message.data.frombytes(rows.tobytes())
    return message


@pytest.mark.parametrize('colour', [RED, GREEN, BLUE])
@pytest.mark.parametrize('encoding', COLOURED)
def test_every_encoding_gives_its_colour_to_both(encoding: str, colour: list[int]) -> None:
    is_grey = encoding.startswith('mono') or encoding.endswith('UC1')
    expected = [colour[0]] * 3 if is_grey else colour
    # YUV of 8 bits rounds.
    atol = 3 if encoding.startswith(('nv', 'yuv', 'yuyv', 'uyvy')) else 0
    stored = of_colour(colour, encoding)
    variants = [message_of(stored, encoding, pad=6)]
    if '16' in encoding:
        variants.append(message_of(stored, encoding, big=True))
    for message in variants:
        node = by_node(message)
        np.testing.assert_array_equal(by_bag(message), node)
        np.testing.assert_allclose(node, np.full((HEIGHT, WIDTH, 3), expected), atol=atol)


@pytest.mark.parametrize('encoding', COLOURED)
def test_noise_of_every_encoding_is_the_same_for_both(encoding: str) -> None:
    stored = of_colour(RED, encoding)
    noise = np.random.default_rng(0).integers(0, np.iinfo(stored.dtype).max, stored.shape)
    message = message_of(noise.astype(stored.dtype), encoding, pad=2)
    np.testing.assert_array_equal(by_bag(message), by_node(message))


@pytest.mark.parametrize('encoding', ['32FC1', '32FC3', 'nv99', ''])
def test_what_is_no_colour_is_refused_by_both(encoding: str) -> None:
    message = message_of(np.zeros((HEIGHT, WIDTH, 4), np.uint8), encoding)
    for read in (by_node, by_bag):
        with pytest.raises(InputError, match=r'not colour|not supported here|cannot be read'):
            read(message)


# What a codec is given becomes what it gives back; OpenCV's takes blue first.
FORMATS = {
    '': 'bgr',
    'jpeg': 'bgr',
    'rgb8; jpeg compressed bgr8': 'bgr',
    'bgr8; jpeg compressed bgr8': 'bgr',
    'rgba8; png compressed bgr8': 'bgr',
    'bayer_rggb8; jpeg compressed bgr8': 'bgr',
    # "COMPRESSED_PIXFMT is only appended for color images"; where the format does not correspond
    # to that, "the image is treated as bgr8" (sensor_msgs/CompressedImage).
    'rgb8; jpeg compressed ': 'bgr',
    'bgr8; jpeg compressed ': 'bgr',
    'rgb8; jpeg compressed rgb8': 'rgb',
    'bgr8; jpeg compressed rgb8': 'rgb',
}


@pytest.mark.parametrize('suffix', ['.jpg', '.png', '.webp', '.tiff', '.bmp'])
@pytest.mark.parametrize('format', FORMATS)
def test_every_format_gives_its_colours_to_both(format: str, suffix: str) -> None:
    # The format names the codec, the first bytes of the picture count.
    given = np.full((16, 16, 3), RED[::-1] if FORMATS[format] == 'bgr' else RED, np.uint8)
    message = CompressedImage(format=format)
    message.data.frombytes(cv2.imencode(suffix, given, [cv2.IMWRITE_WEBP_QUALITY, 101])[1])
    node = by_node(message)
    np.testing.assert_array_equal(by_bag(message), node)
    np.testing.assert_allclose(node, np.full((16, 16, 3), RED), atol=3)


def test_depth_in_a_compressed_picture_is_the_same_for_both() -> None:
    message = CompressedImage(format='16UC1; png compressed ')
    depth = np.full((4, 6), 0x3412, np.uint16)
    message.data.frombytes(cv2.imencode('.png', depth)[1])
    assert by_node(message).tolist() == by_bag(message).tolist() == [[[0x34] * 3] * 6] * 4


@pytest.mark.parametrize('end', [b'', b'\0' * 5000, b'\xff\xd8\xff', b'\xff\xd9 and more'])
def test_bytes_behind_the_end_of_a_jpeg_are_the_cameras_own(end: bytes) -> None:
    picture = cv2.imencode('.jpg', np.full((16, 16, 3), RED[::-1], np.uint8))[1].tobytes()
    message = CompressedImage(format='jpeg')
    message.data.frombytes(picture + end)
    np.testing.assert_array_equal(by_bag(message), by_node(message))
    np.testing.assert_allclose(by_node(message), np.full((16, 16, 3), RED), atol=3)


@pytest.mark.parametrize('suffix', ['.jpg', '.png', '.webp', '.bmp'])
@pytest.mark.parametrize('kept', [0.3, 0.6, 0.97])
def test_a_picture_cut_off_is_refused_by_both(suffix: str, kept: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (32, 48, 3), np.uint8)
    picture = cv2.imencode(suffix, noise)[1].tobytes()
    message = CompressedImage(format='jpeg')
    message.data.frombytes(picture[: int(len(picture) * kept)])
    for read in (by_node, by_bag):
        with pytest.raises(InputError, match=r'^/image: .*breaks off'):
            read(message)


def test_picture_of_too_many_pixels_is_refused_by_its_header() -> None:
    white = np.full((3000, 4000), 255, np.uint8)
    for suffix in ('.png', '.jpg', '.webp', '.bmp'):
        message = CompressedImage(format='png')
        message.data.frombytes(cv2.imencode(suffix, white)[1])
        with pytest.raises(InputError, match=r'4000x3000 pixels, more than 1000000; make'):
            rgb_of(message, TOPIC, max_pixels=1_000_000)
    raw = Image(encoding='mono8', height=3000, width=4000, step=4000)
    with pytest.raises(InputError, match=r'^/image: .* 4000x3000 pixels, more than 1000000; make'):
        rgb_of(raw, TOPIC, max_pixels=1_000_000)


P = [9.0, 0, 3.5, 4.5, 0, 9.5, 1.5, 0, 0, 0, 1, 0]
K = [10.0, 0, 3, 0, 11, 2, 0, 0, 1]
INFOS = {
    'plain': ({}, (8, 4), Camera(8, 4, 9.0, 9.5, 3.5, 1.5)),
    'K alone': ({'p': [0.0] * 12}, (8, 4), Camera(8, 4, 10.0, 11.0, 3.0, 2.0)),
    'P alone': ({'k': [0.0] * 9}, (8, 4), Camera(8, 4, 9.0, 9.5, 3.5, 1.5)),
    'binned': ({'binning': 2}, (4, 2), Camera(4, 2, 4.5, 4.75, 1.75, 0.75)),
    'binned in name alone': ({'binning': 2}, (8, 4), Camera(8, 4, 9.0, 9.5, 3.5, 1.5)),
    'cut': ({'roi': (2, 1, 4, 2)}, (4, 2), Camera(4, 2, 9.0, 9.5, 1.5, 0.5)),
    'cut and binned': (
        {'roi': (2, 1, 4, 2), 'binning': 2},
        (2, 1),
        Camera(2, 1, 4.5, 4.75, 0.75, 0.25),
    ),
    'cut in name alone': ({'roi': (2, 1, 4, 2)}, (8, 4), Camera(8, 4, 9.0, 9.5, 3.5, 1.5)),
    'whole with offsets': ({'roi': (2, 1, 8, 4)}, (8, 4), Camera(8, 4, 9.0, 9.5, 3.5, 1.5)),
    'offsets alone': ({'roi': (2, 1, 0, 0)}, (8, 4), Camera(8, 4, 9.0, 9.5, 3.5, 1.5)),
    'offsets alone, binned': (
        {'roi': (2, 1, 0, 0), 'binning': 2},
        (4, 2),
        Camera(4, 2, 4.5, 4.75, 1.75, 0.75),
    ),
    'uncalibrated': ({'k': [0.0] * 9, 'p': [0.0] * 12}, (8, 4), None),
    'not a number': ({'k': [float('nan')] * 9, 'p': [float('nan')] * 12}, (8, 4), None),
    'negative': ({'k': [-v for v in K], 'p': [-v for v in P]}, (8, 4), None),
    'of another size': ({}, (9, 4), None),
    'cut beyond its edge': ({'roi': (6, 1, 4, 2)}, (4, 2), None),
}


@pytest.mark.parametrize('name', INFOS)
def test_every_camera_info_is_the_same_camera_for_both(name: str) -> None:
    fields, (width, height), expected = INFOS[name]
    binning = fields.get('binning', 0)
    x, y, roi_width, roi_height = fields.get('roi', (0, 0, 0, 0))
    info = CameraInfo(width=8, height=4, binning_x=binning, binning_y=binning)
    info.k, info.p, info.d = fields.get('k', K), fields.get('p', P), [0.1] * 5
    info.roi = RegionOfInterest(x_offset=x, y_offset=y, width=roi_width, height=roi_height)
    received = deserialize_message(serialize_message(info), CameraInfo)

    def node() -> Camera:
        return camera_of(info_of_image(received, width, height, '/camera_info'))

    def bag() -> Camera:
        return read_camera_info(serialize_message(info)).of_image(width, height)

    if expected is None:
        for read in (node, bag):
            with pytest.raises(InputError):
                read()
        return
    assert node() == bag() == expected


SIZE_OF = {'plain': (8, 4), 'binned': (4, 2), 'cut': (4, 2), 'cut and binned': (2, 1)}
LENSES = {
    'plumb_bob': [-0.2, 0.05, 0.01, -0.01, 0.0],
    'rational_polynomial': [0.1] * 8,
    'equidistant': [0.02, -0.01, 0.0, 0.001, 0.0],
}


@pytest.mark.parametrize('fov', [0.0, 100.0])
@pytest.mark.parametrize('lens', LENSES)
@pytest.mark.parametrize('name', SIZE_OF)
def test_every_raw_image_is_rectified_in_the_same_way_by_both(
    name: str, lens: str, fov: float
) -> None:
    fields, (width, height) = INFOS[name][0], SIZE_OF[name]
    info = CameraInfo(width=8, height=4, distortion_model=lens, d=LENSES[lens], k=K, p=P)
    info.r = [0.8, 0.6, 0.0, -0.6, 0.8, 0.0, 0.0, 0.0, 1.0]
    info.binning_x = info.binning_y = fields.get('binning', 0)
    x, y, roi_width, roi_height = fields.get('roi', (0, 0, 0, 0))
    info.roi = RegionOfInterest(x_offset=x, y_offset=y, width=roi_width, height=roi_height)
    rectifying, topic = Rectifying('auto', fov), '/camera/image_raw'
    node = calibration_of_image(info, width, height, '/camera_info', rectifying, topic)
    bag = rectifying.of_image(
        read_camera_info(serialize_message(info)).calibration, topic, width, height
    )
    assert bag is not None
    assert node.rectification == bag
    assert camera_of(node.info) == node.camera == bag.camera
    raw = np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)
    assert node.rectification is not None
    np.testing.assert_array_equal(
        node.rectification.image(raw, node.camera), bag.image(raw, bag.camera)
    )


@pytest.mark.parametrize('topic', ['/camera/image_rect', '/camera/image_raw'])
def test_both_take_the_same_images_as_raw(topic: str) -> None:
    info = CameraInfo(width=8, height=4, distortion_model='plumb_bob', k=K, p=P)
    info.d = LENSES['plumb_bob']
    rectifying = Rectifying()
    node = calibration_of_image(info, 8, 4, '/camera_info', rectifying, topic)
    found = read_camera_info(serialize_message(info)).calibration
    assert (node.rectification is None) == (rectifying.of_image(found, topic, 8, 4) is None)
    assert (node.rectification is None) == ('rect' in topic)


def test_compressed_message_of_ours_is_read_by_ros() -> None:
    data = compressed_image_message(b'abc', format='jpeg', stamp_ns=5, frame_id='eye')
    message = deserialize_message(data, CompressedImage)
    assert (message.format, bytes(message.data), message.header.frame_id) == (
        'jpeg',
        b'abc',
        'eye',
    )
