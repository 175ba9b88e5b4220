# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of a recording, raw and compressed: pixels and metres, or one sentence why not."""

import re
import struct
import tracemalloc
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
import pytest

from adu_depth_core.bags import BagMessage, open_bag, read_picture, to_depth_m, to_rgb
from adu_depth_core.errors import InputError
from adu_depth_core.messages.compressed_images import (
    DEPTH_FORMAT,
    DEPTH_HEADER,
    JPEG_FORMAT,
    compressed_depth_message,
    compressed_image_message,
    holds_depth,
    jpeg_message,
)
from adu_depth_core.messages.pixels import to_millimetres
from adu_depth_core.messages.stamped import StampedImage, image_message
from adu_depth_core.messages.types import COMPRESSED_IMAGE_TYPE, IMAGE_TYPE

STAMP_NS = 1_700_000_000_123_456_789
TOPIC = '/camera/image/compressed'
# Red, green, blue, white in columns as broad as JPEG's blocks.
COLOURS = np.repeat(
    np.array([[[250, 10, 10], [10, 250, 10], [10, 10, 250], [250, 250, 250]]], np.uint8), 16, 1
).repeat(16, 0)
MILLIMETRES = np.array([[0, 1500, 65535], [1, 2, 3]], np.uint16)


def encoded(pixels: np.ndarray, suffix: str = '.png') -> bytes:
    return cv2.imencode(suffix, pixels)[1].tobytes()


def bgr(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image[..., ::-1])


def compressed(picture: bytes, format: str) -> BagMessage:
    data = compressed_image_message(picture, format=format, stamp_ns=STAMP_NS, frame_id='eye')
    return BagMessage(TOPIC, COMPRESSED_IMAGE_TYPE, data, 0)


def read(picture: bytes, format: str) -> StampedImage:
    return read_picture(compressed(picture, format))


def sentence_of(message: BagMessage) -> str:
    with pytest.raises(InputError) as caught:
        read_picture(message)
    text = str(caught.value)
    assert message.topic in text
    assert '\n' not in text
    return text


def test_jpeg_comes_back_in_its_colours_with_stamp_and_frame() -> None:
    data = jpeg_message(COLOURS, quality=95, stamp_ns=STAMP_NS, frame_id='eye')
    image = read_picture(BagMessage(TOPIC, COMPRESSED_IMAGE_TYPE, data, 0))
    assert (image.stamp_ns, image.frame_id, image.encoding) == (STAMP_NS, 'eye', 'rgb8')
    # JPEG halves the resolution of colour: look at the middle of each column.
    assert np.abs(image.pixels.astype(int) - COLOURS)[:, 8::16].max() < 12
    assert np.shares_memory(to_rgb(image.pixels, image.encoding), image.pixels)


def test_lower_quality_makes_smaller_messages() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    sizes = [len(jpeg_message(noise, quality=q, stamp_ns=0, frame_id='')) for q in (10, 50, 95)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2] / 2


@pytest.mark.parametrize(
    'format',
    ['png', '', 'rgb8; png compressed bgr8', 'bgr8; png compressed bgr8', 'rgb8; png compressed '],
)
def test_png_comes_back_exactly(format: str) -> None:
    image = read(encoded(bgr(COLOURS)), format)
    assert image.encoding == 'rgb8'
    np.testing.assert_array_equal(image.pixels, COLOURS)


@pytest.mark.parametrize('format', ['rgb8; png compressed rgb8', 'bgr8; png compressed rgb8'])
def test_codec_that_was_given_red_first_gives_red_first(format: str) -> None:
    np.testing.assert_array_equal(read(encoded(COLOURS), format).pixels, COLOURS)


def test_alpha_is_dropped_and_the_high_byte_of_sixteen_bit_colours_kept() -> None:
    alpha = cv2.cvtColor(bgr(COLOURS), cv2.COLOR_BGR2BGRA)
    np.testing.assert_array_equal(read(encoded(alpha), 'png').pixels, COLOURS)
    deep = bgr(COLOURS).astype(np.uint16) * 256 + 7
    np.testing.assert_array_equal(read(encoded(deep), 'png').pixels, COLOURS)


def test_grey_pictures_are_mono8() -> None:
    grey = COLOURS[..., 0].copy()
    image = read(encoded(grey), 'mono8; png compressed ')
    assert image.encoding == 'mono8'
    np.testing.assert_array_equal(image.pixels, grey)
    assert read(encoded(grey, '.jpg'), 'jpeg').encoding == 'mono8'


