# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bags as other recorders leave them: journals, odd QoS, ROS 1 in mcap, other encodings, pipes."""

import os
import shutil
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import lz4.frame
import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer, storage_mcap
from rosbags.typesys import Stores, get_typestore

from adu_depth_core.bags import bag_writer, open_bag, read_picture, zstandard
from adu_depth_core.bags.zstandard import zstd
from adu_depth_core.errors import InputError
from adu_depth_core.messages.cdr import typestore
from adu_depth_core.messages.stamped import image_message
from adu_depth_core.messages.types import IMAGE_TYPE

TOPIC = '/camera/image'
PIXELS = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
ROS1_IMAGE = """Header header
uint32 height
uint32 width
string encoding
uint8 is_bigendian
uint32 step
uint8[] data
================================================================================
MSG: std_msgs/Header
uint32 seq
time stamp
string frame_id
"""


def message(number: int) -> bytes:
    return image_message(PIXELS + number, encoding='rgb8', stamp_ns=number, frame_id='camera')


def contents(path: Path) -> tuple[list[bytes], tuple[str, ...]]:
    with open_bag(path) as bag:
        found = [item.data for item in bag.messages()]
        return found, tuple(bag.warnings)


def packed(text: str | bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return struct.pack('<I', len(data)) + data


def record(opcode: int, content: bytes) -> bytes:
    return struct.pack('<BQ', opcode, len(content)) + content


def mcap(
    path: Path, channels: list[tuple[str, str, str, str, bytes]], profile: str, qos: str = ''
) -> Path:
    """Write channels (topic, encoding, type, definition, message) without chunks or index."""
    parts = [b'\x89MCAP0\r\n', record(1, packed(profile) + packed('by hand'))]
    for number, (topic, encoding, msgtype, definition, data) in enumerate(channels, start=1):
        kind = {'cdr': 'ros2msg', 'ros1': 'ros1msg'}.get(encoding, 'jsonschema')
        schema = struct.pack('<H', number) + packed(msgtype) + packed(kind) + packed(definition)
        about = packed('offered_qos_profiles') + packed(qos)
        channel = struct.pack('<HH', number, number) + packed(topic) + packed(encoding)
        parts += [
            record(3, schema),
            record(4, channel + packed(about)),
            record(5, struct.pack('<HIQQ', number, 0, number, number) + data),
        ]
    parts += [record(0x0F, bytes(4)), record(2, bytes(20)), b'\x89MCAP0\r\n']
    path.write_bytes(b''.join(parts))
    return path


def cdr_channel(topic: str = TOPIC) -> tuple[str, str, str, str, bytes]:
    definition, _ = typestore().generate_msgdef(IMAGE_TYPE, ros_version=2)
    return topic, 'cdr', IMAGE_TYPE, definition, message(1)


def ros1_channel() -> tuple[str, str, str, str, bytes]:
    types = get_typestore(Stores.ROS1_NOETIC)
    time = types.types['builtin_interfaces/msg/Time'](sec=3, nanosec=4)
    header = types.types['std_msgs/msg/Header'](seq=9, stamp=time, frame_id='eye')
    image = types.types[IMAGE_TYPE](
        header=header,
        height=2,
        width=4,
        encoding='rgb8',
        is_bigendian=0,
        step=12,
        data=PIXELS.reshape(-1),
    )
    data = bytes(types.serialize_ros1(image, IMAGE_TYPE))
    return TOPIC, 'ros1', 'sensor_msgs/Image', ROS1_IMAGE, data


FULL = """- history: 1
  depth: 5
  reliability: 1
  durability: {durability}
  deadline: {{sec: 1, nsec: 0}}
  lifespan: {{sec: 1, nsec: 0}}
  liveliness: 1
  liveliness_lease_duration: {{sec: 1, nsec: 0}}
  avoid_ros_namespace_conventions: false
"""
ODD_PROFILES = [
    '- history: 1\n  depth: 5\n',
    'history: 1\ndepth: 5\n',
    'default',
    '~',
    '[{history: 1}]',
    '3',
    '"',
    '[' * 500,
]


@pytest.mark.parametrize('profiles', ODD_PROFILES)
@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
def test_qos_that_nobody_can_parse_means_not_latched(
    tmp_path: Path, storage: str, profiles: str
) -> None:
    path = write_with_qos(tmp_path, storage, profiles)
    with open_bag(path) as bag:
        assert (bag.topics[TOPIC].latched, bag.topics[TOPIC].count) == (False, 1)
        assert bag.warnings == ()
    assert contents(path)[0] == [message(1)]


@pytest.mark.parametrize(('durability', 'latched'), [(1, True), (2, False)])
@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
def test_qos_in_full_says_what_is_latched(
    tmp_path: Path, storage: str, durability: int, latched: bool
) -> None:
    path = write_with_qos(tmp_path, storage, FULL.format(durability=durability))
    with open_bag(path) as bag:
        assert bag.topics[TOPIC].latched is latched


def write_with_qos(folder: Path, storage: str, profiles: str) -> Path:
    if storage == 'mcap':
        return mcap(folder / 'x.mcap', [cdr_channel()], 'ros2', profiles)
    with bag_writer(folder / 'bag', storage='sqlite3') as bag:
        bag.write(TOPIC, IMAGE_TYPE, message(1), 1)
    with closing(sqlite3.connect(folder / 'bag' / 'bag.db3')) as database, database:
        database.execute('UPDATE topics SET offered_qos_profiles = ?', (profiles,))
    return folder / 'bag'


@pytest.mark.parametrize('profile', ['ros1', 'ros2', ''])
def test_messages_of_ros_1_in_mcap_are_converted(tmp_path: Path, profile: str) -> None:
    path = mcap(tmp_path / 'x.mcap', [ros1_channel()], profile)
    with open_bag(path) as bag:
        (item,) = bag.messages()
        image = read_picture(item)
        assert bag.warnings == ()
    assert (image.stamp_ns, image.frame_id) == (3_000_000_004, 'eye')
    np.testing.assert_array_equal(image.pixels, PIXELS)


@pytest.mark.parametrize('profile', ['ros2', ''])
def test_other_encodings_are_left_out_by_name_and_not_called_damage(
    tmp_path: Path, profile: str
) -> None:
    json = ('/pose', 'json', 'Pose', '{}', b'{"x": 1}')
    found, warnings = contents(mcap(tmp_path / 'x.mcap', [cdr_channel(), json], profile))
    assert found == [message(1)]
    (sentence,) = warnings
    assert sentence.startswith(f'{tmp_path}/x.mcap: /pose is left out, its messages are in json; ')
    with pytest.raises(InputError, match=r'nothing of it can be read; .* are in json'):
        contents(mcap(tmp_path / 'y.mcap', [json], profile))


@pytest.mark.parametrize('rows_in_journal', ['some', 'all'])
def test_rows_that_a_killed_recorder_left_in_its_journal_are_read(
    tmp_path: Path, rows_in_journal: str
) -> None:
    path = tmp_path / 'left' / 'x.db3'
    path.parent.mkdir()
    write_rows(tmp_path / 'x.db3', path, flushed=4 if rows_in_journal == 'some' else 0)
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    found, warnings = contents(path)
    assert (found, warnings) == ([message(number) for number in range(12)], ())
    # Nothing is written beside it: the folder may be one where nobody can.
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before


def write_rows(live: Path, left: Path, flushed: int) -> None:
    """Write 12 messages into `live` and copy it to `left` while all but the first lie in -wal."""
    plain = live.with_name('plain')
    with Writer(plain, version=8, storage_plugin=StoragePlugin.SQLITE3) as writer:
        writer.add_connection(TOPIC, IMAGE_TYPE, typestore=typestore())
    with closing(sqlite3.connect(plain / 'plain.db3')) as empty:
        script = '\n'.join(empty.iterdump())
    with closing(sqlite3.connect(live, isolation_level=None)) as database:
        database.execute('PRAGMA journal_mode=WAL')
        database.execute('PRAGMA wal_autocheckpoint=0')
        database.executescript(script)
        for number in range(12):
            if flushed and number == flushed:
                database.execute('PRAGMA wal_checkpoint(TRUNCATE)')
            row = (1, number, message(number))
            database.execute(
                'INSERT INTO messages (topic_id, timestamp, data) VALUES (?, ?, ?)', row
            )
        for suffix in ('', '-wal'):
            shutil.copyfile(f'{live}{suffix}', f'{left}{suffix}')


def test_pipe_is_no_bag(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'x.mcap')
    with pytest.raises(InputError, match='is a pipe or a device'):
        contents(tmp_path / 'x.mcap')
    with bag_writer(tmp_path / 'bag') as bag:
        bag.write(TOPIC, IMAGE_TYPE, message(1), 1)
    (tmp_path / 'bag' / 'metadata.yaml').unlink()
    os.mkfifo(tmp_path / 'bag' / 'metadata.yaml')
    found, (warning,) = contents(tmp_path / 'bag')
    assert found == [message(1)]
    assert 'metadata.yaml: is a pipe or a device' in warning


def test_metadata_nested_beyond_reason_are_done_without(tmp_path: Path) -> None:
    with bag_writer(tmp_path / 'bag') as bag:
        bag.write(TOPIC, IMAGE_TYPE, message(1), 1)
    (tmp_path / 'bag' / 'metadata.yaml').write_text('[' * 1000)
    found, (warning,) = contents(tmp_path / 'bag')
    assert found == [message(1)]
    assert 'metadata.yaml: is damaged' in warning


@pytest.mark.timeout(60)
def test_messages_that_are_computed_without_end_are_refused(tmp_path: Path) -> None:
    with bag_writer(tmp_path / 'bag', storage='sqlite3') as writer:
        writer.write(TOPIC, IMAGE_TYPE, message(0), 1)
    (file,) = (tmp_path / 'bag').glob('*.db3')
    with closing(sqlite3.connect(file)) as database:
        database.executescript(
            'ALTER TABLE messages RENAME TO kept;'
            'CREATE VIEW messages AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n)'
            'SELECT id, topic_id, timestamp, data FROM kept, n;'
        )
    with (
        pytest.raises(InputError, match='messages is no table, as recorders write it'),
        open_bag(tmp_path / 'bag'),
    ):
        pass


@pytest.mark.parametrize('compression', ['zstd', 'lz4'])
def test_chunk_that_holds_more_than_any_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: str
) -> None:
    data = bytes(2_000_000)
    squeeze = zstd.compress if compression == 'zstd' else lz4.frame.compress
    monkeypatch.setattr(zstandard, 'MOST_BYTES', 1_000_000)
    for size in (len(data), 100):  # what the chunk says of itself, truly and not
        with pytest.raises(InputError, match='hold'):
            storage_mcap.decompress(squeeze(data), compression, size, 0)
    monkeypatch.setattr(zstandard, 'MOST_BYTES', 4_000_000)
    assert storage_mcap.decompress(squeeze(data), compression, len(data), 0) == data
    with pytest.raises(InputError, match='breaks off'):
        storage_mcap.decompress(squeeze(data)[:-20], compression, len(data), 0)


