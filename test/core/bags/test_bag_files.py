# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Every storage, compression and state of a bag is read, with a sentence where it is not whole."""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from rosbags.rosbag1 import Writer as Ros1Writer
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from adu_depth_core.bags import BagMessage, header_stamp_ns, open_bag, read_picture
from adu_depth_core.bags.mcap_records import (
    CHANNEL,
    FOOTER,
    MAGIC,
    MESSAGE,
    SCHEMA,
    _flat_records,
)
from adu_depth_core.bags.storage import IndexedStorage
from adu_depth_core.bags.zstandard import ZSTD_BEGIN
from adu_depth_core.errors import InputError
from adu_depth_core.messages.cdr import typestore
from adu_depth_core.messages.stamped import image_message
from adu_depth_core.messages.types import IMAGE_TYPE, modern_type

COUNT = 30
STEP_NS = 100
TOPIC = '/camera/image'
WAYS = [
    (storage, mode)
    for storage in StoragePlugin
    for mode in CompressionMode
    if (storage, mode) != (StoragePlugin.SQLITE3, CompressionMode.STORAGE)
]


def picture(index: int) -> np.ndarray:
    # Noise, so that compressed files too have their messages all along.
    return np.random.default_rng(index).integers(0, 256, (40, 100, 3), np.uint8)


def message(index: int) -> bytes:
    return image_message(
        picture(index), encoding='rgb8', stamp_ns=index * STEP_NS, frame_id='camera'
    )


def write(
    path: Path,
    storage: StoragePlugin = StoragePlugin.MCAP,
    mode: CompressionMode = CompressionMode.NONE,
    *,
    indices: range = range(COUNT),
    msgtype: str = IMAGE_TYPE,
) -> Path:
    writer = Writer(path, version=8, storage_plugin=storage)
    writer.set_compression(mode, CompressionFormat.ZSTD)
    definition, _ = typestore().generate_msgdef(IMAGE_TYPE, ros_version=2)
    with writer:
        connection = writer.add_connection(TOPIC, msgtype, msgdef=definition, rihs01='RIHS01_0')
        for index in indices:
            writer.write(connection, index * STEP_NS, message(index))
    return path


def write_ros1(path: Path, compression: Ros1Writer.CompressionFormat | None = None) -> Path:
    types = get_typestore(Stores.ROS1_NOETIC)
    writer = Ros1Writer(path)
    if compression:
        writer.set_compression(compression)
    writer.chunk_threshold = 40_000
    with writer:
        connection = writer.add_connection(TOPIC, IMAGE_TYPE, typestore=types, latching=1)
        for index in range(COUNT):
            image = typestore().deserialize_cdr(message(index), IMAGE_TYPE)
            header = types.types['std_msgs/msg/Header'](
                seq=index, stamp=image.header.stamp, frame_id='camera'
            )
            fields = {name: getattr(image, name) for name in image.__dataclass_fields__}
            old = types.types[IMAGE_TYPE](**{**fields, 'header': header})
            data = types.serialize_ros1(old, IMAGE_TYPE)
            writer.write(connection, index * STEP_NS, data)
    return path


def split_bag(path: Path, storage: StoragePlugin, mode: CompressionMode) -> Path:
    """Write a bag of three files, as rosbag2 does when they grow too large."""
    names = []
    path.mkdir()
    for part in range(3):
        indices = range(part * COUNT, (part + 1) * COUNT)
        folder = write(path.parent / f'part_{part}', storage, mode, indices=indices)
        (file,) = (f for f in folder.iterdir() if f.name != 'metadata.yaml')
        names.append(file.name)
        file.rename(path / file.name)
        metadata = (folder / 'metadata.yaml').read_text()
    listed = ''.join(f'  - {name}\n' for name in names)
    lines = f'  relative_file_paths:\n{listed}'
    (path / 'metadata.yaml').write_text(metadata.replace(f'  - {names[-1]}\n', listed))
    assert lines in (path / 'metadata.yaml').read_text()
    return path


def contents(path: Path) -> tuple[list[BagMessage], tuple[str, ...]]:
    with open_bag(path) as bag:
        messages = list(bag.messages())
        assert bag.topics[TOPIC].count >= len(messages)
        return messages, tuple(bag.warnings)


def assert_holds(messages: Sequence[BagMessage], indices: Sequence[int]) -> None:
    assert [m.time_ns for m in messages] == [index * STEP_NS for index in indices]
    assert {(m.topic, m.msgtype) for m in messages} == {(TOPIC, IMAGE_TYPE)}
    for index, found in zip(indices, messages, strict=True):
        assert found.data == message(index)