@pytest.mark.parametrize(
    ('header', 'format'),
    [
        (b'', 'png'),
        (b'', '16UC1; png compressed '),
        (bytes(12), '16UC1; compressedDepth png'),
        (bytes(12), '16UC1; compressedDepth'),
        (b'', '16UC1; compressedDepth png'),
    ],
)
def test_sixteen_bit_png_is_depth_in_millimetres(header: bytes, format: str) -> None:
    image = read(header + encoded(MILLIMETRES), format)
    assert image.encoding == '16UC1'
    np.testing.assert_array_equal(image.pixels, MILLIMETRES)
    depth_m = to_depth_m(image.pixels, image.encoding)
    np.testing.assert_allclose(depth_m, [[np.nan, 1.5, 65.535], [0.001, 0.002, 0.003]])


def test_quantised_depth_is_metres_by_its_parameters() -> None:
    # a / z + b with a = 100 * 101 and b = 1 - a / 10, as for depth up to 10 m.
    a, b = 10100.0, -1009.0
    depth_m = np.array([[0.5, 1.0, 2.0, 9.9]], np.float32)
    stored = np.append(np.round(a / depth_m + b), [[0]], axis=1).astype(np.uint16)
    image = read(DEPTH_HEADER.pack(0, a, b) + encoded(stored), '32FC1; compressedDepth png')
    assert (image.encoding, image.pixels.dtype) == ('32FC1', np.float32)
    np.testing.assert_allclose(image.pixels[:, :4], depth_m, rtol=1e-3)
    assert np.isnan(image.pixels[0, 4])


def test_packed_millimetres_are_metres_to_half_a_millimetre() -> None:
    depth_m = np.random.default_rng(0).uniform(0.5, 65.5, (30, 40)).astype(np.float32)
    depth_m[0, :4] = np.nan, np.inf, 70.0, 65.5354
    millimetres = to_millimetres(depth_m)
    packed = compressed_depth_message(millimetres, stamp_ns=0, frame_id='')
    plain = image_message(millimetres, encoding='16UC1', stamp_ns=0, frame_id='')
    for msgtype, data in ((COMPRESSED_IMAGE_TYPE, packed), (IMAGE_TYPE, plain)):
        image = read_picture(BagMessage(TOPIC, msgtype, data, 0))
        back_m = to_depth_m(image.pixels, image.encoding)
        assert np.isnan(back_m[0, :3]).all()
        assert np.nanmax(np.abs(back_m - depth_m)[np.isfinite(depth_m)]) <= 0.5e-3 + 4e-6


def test_depth_is_told_from_colour_by_format_or_first_bytes() -> None:
    def depth(picture: bytes, format: str) -> bool:
        return holds_depth(compressed(picture, format).data)

    assert depth(b'', DEPTH_FORMAT)
    assert depth(b'', '32FC1; compressedDepth rvl')
    assert depth(b'', '16UC1; png compressed ')
    assert depth(encoded(MILLIMETRES), 'png')
    assert not depth(encoded(COLOURS), 'png')
    assert not depth(encoded(COLOURS[..., 0].copy()), 'png')
    assert not depth(encoded(COLOURS.astype(np.uint16)), 'png')
    assert not depth(b'', JPEG_FORMAT)
    assert not depth(b'', 'jpeg')


def png_of_size(width: int, height: int) -> bytes:
    """Return a small PNG whose header, checksum and all, promises another size."""
    picture = bytearray(encoded(MILLIMETRES))
    struct.pack_into('>II', picture, 16, width, height)
    struct.pack_into('>I', picture, 29, crc32(picture[12:29]))
    return bytes(picture)


def jpeg_of_size(width: int, height: int) -> bytes:
    picture = bytearray(encoded(COLOURS, '.jpg'))
    at = picture.index(b'\xff\xc0')
    struct.pack_into('>HH', picture, at + 5, height, width)
    return bytes(picture)


