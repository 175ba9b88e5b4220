# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The command evaluate-bag, with the model that ships."""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from adu_depth_core.bags import bag_writer, open_bag, to_depth_m, write_bag
from adu_depth_core.bags.rigid import quaternion_of
from adu_depth_core.bags.sample_messages import BagFormat, Scan
from adu_depth_core.bags.topics import LEFT_FRAME, SCANNER_FRAME, TF_STATIC
from adu_depth_core.bags.transforms import Transforms
from adu_depth_core.commands.evaluate_bag import main as evaluate_bag
from adu_depth_core.commands.make_bag import main as make_bag
from adu_depth_core.datasets.kitti_raw import KittiRaw
from adu_depth_core.datasets.kitti_scans import KittiScans
from adu_depth_core.errors import InputError
from adu_depth_core.messages.stamped import image_message, read_image
from adu_depth_core.messages.types import IMAGE_TYPE

IMAGE = '/stereo/left/image_rect'
TRUTH = '/stereo/ground_truth/depth/image_rect'
SENSOR = f'depth topic {TRUTH}'
LEVELS = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])

FRAMES = 6


@pytest.fixture(scope='module')
def drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of six frames of a rendered drive, with its true depth."""
    path = tmp_path_factory.mktemp('bags') / 'drive'
    make_bag(['--data', 'synthetic:3', '--frames', str(FRAMES), '--output', str(path)])
    return path


def evaluated(bag: Path, output: Path, *words: str) -> dict[str, Any]:
    """Evaluate a bag and return what result.json holds."""
    assert evaluate_bag([str(bag), '--output', str(output), *words]) == 0
    result: dict[str, Any] = json.loads((output / 'result.json').read_text())
    return result


def test_recording_gives_figures_and_a_report(drive: Path, tmp_path: Path, capsys: Any) -> None:
    result = evaluated(drive, tmp_path)
    scores = result['sensors'][SENSOR]
    assert (scores['protocol'], scores['images'], result['frames_in']) == ('dense', 6, 6)
    assert [row['time_s'] for row in result['timeline']] == pytest.approx(
        [0.1 * n for n in range(6)], abs=1e-3
    )
    assert len(result['model']['sha256']) == 64
    assert result['command'].startswith('adu-depth evaluate-bag ')
    assert result['latency']['p50_ms'] > 0
    printed = capsys.readouterr().out
    assert 'protocol dense, 6 images, 0 missing' in printed
    assert f'{scores["figures"]["abs_rel"]:.4f}' in printed
    assert (tmp_path / 'report.html').read_text().startswith('<!DOCTYPE html>')


def test_result_for_machines_is_all_that_is_on_stdout(
    drive: Path, tmp_path: Path, capsys: Any
) -> None:
    result = evaluated(drive, tmp_path, '--json', '--frames', '2')
    assert json.loads(capsys.readouterr().out) == result
    assert result['frames_in'] == result['frames_out'] == 2


def test_published_images_alone_give_the_same_figures(drive: Path, tmp_path: Path) -> None:
    """Coverage, its error and AUSE, written out in plain numpy from the bag that is left."""
    copy = tmp_path / 'copy'
    figures = evaluated(drive, tmp_path, '--output-bag', str(copy))['sensors'][SENSOR]
    below, pixels, ause = np.zeros(10), 0, []
    with open_bag(copy) as bag:
        topics = '/adu_depth/depth/image_rect', '/adu_depth/depth_std/image_rect', TRUTH
        streams = (list(bag.images(topic)) for topic in topics)
        for images in zip(*streams, strict=True):
            assert len({image.stamp_ns for image in images}) == 1
            z, std, g = (to_depth_m(i.pixels, i.encoding).astype(np.float64) for i in images)
            counts = np.isfinite(z) & (g > 1e-3) & (g < 80)
            z, std, g = np.clip(z[counts], 1e-3, 80), std[counts], g[counts]
            scale = std / z / np.sqrt(2)
            error = np.abs(np.log(z) - np.log(g))
            below += [(error <= -scale * np.log(1 - level)).sum() for level in LEVELS]
            pixels += len(g)
            ause.append(area_between(np.abs(z - g) / g, std / z))
    coverage = below / pixels
    assert figures['pixels'] == pixels
    np.testing.assert_allclose(figures['coverage']['observed'], coverage, atol=1e-6)
    found = figures['figures']
    assert found['coverage_error'] == pytest.approx(np.abs(coverage - LEVELS).mean(), abs=1e-6)
    assert found['ause_abs_rel'] == pytest.approx(np.mean(ause), abs=1e-6)


def area_between(error: np.ndarray, uncertainty: np.ndarray) -> float:
    """AUSE of one image as its definition reads, 50 percentiles of the certainty."""

    def area(certainty: np.ndarray) -> float:
        kept = [certainty >= np.percentile(certainty, 2 * t) for t in range(50)]
        curve = [error[k].mean() for k in kept] + [0.0]
        return float(sum(a + b for a, b in itertools.pairwise(curve)) / 100)

    return area(-uncertainty) - area(-error)


def test_output_bag_is_the_recording_with_depth_added(drive: Path, tmp_path: Path) -> None:
    copy = tmp_path / 'copy'
    evaluated(drive, tmp_path, '--output-bag', str(copy), '--storage', 'sqlite3')
    with open_bag(drive) as before, open_bag(copy) as after:
        added = set(after.topics) - set(before.topics)
        assert added == {
            f'/adu_depth/{kind}/{name}'
            for kind in ('depth', 'depth_std')
            for name in ('image_rect', 'camera_info')
        }
        old = list(before.messages())
        assert sorted(old) == sorted(after.messages(set(before.topics)))
        image, depth = next(after.images(IMAGE)), next(after.images('/adu_depth/depth/image_rect'))
        assert (image.stamp_ns, image.frame_id) == (depth.stamp_ns, depth.frame_id)
        assert depth.pixels.shape == image.pixels.shape[:2]
        assert depth.encoding == '32FC1'
    words = [str(copy), '--output-bag', str(tmp_path / 'again'), '--output', str(tmp_path)]
    with pytest.raises(InputError, match='--output-namespace'):
        evaluate_bag(words)
    assert not (tmp_path / 'again').exists()


def test_recording_is_never_replaced_by_its_own_copy(drive: Path, tmp_path: Path) -> None:
    words = [str(drive), '--output', str(tmp_path / 'out'), '--output-bag', str(drive), '--force']
    with pytest.raises(InputError, match='is the recording itself'):
        evaluate_bag(words)
    with open_bag(drive) as bag:
        assert bag.topics[IMAGE].count == 6


def test_images_without_truth_are_counted_as_missing(
    drive: Path, tmp_path: Path, capsys: Any
) -> None:
    sparse = tmp_path / 'sparse'
    with open_bag(drive) as bag, bag_writer(sparse) as writer:
        late = bag.start_ns + 150_000_000
        for message in bag.messages():
            if message.topic != TRUTH or message.time_ns < late:
                writer.write(*message)
    scores = evaluated(sparse, tmp_path / 'out')['sensors'][SENSOR]
    assert (scores['images'], scores['without_truth']) == (2, 4)
    assert 'protocol dense, 2 images, 4 missing' in capsys.readouterr().out


def test_truth_of_which_nothing_counts_is_refused(drive: Path, tmp_path: Path) -> None:
    empty = tmp_path / 'empty'
    with open_bag(drive) as bag, bag_writer(empty) as writer:
        for message in bag.messages():
            data = message.data
            if message.topic == TRUTH:
                shape = read_image(data).pixels.shape
                data = image_message(
                    np.full(shape, np.nan, np.float32),
                    encoding='32FC1',
                    stamp_ns=message.time_ns,
                    frame_id=LEFT_FRAME,
                )
            writer.write(message.topic, message.msgtype, data, message.time_ns)
    output = tmp_path / 'with_depth'
    words = [str(empty), '--output', str(tmp_path / 'out'), '--output-bag', str(output)]
    with pytest.raises(InputError, match='gave no true depth for any image'):
        evaluate_bag(words)
    assert not output.exists(), 'what is refused leaves nothing behind'


def test_damage_to_the_recording_is_told_in_result_and_report(drive: Path, tmp_path: Path) -> None:
    cut = tmp_path / 'cut.mcap'
    (whole,) = drive.glob('*.mcap')
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    result = evaluated(cut, tmp_path / 'out')
    (warning,) = result['warnings']
    assert str(cut) in warning
    assert warning.split(':')[-1].strip()[:20] in (tmp_path / 'out' / 'report.html').read_text()


def test_good_messages_beside_bad_ones_are_used(drive: Path, tmp_path: Path, capsys: Any) -> None:
    mixed = tmp_path / 'mixed'
    cut = 0
    with open_bag(drive) as bag, bag_writer(mixed) as writer:
        for number, message in enumerate(bag.messages()):
            writer.write(*message)
            if message.topic == IMAGE and number < 10:
                cut += 1
                writer.write(IMAGE, IMAGE_TYPE, message.data[:200], message.time_ns + 1)
    expected = evaluated(drive, tmp_path / 'a')['sensors'][SENSOR]['figures']
    result = evaluated(mixed, tmp_path / 'b')
    assert result['sensors'][SENSOR]['figures'] == expected
    assert list(result['unusable'].values()) == [cut]
    assert f'warning: {cut} times: {IMAGE}' in capsys.readouterr().err


@pytest.mark.real_data
def test_scans_and_depth_topic_give_the_same_figures_in_every_storage_and_unit(
    data_root: Path, tmp_path: Path
) -> None:
    root = data_root / 'kitti_raw'
    sensors: dict[str, tuple[dict[str, float], dict[str, float]]] = {}
    near: dict[str, list[float]] = {}
    drive = KittiRaw(root, drives=['0005[0-59]'], truth='velodyne_points')
    scans = KittiScans(root)
    for storage, unit in (('mcap', '32FC1'), ('sqlite3', '16UC1'), ('mcap', 'png')):
        bag = tmp_path / f'{storage}_{unit}'
        write_bag(
            bag,
            (drive[index] for index in range(len(drive))),
            storage=storage,
            bag_format=BagFormat(truth=unit),
            scan_of=lambda sample: Scan(*scans.read(sample.name)),
        )
        result = evaluated(bag, tmp_path / 'out', '--scan-topic', '/stereo/points')
        depth, laser = result['sensors'].values()
        assert depth['images'] == laser['images'] == 3
        sensors[unit] = depth['figures'], laser['figures']
        near[unit] = [b['abs_rel'] for b in depth['by_distance'] if (b['to_m'] or 99) <= 60]
    exact, of_scans = sensors['32FC1']
    assert exact == pytest.approx(of_scans, rel=1e-6)
    assert sensors['16UC1'][1] == of_scans, 'the storage makes no difference'
    assert sensors['16UC1'][0] == sensors['png'][0], 'compression makes no difference'
    # Millimetres end at 65.5 m: compared is what is nearer.
    assert near['16UC1'] == pytest.approx(near['32FC1'], rel=2e-3)


@pytest.mark.real_data
def test_extrinsics_may_come_from_a_file(data_root: Path, tmp_path: Path) -> None:
    scans = KittiScans(data_root / 'kitti_raw')
    drive = KittiRaw(data_root / 'kitti_raw', drives=['0005[0-0]'], truth='velodyne_points')
    write_bag(tmp_path / 'bag', [drive[0]], scan_of=lambda sample: Scan(*scans.read(sample.name)))
    with open_bag(tmp_path / 'bag') as bag, bag_writer(tmp_path / 'without_tf') as writer:
        matrix = Transforms.of_bag(bag).matrix(LEFT_FRAME, SCANNER_FRAME)
        for message in bag.messages(set(bag.topics) - {TF_STATIC}):
            writer.write(*message)
    words = ('--truth-topic', 'none', '--scan-topic', '/stereo/points')
    with pytest.raises(InputError, match=f'no true depth for any image.*{SCANNER_FRAME}'):
        evaluated(tmp_path / 'without_tf', tmp_path / 'out', *words)
    entry = {
        'parent': LEFT_FRAME,
        'child': SCANNER_FRAME,
        'translation': matrix[:3, 3].tolist(),
        'rotation': list(quaternion_of(matrix[:3, :3])),
    }
    (tmp_path / 'extrinsics.yaml').write_text(yaml.safe_dump([entry]))
    words = (*words, '--extrinsics', str(tmp_path / 'extrinsics.yaml'))
    expected = evaluated(tmp_path / 'bag', tmp_path / 'out', *words[:4])['sensors']
    found = evaluated(tmp_path / 'without_tf', tmp_path / 'out', *words)['sensors']
    laser = 'laser scans /stereo/points'
    assert found[laser]['figures'] == pytest.approx(expected[laser]['figures'], rel=1e-6)


@pytest.mark.real_data
def test_recordings_of_others_are_read(data_root: Path, tmp_path: Path) -> None:
    bag = data_root / 'bags' / 'rosbag2_2025_09_10-13_03_56_0.mcap'
    for topic in ('/image', '/compressed_image'):
        words = ('--image-topic', topic, '--camera-info-topic', '/camera_info')
        result = evaluated(bag, tmp_path, *words)
        assert (result['frames_out'], result['unusable']) == (1, {})


@pytest.mark.real_data
@pytest.mark.parametrize(
    ('bag', 'topic'),
    [
        ('malformed_images/test_bag_mcap', '/test/sensor_msgs/image'),
        ('malformed_images/test_bag_sqlite3', '/test/sensor_msgs/image'),
        ('malformed_images/test_bag_mcap', '/test/sensor_msgs/compressed_image'),
    ],
)
def test_recording_without_a_single_good_image_is_refused_in_words(
    data_root: Path, tmp_path: Path, bag: str, topic: str
) -> None:
    info = topic.rpartition('/')[0] + '/camera_info'
    words = ['--image-topic', topic, '--camera-info-topic', info, '--truth-topic', 'none']
    command = [
        sys.executable,
        '-m',
        'adu_depth_core',
        'evaluate-bag',
        str(data_root / 'bags' / bag),
    ]
    done = subprocess.run(
        [*command, *words, '--output', str(tmp_path / 'out')], capture_output=True, text=True
    )
    assert done.returncode == 1, done.stderr
    assert 'Traceback' not in done.stderr
    assert 'none of' in done.stderr
    assert topic in done.stderr
    assert not (tmp_path / 'out').exists()


def test_interrupted_evaluation_leaves_what_is_finished(drive: Path, tmp_path: Path) -> None:
    bag, rounds = tmp_path / 'loop', 12
    with open_bag(drive) as once, bag_writer(bag) as writer:
        frames = list(once.messages())
        for number in range(rounds):
            for message in frames:
                writer.write(*message[:3], message.time_ns + number * 10**9)
    count = rounds * FRAMES
    command = [sys.executable, '-m', 'adu_depth_core', 'evaluate-bag', str(bag)]
    environment = {**os.environ, 'OMP_NUM_THREADS': '1'}
    with subprocess.Popen(
        [*command, '--output', str(tmp_path / 'out')],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stderr is not None
        seen = b''
        while not re.search(rf' ([3-9]|\d\d+)/{count}'.encode(), seen):
            chunk = os.read(process.stderr.fileno(), 4096)
            assert chunk, seen
            seen += chunk
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    result = json.loads((tmp_path / 'out' / 'result.json').read_text())
    assert result['interrupted'] is True
    assert 3 <= result['frames_out'] < count
    assert result['sensors'][SENSOR]['images'] == result['frames_out']