@pytest.mark.parametrize(('storage', 'mode'), WAYS)
def test_every_storage_and_compression_gives_back_the_messages(
    tmp_path: Path, storage: StoragePlugin, mode: CompressionMode
) -> None:
    messages, warnings = contents(write(tmp_path / 'bag', storage, mode))
    assert_holds(messages, range(COUNT))
    assert warnings == ()
    with open_bag(tmp_path / 'bag') as bag:
        assert bag.topics[TOPIC].count == COUNT


@pytest.mark.parametrize(('storage', 'mode'), WAYS)
def test_file_without_its_folder_gives_back_the_messages(
    tmp_path: Path, storage: StoragePlugin, mode: CompressionMode
) -> None:
    (file,) = write(tmp_path / 'bag', storage, mode).glob('bag.*')
    messages, warnings = contents(file)
    assert_holds(messages, range(COUNT))
    assert warnings == ()


@pytest.mark.parametrize(('storage', 'mode'), WAYS)
def test_folder_without_metadata_is_read_file_by_file_in_order_of_time(
    tmp_path: Path, storage: StoragePlugin, mode: CompressionMode
) -> None:
    folder = split_bag(tmp_path / 'bag', storage, mode)
    first = next(folder.glob('part_0*'))
    first.rename(folder / first.name.replace('part_0', 'part_9'))
    (folder / 'metadata.yaml').unlink()
    messages, (warning,) = contents(folder)
    assert_holds(messages, range(3 * COUNT))
    assert 'holds no metadata.yaml' in warning


def test_compressed_copy_of_a_file_is_not_read_twice(tmp_path: Path) -> None:
    folder = write(tmp_path / 'bag', mode=CompressionMode.FILE)
    plain = write(tmp_path / 'plain')
    (plain / 'plain.mcap').rename(folder / 'bag.mcap')
    (folder / 'metadata.yaml').unlink()
    messages, _ = contents(folder)
    assert_holds(messages, range(COUNT))


def test_split_bag_is_whole_without_a_warning(tmp_path: Path) -> None:
    folder = split_bag(tmp_path / 'bag', StoragePlugin.MCAP, CompressionMode.NONE)
    messages, warnings = contents(folder)
    assert_holds(messages, range(3 * COUNT))
    assert warnings == ()


@pytest.mark.parametrize('storage', StoragePlugin)
def test_missing_split_leaves_a_gap_and_is_named(tmp_path: Path, storage: StoragePlugin) -> None:
    folder = split_bag(tmp_path / 'bag', storage, CompressionMode.NONE)
    lost = next(folder.glob('part_1.*'))
    lost.unlink()
    messages, (warning,) = contents(folder)
    assert_holds(messages[:COUNT], range(COUNT))
    assert_holds(messages[COUNT:], range(2 * COUNT, 3 * COUNT))
    assert lost.name in warning


@pytest.mark.parametrize(('storage', 'mode'), WAYS)
def test_split_that_the_metadata_do_not_name_is_read_and_told(
    tmp_path: Path, storage: StoragePlugin, mode: CompressionMode
) -> None:
    folder = write(tmp_path / 'bag', storage, mode)
    late = write(tmp_path / 'bag_1', storage, mode, indices=range(COUNT, 2 * COUNT))
    (split,) = late.glob('bag_1.*')
    split.rename(folder / split.name)
    messages, (warning,) = contents(folder)
    assert_holds(messages, range(2 * COUNT))
    assert warning.endswith(f'{split.name} is not named in its metadata.yaml and read too')


def test_copy_in_another_compression_or_storage_is_not_read_twice(tmp_path: Path) -> None:
    folder = write(tmp_path / 'bag', mode=CompressionMode.FILE)
    for storage in StoragePlugin:
        (copy,) = write(tmp_path / storage.name / 'bag', storage).glob('bag.*')
        copy.rename(folder / copy.name)
    messages, warnings = contents(folder)
    assert_holds(messages, range(COUNT))
    assert warnings == ()


def test_file_under_another_name_than_in_the_metadata_is_read(tmp_path: Path) -> None:
    folder = write(tmp_path / 'bag')
    (folder / 'bag.mcap').rename(folder / 'monday.mcap')
    messages, warnings = contents(folder)
    assert_holds(messages, range(COUNT))
    assert ['bag.mcap is missing' in warnings[0], 'monday.mcap is not named' in warnings[1]] == [
        True,
        True,
    ]


