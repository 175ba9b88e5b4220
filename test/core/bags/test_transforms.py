# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How frames lie to each other, by /tf_static or a file."""

from pathlib import Path

import numpy as np
import pytest

from adu_depth_core.bags import Transforms, bag_writer, open_bag
from adu_depth_core.bags.rigid import quaternion_of, rotation_of
from adu_depth_core.bags.topics import TF_STATIC
from adu_depth_core.bags.transforms import transform_message
from adu_depth_core.errors import InputError
from adu_depth_core.messages.cdr import deserialised, serialised
from adu_depth_core.messages.types import TF_TYPE

ROOT_HALF = np.sqrt(0.5)
# A quarter turn about z: x becomes y.
QUARTER = np.array([[0.0, -1, 0, 1], [1, 0, 0, 2], [0, 0, 1, 3], [0, 0, 0, 1]])
UP = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 10], [0, 0, 0, 1]])
ENTRY = (
    '- {parent: base, child: laser, translation: [1, 2, 3], rotation: [0, 0, 0.70711, 0.70711]}'
)


def write(path: Path, *edges: tuple[str, str, np.ndarray], topic: str = TF_STATIC) -> Path:
    with bag_writer(path) as bag:
        for parent, child, matrix in edges:
            data = transform_message(matrix, parent=parent, child=child, stamp_ns=0)
            bag.write(topic, 'tf2_msgs/TFMessage', data, 0, latched=True)
    return path


def transforms_of(path: Path) -> Transforms:
    with open_bag(path) as bag:
        return Transforms.of_bag(bag)


def file_with(tmp_path: Path, text: str) -> Path:
    path = tmp_path / 'extrinsics.yaml'
    path.write_text(text)
    return path


def test_recorded_transform_takes_points_of_the_child_to_the_parent(tmp_path: Path) -> None:
    transforms = transforms_of(write(tmp_path / 'bag', ('base', 'laser', QUARTER)))
    np.testing.assert_allclose(transforms.matrix('base', 'laser'), QUARTER, atol=1e-15)
    point = transforms.matrix('base', 'laser') @ [1, 0, 0, 1]
    np.testing.assert_allclose(point, [1, 3, 3, 1], atol=1e-15)


def test_tf_static_is_latched(tmp_path: Path) -> None:
    with open_bag(write(tmp_path / 'bag', ('base', 'laser', QUARTER))) as bag:
        assert bag.topics[TF_STATIC].latched
        assert bag.topics[TF_STATIC].msgtype == TF_TYPE


def test_chains_go_up_and_down_the_tree(tmp_path: Path) -> None:
    bag = write(
        tmp_path / 'bag',
        ('base', 'mast', UP),
        ('mast', 'laser', QUARTER),
        ('base', 'camera', QUARTER),
        ('elsewhere', 'island', UP),
    )
    transforms = transforms_of(bag)
    expected = np.linalg.inv(QUARTER) @ UP @ QUARTER
    np.testing.assert_allclose(transforms.matrix('camera', 'laser'), expected, atol=1e-12)
    there_and_back = transforms.matrix('laser', 'camera') @ transforms.matrix('camera', 'laser')
    np.testing.assert_allclose(there_and_back, np.eye(4), atol=1e-12)
    with pytest.raises(InputError, match=r'not connect island to laser; .* base, camera, els'):
        transforms.matrix('laser', 'island')


def test_frame_lies_in_itself_even_where_nobody_speaks_of_it(tmp_path: Path) -> None:
    transforms = transforms_of(write(tmp_path / 'bag', ('base', 'laser', QUARTER)))
    np.testing.assert_array_equal(transforms.matrix('depth', 'depth'), np.eye(4))


def test_later_word_on_a_child_counts(tmp_path: Path) -> None:
    bag = write(tmp_path / 'bag', ('base', 'laser', UP), ('base', 'laser', QUARTER))
    np.testing.assert_allclose(transforms_of(bag).matrix('base', 'laser'), QUARTER, atol=1e-15)


def test_slash_before_a_frame_means_nothing_and_namespaces_are_looked_into(tmp_path: Path) -> None:
    bag = write(tmp_path / 'bag', ('/base', '/laser', UP), topic='/robot/tf_static')
    np.testing.assert_array_equal(transforms_of(bag).matrix('base', '/laser'), UP)


def test_recording_without_transforms_connects_nothing(tmp_path: Path) -> None:
    transforms = transforms_of(write(tmp_path / 'bag', ('base', 'laser', UP), topic='/tf'))
    sentence = (
        r'does not connect laser to base; .*: none at all; left out: /tf, whose frames may move; '
        'name a fixed mounting by --extrinsics'
    )
    with pytest.raises(InputError, match=sentence):
        transforms.matrix('base', 'laser')