@pytest.mark.parametrize('compression', ['zstd', 'lz4'])
def test_chunk_that_breaks_off_gives_what_it_has(tmp_path: Path, compression: str) -> None:
    random = np.random.default_rng(0)
    noise = random.integers(0, 255, (8, 300, 400, 3), np.uint8)  # larger than what is compressed
    sent = [image_message(n, encoding='rgb8', stamp_ns=1, frame_id='camera') for n in noise]
    channels = [(*cdr_channel()[:4], data) for data in sent]
    plain = mcap(tmp_path / 'plain.mcap', channels, '').read_bytes()
    head = plain.index(record(3, b'')[:1], 8 + 9)  # of the first schema, behind the header
    inner = plain[head : plain.rindex(record(0x0F, bytes(4)))]
    squeeze = zstd.compress if compression == 'zstd' else lz4.frame.compress
    small = squeeze(inner)
    chunk = struct.pack('<QQQI', 1, 8, len(inner), 0) + packed(compression)
    whole = plain[:head] + record(6, chunk + struct.pack('<Q', len(small)) + small)
    (tmp_path / 'cut.mcap').write_bytes(whole[: len(whole) // 2])
    found, (warning,) = contents(tmp_path / 'cut.mcap')
    assert 2 <= len(found) <= 4
    assert found == sent[: len(found)]
    assert 'is damaged or cut off' in warning


def test_message_and_file_that_grow_without_measure_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytes(4_000_000)
    assert zstandard.decompressed(zstd.compress(data)) == data
    (tmp_path / 'a.db3.zstd').write_bytes(zstd.compress(data))
    (tmp_path / 'out').mkdir()
    assert zstandard.unpack_file(tmp_path / 'a.db3.zstd', tmp_path / 'out').read_bytes() == data
    monkeypatch.setattr(zstandard, 'MOST_BYTES', 1_000_000)
    with pytest.raises(InputError, match='holds more than 1000000 bytes'):
        zstandard.decompressed(zstd.compress(data))
    with pytest.raises(InputError, match=r'a\.db3\.zstd: holds more than 1000000 bytes'):
        zstandard.unpack_file(tmp_path / 'a.db3.zstd', tmp_path / 'out')