def test_metadata_that_name_a_file_of_another_kind_are_told(tmp_path: Path) -> None:
    folder = write(tmp_path / 'bag')
    (file,) = (f for f in folder.iterdir() if f.name != 'metadata.yaml')
    (folder / 'passwords.txt').write_text('no bag')
    metadata = folder / 'metadata.yaml'
    before, _, listed = metadata.read_text().partition('relative_file_paths:')
    both = listed.replace(file.name, f'{file.name}\n  - passwords.txt', 1)
    metadata.write_text(f'{before}relative_file_paths:{both}')
    messages, warnings = contents(folder)
    assert_holds(messages, range(COUNT))
    assert f'{folder}: passwords.txt is missing; the other files are read' in warnings[0]


def test_damaged_metadata_is_told_and_done_without(tmp_path: Path) -> None:
    folder = write(tmp_path / 'bag')
    for text in ('a: [', 'rosbag2_bagfile_information: 3', '', '\x00'):
        (folder / 'metadata.yaml').write_text(text)
        messages, (warning,) = contents(folder)
        assert_holds(messages, range(COUNT))
        assert 'metadata.yaml: is damaged' in warning


def cut(file: Path, share: float) -> Path:
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    return file


@pytest.mark.parametrize('share', [0.3, 0.5, 0.9, 0.999])
@pytest.mark.parametrize(('storage', 'mode'), WAYS)
def test_truncated_file_gives_what_was_written_until_then(
    tmp_path: Path, storage: StoragePlugin, mode: CompressionMode, share: float
) -> None:
    folder = write(tmp_path / 'bag', storage, mode)
    cut(next(folder.glob('bag.*')), share)
    messages, (warning,) = contents(folder)
    assert_holds(messages, range(len(messages)))
    # Compressed files are cut into blocks of some ten messages.
    assert share * COUNT - (12 if mode is CompressionMode.FILE else 3) <= len(messages) <= COUNT
    assert str(folder) in warning
    assert 'is damaged or cut off' in warning
    assert '\n' not in warning


@pytest.mark.parametrize('storage', StoragePlugin)
def test_last_byte_that_is_missing_is_told(tmp_path: Path, storage: StoragePlugin) -> None:
    (file,) = write(tmp_path / 'bag', storage).glob('bag.*')
    file.write_bytes(file.read_bytes()[:-1])
    messages, (warning,) = contents(file)
    assert_holds(messages, range(len(messages)))
    assert len(messages) >= COUNT - 1
    assert 'is damaged or cut off' in warning


def test_truncated_last_file_leaves_the_others_whole(tmp_path: Path) -> None:
    folder = split_bag(tmp_path / 'bag', StoragePlugin.MCAP, CompressionMode.NONE)
    cut(folder / 'part_2.mcap', 0.5)
    messages, (warning,) = contents(folder)
    assert 2 * COUNT < len(messages) < 3 * COUNT
    assert_holds(messages, range(len(messages)))
    assert 'part_2.mcap' in warning


def test_empty_last_file_leaves_the_others_whole(tmp_path: Path) -> None:
    folder = split_bag(tmp_path / 'bag', StoragePlugin.MCAP, CompressionMode.NONE)
    cut(folder / 'part_2.mcap', 0)
    messages, (warning,) = contents(folder)
    assert_holds(messages, range(2 * COUNT))
    assert 'part_2.mcap' in warning


@pytest.mark.parametrize('share', [0, 0.001])
@pytest.mark.parametrize('storage', StoragePlugin)
def test_file_of_which_nothing_is_left_is_refused(
    tmp_path: Path, storage: StoragePlugin, share: float
) -> None:
    folder = write(tmp_path / 'bag', storage)
    cut(next(folder.glob('bag.*')), share)
    with pytest.raises(InputError, match='nothing of it can be read'), open_bag(folder):
        pass


def test_damage_that_shows_while_reading_ends_the_file_with_a_warning(tmp_path: Path) -> None:
    folder = split_bag(tmp_path / 'bag', StoragePlugin.MCAP, CompressionMode.STORAGE)
    damaged = folder / 'part_1.mcap'
    content = bytearray(damaged.read_bytes())
    at = content.index(ZSTD_BEGIN)
    content[at : at + 8] = bytes(8)
    damaged.write_bytes(content)
    with open_bag(folder) as bag:
        assert bag.warnings == ()
        messages = list(bag.messages())
        assert_holds(messages, [*range(COUNT), *range(2 * COUNT, 3 * COUNT)])
        assert len(bag.warnings) == 1
        list(bag.messages())
        (warning,) = bag.warnings
    assert 'part_1.mcap' in warning


def test_type_of_an_error_is_told_as_it_may_be_a_mistake_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(*_: object) -> None:
        raise AttributeError("'NoneType' object has no attribute 'data'")

    folder = write(tmp_path / 'bag')
    monkeypatch.setattr(IndexedStorage, 'messages', mistaken)
    words = r"\(AttributeError: 'NoneType' object has no attribute 'data'\)$"
    with open_bag(folder) as bag, pytest.raises(InputError, match=words):
        list(bag.messages())