def test_impossible_transform_is_left_out_and_told_where_it_is_missed(tmp_path: Path) -> None:
    message = deserialised(
        transform_message(UP, parent='base', child='laser', stamp_ns=0), TF_TYPE
    )
    message.transforms[0].transform.rotation.w = 0.0
    with bag_writer(tmp_path / 'bag') as bag:
        bag.write(TF_STATIC, TF_TYPE, serialised(message, TF_TYPE), 0)
        data = transform_message(UP, parent='base', child='camera', stamp_ns=0)
        bag.write(TF_STATIC, TF_TYPE, data, 0)
    transforms = transforms_of(tmp_path / 'bag')
    np.testing.assert_array_equal(transforms.matrix('base', 'camera'), UP)
    with pytest.raises(InputError, match=r'left out: base to laser \(the quaternion .* norm 0,'):
        transforms.matrix('base', 'laser')


def test_message_that_is_none_is_refused(tmp_path: Path) -> None:
    with bag_writer(tmp_path / 'bag') as bag:
        bag.write(TF_STATIC, TF_TYPE, b'\x00\x01\x00\x00\xff\xff\xff\xff', 0)
    with pytest.raises(InputError, match='/tf_static: 8 bytes are no tf2_msgs'):
        transforms_of(tmp_path / 'bag')


def test_file_says_the_same_as_messages(tmp_path: Path) -> None:
    other = '- {parent: base, child: camera, translation: [0, 0, 10.0], rotation: [0, 0, 0, 1]}'
    transforms = Transforms.of_file(file_with(tmp_path, f'{ENTRY}\n{other}\n'))
    assert transforms.frames == ['base', 'camera', 'laser']
    np.testing.assert_allclose(transforms.matrix('base', 'laser'), QUARTER, atol=1e-12)
    expected = np.linalg.inv(UP) @ QUARTER
    np.testing.assert_allclose(transforms.matrix('camera', 'laser'), expected, atol=1e-12)


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('', 'holds no list; expected a list of'),
        ('[]', 'holds no list'),
        ('a: [', 'is no YAML'),
        ('\x00', 'is no YAML'),
        ('parent: base', 'holds no list'),
        ('- 3', 'entry 1: has 3, expected just parent, child'),
        (ENTRY.replace('translation', 'position'), 'has parent, child, position, rotation'),
        (ENTRY.replace('}', ', unit: m}'), 'has .*, unit, expected just'),
        (ENTRY.replace('rotation: [0, 0, 0.70711, 0.70711]', ''), 'expected just'),
        (ENTRY.replace('base', '7'), 'parent is 7, expected the name'),
        (ENTRY.replace('base', '""'), "parent is '', expected the name"),
        (ENTRY.replace('base', 'laser'), 'laser is its own parent'),
        (ENTRY.replace('[1, 2, 3]', '[1, 2]'), r'translation is \[1, 2\], expected 3 numbers'),
        (ENTRY.replace('[1, 2, 3]', '[1, 2, far]'), 'expected 3 numbers'),
        (ENTRY.replace('[1, 2, 3]', '[1, 2, true]'), 'expected 3 numbers'),
        (ENTRY.replace('[1, 2, 3]', '[1, 2, .inf]'), 'is not finite'),
        (ENTRY.replace('[1, 2, 3]', '1'), 'translation is 1'),
        (ENTRY.replace('0.70711]', '0.71]'), 'has the norm 1.002, not 1'),
        (ENTRY.replace('0.70711]', '.nan]'), 'has the norm nan, not 1'),
        (f'{ENTRY}\n{ENTRY}', 'laser is a child twice'),
        (f'{ENTRY}\n- {{}}', 'entry 2: has'),
    ],
)
def test_file_that_is_not_as_described_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = file_with(tmp_path, text)
    with pytest.raises(InputError, match=words) as caught:
        Transforms.of_file(path)
    assert str(caught.value).startswith(str(path))
    assert '\n' not in str(caught.value)


def test_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r'absent\.yaml: cannot be read'):
        Transforms.of_file(tmp_path / 'absent.yaml')
    (tmp_path / 'bytes.yaml').write_bytes(b'\xff\xfe\xfd')
    with pytest.raises(InputError, match=r'bytes\.yaml: not text in UTF-8'):
        Transforms.of_file(tmp_path / 'bytes.yaml')


@pytest.mark.parametrize(
    ('quaternion', 'rotation'),
    [
        ((0, 0, 0, 1), np.eye(3)),
        ((1, 0, 0, 0), np.diag([1, -1, -1])),
        ((0, 0, ROOT_HALF, ROOT_HALF), QUARTER[:3, :3]),
        ((-0.5, 0.5, -0.5, 0.5), [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]),
    ],
)
def test_quaternions_are_those_of_geometry_msgs(
    quaternion: tuple[float, ...], rotation: np.ndarray
) -> None:
    np.testing.assert_allclose(rotation_of(quaternion), rotation, atol=1e-15)
    back = np.array(quaternion_of(np.asarray(rotation, float)))
    np.testing.assert_allclose(np.abs(back @ quaternion), 1, atol=1e-15)
    assert back[3] >= 0


def test_every_rotation_survives_its_quaternion() -> None:
    generator = np.random.default_rng(0)
    for _ in range(100):
        q = generator.normal(size=4)
        q /= np.linalg.norm(q)
        rotation = rotation_of(q)
        np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-14)
        np.testing.assert_allclose(rotation_of(quaternion_of(rotation)), rotation, atol=1e-14)
