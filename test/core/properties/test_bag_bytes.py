# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bags of which bytes are lost or changed, and what stands in their metadata."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from rosbags.rosbag1 import Writer as Ros1Writer
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from adu_depth_core.bags import open_bag
from adu_depth_core.messages.cdr import typestore
from adu_depth_core.messages.stamped import image_message
from adu_depth_core.messages.types import IMAGE_TYPE
from random_cases import Cases

Near = Callable[[Any], st.SearchStrategy[Any]]

# Opening a bag takes ten times as long as reading a line.
fewer = settings(max_examples=max(settings.default.max_examples // 2, 1))  # type: ignore[union-attr]

TOPIC, COUNT = '/camera/image', 3
PIXELS = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
DURABILITY = [
    *('transient_local', 'volatile', 'system_default', 'unknown', 'TRANSIENT_LOCAL', '~'),
    *(0, 1, 2, 3, 99, -1, None, [], {}, 1.5),
]


def messages() -> list[bytes]:
    return [
        image_message(PIXELS, encoding='rgb8', stamp_ns=1 + index, frame_id='camera')
        for index in range(COUNT)
    ]


def rosbag2(folder: Path, storage: StoragePlugin) -> Path:
    with Writer(folder, version=8, storage_plugin=storage) as writer:
        connection = writer.add_connection(TOPIC, IMAGE_TYPE, typestore=typestore())
        for index, data in enumerate(messages()):
            writer.write(connection, index, data)
    return folder


def rosbag1(path: Path) -> Path:
    types = get_typestore(Stores.ROS1_NOETIC)
    with Ros1Writer(path) as writer:
        connection = writer.add_connection(TOPIC, IMAGE_TYPE, typestore=types)
        for index, data in enumerate(messages()):
            writer.write(connection, index, typestore().cdr_to_ros1(data, IMAGE_TYPE))
    return path


@pytest.fixture(scope='session')
def whole(scratch: Path) -> dict[str, Path]:
    """Files of three images in each storage, by their suffix."""
    mcap = rosbag2(scratch / 'mcap', StoragePlugin.MCAP) / 'mcap.mcap'
    sqlite = rosbag2(scratch / 'sqlite', StoragePlugin.SQLITE3) / 'sqlite.db3'
    files = mcap, sqlite, rosbag1(scratch / 'ros1.bag')
    return {path.suffix: path for path in files}


def read(path: Path) -> list[Any]:
    """Read what there is: topics, and images of the topic that we wrote."""
    with open_bag(path) as bag:
        assert bag.duration_ns >= 0
        assert all(topic.count >= 0 for topic in bag.topics.values())
        assert all(warning.strip() for warning in bag.warnings)
        return list(bag.images(TOPIC))


@pytest.mark.parametrize('suffix', ['.mcap', '.db3', '.bag'])
@fewer
@given(data=st.data())
def test_bytes_of_a_bag(
    cases: Cases,
    scratch: Path,
    spoilt: Near,
    whole: dict[str, Path],
    suffix: str,
    data: st.DataObject,
) -> None:
    path = scratch / f'spoilt{suffix}'
    path.write_bytes(data.draw(spoilt(whole[suffix].read_bytes())))
    images = cases.outcome(f'bytes of {suffix}', lambda: read(path)) or []
    # What is lost is lost, and nothing is invented.
    assert len(images) <= COUNT + 1
    for image in images:
        assert image.pixels.size < 2**20


@fewer
@given(data=st.data())
def test_metadata_of_a_bag(
    cases: Cases,
    scratch: Path,
    odd: Near,
    spoilt: Near,
    whole: dict[str, Path],
    data: st.DataObject,
) -> None:
    folder = scratch / 'described'
    folder.mkdir(exist_ok=True)
    (folder / 'a.mcap').write_bytes(whole['.mcap'].read_bytes())
    content = yaml.safe_load((scratch / 'mcap' / 'metadata.yaml').read_text())
    content['rosbag2_bagfile_information']['relative_file_paths'] = ['a.mcap']
    text = yaml.safe_dump(data.draw(odd(content)), allow_unicode=True).encode()
    (folder / 'metadata.yaml').write_bytes(data.draw(st.just(text) | spoilt(text)))
    images = cases.outcome('metadata.yaml', lambda: read(folder))
    assert images is None or len(images) == COUNT


@given(
    st.text('a-:~[]{}0 \n', max_size=12)
    | st.fixed_dictionaries(
        {},
        optional={
            'history': st.sampled_from([1, 3, 'keep_last', None]),
            'depth': st.sampled_from([0, -1, 2**70, 'x', None]),
            'durability': st.sampled_from(DURABILITY),
            'deadline': st.sampled_from([{'sec': 0, 'nsec': 0}, {}, 'infinite', None]),
        },
    )
    .flatmap(lambda profile: st.sampled_from([[profile], profile]))
    .map(lambda profile: yaml.safe_dump(profile, default_flow_style=None))
)
def test_offered_qos_never_hides_a_message(
    cases: Cases, scratch: Path, whole: dict[str, Path], profile: str
) -> None:
    path = scratch / 'qos.db3'
    path.write_bytes(whole['.db3'].read_bytes())
    with closing(sqlite3.connect(path)) as database:
        database.execute('UPDATE topics SET offered_qos_profiles = ?', [profile])
        database.commit()
    images = cases.outcome('offered_qos_profiles', lambda: read(path))
    assert images is not None
    assert len(images) == COUNT