@pytest.mark.parametrize(
    ('picture', 'format', 'words'),
    [
        (b'', 'jpeg', '0 bytes that begin with "" are neither JPEG nor PNG'),
        (
            b'GIF89a' + bytes(100),
            'gif',
            'begin with "47 49 46 38 .* are neither JPEG nor PNG',
        ),
        (encoded(COLOURS, '.jpg')[:-30], 'jpeg', 'JPEG that breaks off'),
        (b'\xff\xd8\xff\xd9', 'jpeg', 'JPEG without a size'),
        (encoded(COLOURS)[:-20], 'png', 'PNG that breaks off'),
        (encoded(COLOURS)[:30], 'png', 'PNG without a header'),
        (encoded(COLOURS)[:60] + b'!' + encoded(COLOURS)[61:], 'png', 'PNG with a wrong checksum'),
        (png_of_size(60_000, 60_000), 'png', 'cannot hold the 60000x60000 pixels'),
        (png_of_size(2**31, 2**31), 'png', 'cannot hold the 2147483648x'),
        (png_of_size(0, 3), 'png', 'cannot hold the 0x3 pixels'),
        (png_of_size(3, 200), 'png', 'cannot be decoded|3x200'),
        (jpeg_of_size(65_500, 65_500), 'jpeg', 'cannot hold the 65500x65500 pixels'),
        (bytes(12) + encoded(COLOURS), DEPTH_FORMAT, 'promises one channel of 16 bits'),
        (bytes(5), DEPTH_FORMAT, 'neither JPEG nor PNG'),
        (b'', DEPTH_FORMAT, 'neither JPEG nor PNG'),
        (bytes(100), '16UC1; compressedDepth rvl', 'rvl" cannot be read; publish it as png'),
        (encoded(MILLIMETRES), '32FC1; compressedDepth png', 'needs a header'),
        (bytes(12) + encoded(MILLIMETRES), '32FC1; compressedDepth png', 'parameters 0 and 0'),
        (
            DEPTH_HEADER.pack(0, np.nan, 1) + encoded(MILLIMETRES),
            '32FC1; compressedDepth png',
            'parameters nan and 1',
        ),
    ],
)
def test_spoilt_picture_is_refused_in_a_sentence(picture: bytes, format: str, words: str) -> None:
    tracemalloc.start()
    text = sentence_of(compressed(picture, format))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert re.search(words, text), text
    assert peak < 2**20


def test_message_of_another_type_is_no_picture() -> None:
    text = sentence_of(BagMessage('/scan', 'sensor_msgs/msg/LaserScan', b'', 0))
    assert text == '/scan: sensor_msgs/msg/LaserScan is no image'


def samples() -> list[BagMessage]:
    raw = image_message(COLOURS, encoding='rgb8', stamp_ns=STAMP_NS, frame_id='eye')
    return [
        BagMessage(TOPIC, IMAGE_TYPE, raw, 0),
        compressed(encoded(COLOURS, '.jpg'), JPEG_FORMAT),
        compressed(encoded(COLOURS), 'png'),
        compressed(DEPTH_HEADER.pack(0, 100, 1) + encoded(MILLIMETRES), DEPTH_FORMAT),
        compressed(
            DEPTH_HEADER.pack(0, 100, 1) + encoded(MILLIMETRES), '32FC1; compressedDepth png'
        ),
    ]


def refusal(message: BagMessage) -> str:
    try:
        read_picture(message)
    except InputError as error:
        return str(error)
    return ''


@pytest.mark.parametrize('message', samples())
def test_whatever_is_cut_or_changed_is_read_or_refused(message: BagMessage) -> None:
    """Every other thing that is raised fails the test."""
    generator = np.random.default_rng(0)
    for length in {*range(0, 140), *generator.integers(0, len(message.data), 50).tolist()}:
        with pytest.raises(InputError):
            read_picture(message._replace(data=message.data[:length]))
    for _ in range(600):
        spoilt = bytearray(message.data)
        for at in generator.integers(0, min(len(spoilt), 250), generator.integers(1, 4)):
            spoilt[at] = generator.choice([0, 1, 0x7F, 0x80, 0xFF, generator.integers(256)])
        assert '\n' not in refusal(message._replace(data=bytes(spoilt)))


@pytest.mark.real_data
@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
def test_malformed_recording_is_refused_message_by_message(data_root: Path, storage: str) -> None:
    with open_bag(data_root / 'bags' / 'malformed_images' / f'test_bag_{storage}') as bag:
        messages = list(
            bag.messages(['/test/sensor_msgs/image', '/test/sensor_msgs/compressed_image'])
        )
    sentences = {message.msgtype: sentence_of(message) for message in messages}
    assert len(messages) == 4
    words = 'data has 30 bytes, but 480 rows of 1920 bytes have 921600'
    assert words in sentences[IMAGE_TYPE]
    assert 'JPEG that breaks off' in sentences[COMPRESSED_IMAGE_TYPE]


@pytest.mark.real_data
def test_recorded_pictures_are_decoded(data_root: Path) -> None:
    with open_bag(data_root / 'bags' / 'rosbag2_2025_09_10-13_03_56_0.mcap') as bag:
        for message in bag.messages(['/image', '/compressed_image']):
            image = read_picture(message)
            assert (image.encoding, image.pixels.shape) == ('rgb8', (480, 640, 3))