def without_chunks(path: Path) -> Path:
    """Write anew an mcap file as rosbag2 does in a hurry: bare messages, no index."""
    record = struct.Struct('<BQ')
    output = bytearray(MAGIC + record.pack(1, 12) + struct.pack('<I4sI', 4, b'ros2', 0))
    with path.open('rb') as stream:
        stream.seek(len(MAGIC))
        for opcode, content in _flat_records(stream, path.stat().st_size - len(MAGIC)):
            if opcode in (SCHEMA, CHANNEL, MESSAGE):
                output += record.pack(opcode, len(content)) + content
    output += record.pack(FOOTER, 20) + bytes(20) + MAGIC
    path.write_bytes(output)
    return path


def test_mcap_without_chunks_and_index_is_whole(tmp_path: Path) -> None:
    path = without_chunks(write(tmp_path / 'bag') / 'bag.mcap')
    messages, warnings = contents(path)
    assert_holds(messages, range(COUNT))
    assert warnings == ()
    messages, (_,) = contents(cut(path, 0.5))
    assert 0 < len(messages) < COUNT
    assert_holds(messages, range(len(messages)))


@pytest.mark.parametrize('storage', StoragePlugin)
def test_old_names_of_types_become_those_of_ros_2(tmp_path: Path, storage: StoragePlugin) -> None:
    folder = write(tmp_path / 'bag', storage, msgtype='sensor_msgs/Image')
    messages, _ = contents(folder)
    assert_holds(messages, range(COUNT))
    with open_bag(folder) as bag:
        assert bag.topics[TOPIC].msgtype == IMAGE_TYPE
        assert bag.of_type('sensor_msgs/Image') == bag.of_type(IMAGE_TYPE) != []
        assert bag.require(TOPIC, 'sensor_msgs/Image').name == TOPIC
    assert modern_type('sensor_msgs/Image') == IMAGE_TYPE == modern_type(IMAGE_TYPE)


@pytest.mark.parametrize('make', [write, lambda path: write_ros1(path.with_suffix('.bag'))])
@pytest.mark.parametrize('share', [1, 0.9])
def test_messages_can_be_had_from_one_time_to_another(
    tmp_path: Path, make: Callable[[Path], Path], share: float
) -> None:
    path = make(tmp_path / 'bag')
    cut(path if path.is_file() else path / 'bag.mcap', share)
    with open_bag(path) as bag:
        messages = list(bag.messages([TOPIC], 3 * STEP_NS, 7 * STEP_NS))
        assert_holds(messages, range(3, 7))
        assert list(bag.messages(['/other'])) == []
        assert (bag.start_ns, bag.duration_ns) == (0, (bag.topics[TOPIC].count - 1) * STEP_NS)


@pytest.mark.parametrize('compression', [None, *Ros1Writer.CompressionFormat])
def test_ros_1_bag_is_read_as_ros_2_would_have_written_it(
    tmp_path: Path, compression: Ros1Writer.CompressionFormat | None
) -> None:
    path = write_ros1(tmp_path / 'drive.bag', compression)
    messages, warnings = contents(path)
    assert_holds(messages, range(COUNT))
    assert warnings == ()
    assert header_stamp_ns(messages[3].data) == 3 * STEP_NS
    np.testing.assert_array_equal(read_picture(messages[3]).pixels, picture(3))
    with open_bag(path) as bag:
        assert bag.topics[TOPIC].latched


@pytest.mark.parametrize('compression', [None, *Ros1Writer.CompressionFormat])
@pytest.mark.parametrize('share', [0.3, 0.9, 0.999])
def test_truncated_ros_1_bag_gives_what_was_written_until_then(
    tmp_path: Path, compression: Ros1Writer.CompressionFormat | None, share: float
) -> None:
    path = cut(write_ros1(tmp_path / 'drive.bag', compression), share)
    messages, (warning,) = contents(path)
    assert_holds(messages, range(len(messages)))
    assert share * COUNT - 5 <= len(messages) <= COUNT
    assert 'is damaged or cut off' in warning


def test_ros_1_bag_that_was_never_closed_is_read_to_its_end(tmp_path: Path) -> None:
    path = write_ros1(tmp_path / 'drive.bag')
    content = bytearray(path.read_bytes())
    at = content.index(b'index_pos=') + len(b'index_pos=')
    (index_at,) = struct.unpack_from('<Q', content, at)
    content[at : at + 8] = bytes(8)
    path.write_bytes(content[:index_at])
    messages, (warning,) = contents(path)
    assert_holds(messages, range(COUNT))
    assert 'not indexed' in warning or 'was not closed' in warning
