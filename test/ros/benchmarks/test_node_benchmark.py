# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark of the node: figures from what processes saw, and one short run of everything."""

import json
from pathlib import Path

import pytest

from adu_depth_core.benchmarks.parts import Options
from adu_depth_core.benchmarks.process_figures import Sample
from adu_depth_core.errors import InputError
from adu_depth_ros.benchmarks import node
from adu_depth_ros.benchmarks.session import PLAIN_MODULE, Scenario, Session, run_session
from adu_depth_ros.benchmarks.session_figures import (
    beyond_two_passes,
    drops_by_place,
    latency_figures,
    longest_run,
    memory_figures,
    process_figures,
    stage_figures,
    steady,
)
from adu_depth_ros.benchmarks.timed_camera import calibration, due_times, pictures

MS, S = 1_000_000, 1_000_000_000
DEPTH = 'depth/image_rect'
# Ten images a second for two seconds; those of the first second are warm-up.
SENT = [n * S // 10 for n in range(20)]


def frame(stamp: int, entered_ms: int, *, took_ms: int = 20) -> dict[str, int]:
    """Times of a frame whose stages take 1, 2, 3, `took_ms`, 4 and 5 ms from its entry on."""
    entered = stamp + entered_ms * MS
    points = {'stamp': stamp, 'entered': entered}
    for name, duration in (
        *(('began', 1), ('asked', 2), ('forward_began', 3)),
        *(('forward_ended', took_ms), ('answered', 4), ('done', 5)),
    ):
        entered += duration * MS
        points[name] = entered
    return points


def session(
    receipts: list[tuple[int, int]],
    frames: list[dict[str, int]] | None = None,
    entered: list[tuple[int, int]] | None = None,
    samples: dict[str, list[Sample]] | None = None,
) -> Session:
    log = {'frames': frames or [], 'entered': entered or []}
    return Session(SENT, {DEPTH: receipts}, samples or {}, log, node_started=0)


def test_the_first_second_is_left_out() -> None:
    assert steady([5, 5 + S - 1, 5 + S, 5 + 2 * S]) == [5 + S, 5 + 2 * S]


def test_latency_is_from_stamp_to_receipt_and_drops_are_counted() -> None:
    answered = [s for s in SENT if s not in (SENT[3], SENT[12], SENT[13], SENT[17])]
    found = latency_figures(session([(s, s + 30 * MS) for s in answered]), DEPTH)
    assert (found['sent'], found['answered'], found['dropped']) == (10, 7, 3)
    assert found['longest_gap'] == 2
    assert found['p50_ms'] == found['largest_ms'] == 30
    assert found['age_slope_ms_per_s'] == pytest.approx(0, abs=1e-3)


def test_answers_that_fall_behind_have_a_slope() -> None:
    receipts = [(s, s + 30 * MS + (s - SENT[0]) // 50) for s in SENT]  # 20 ms older each second
    assert latency_figures(session(receipts), DEPTH)['age_slope_ms_per_s'] == pytest.approx(20)


def test_no_answer_at_all_is_told_too() -> None:
    found = latency_figures(session([]), DEPTH)
    assert (found['answered'], found['dropped'], found['longest_gap']) == (0, 10, 10)
    assert found['p50_ms'] is None


def test_longest_run_of_neighbours() -> None:
    assert longest_run([True, False, True, True, True, False, True]) == 3
    assert longest_run([]) == 0


def test_stages_follow_each_other_and_add_up_to_the_latency() -> None:
    frames = [frame(s, 6) for s in SENT]
    receipts = [(s, s + 43 * MS) for s in SENT]
    found = {n: f['p50_ms'] for n, f in stage_figures(session(receipts, frames), DEPTH).items()}
    assert found == {
        'to the callback': 6,
        'wait for the frame before': 0,
        'hand-over to the worker': 1,
        'message to array': 2,
        'to the size of the network': 3,
        'network': 20,
        'to the size of the camera': 4,
        'to the receiver': 7,
        'all publishing': 5,
        'own work': 15,
    }
    one_after_the_other = list(found.values())[:8]
    assert sum(one_after_the_other) == 43


def test_the_wait_for_the_frame_before_is_no_work_of_ours() -> None:
    # The frame before is done 30 ms after the entry of this one, which is then taken up.
    before, late = frame(SENT[11], 0, took_ms=115), frame(SENT[12], 0)
    waited_ms = (before['done'] - late['entered']) // MS
    assert waited_ms == 30
    for name in ('began', 'asked', 'forward_began', 'forward_ended', 'answered', 'done'):
        late[name] += waited_ms * MS
    found = stage_figures(session([(SENT[12], late['done'])], [before, late]), DEPTH)
    assert found['wait for the frame before']['p50_ms'] == 30
    assert found['hand-over to the worker']['p50_ms'] == 1
    assert found['own work']['p50_ms'] == 15


def test_age_beyond_two_passes_counts_the_pass_that_was_met_and_its_own() -> None:
    # SENT[12] comes while a pass of 40 ms is under way; its own takes 20.
    before, late = frame(SENT[11], 0, took_ms=40), frame(SENT[12], 0)
    receipts = [(SENT[11], SENT[11] + 50 * MS), (SENT[12], SENT[12] + 72 * MS)]
    found = beyond_two_passes(session(receipts, [before, late]), DEPTH)
    assert set(found.values()) == {12}


def test_lost_images_are_looked_for_along_their_way() -> None:
    way, slot, back = SENT[11], SENT[12], SENT[13]
    entered = [(s, s) for s in SENT if s != way]
    frames = [frame(s, 1) for s in SENT if s not in (way, slot)]
    receipts = [(s, s + MS) for s in SENT if s not in (way, slot, back)]
    found = drops_by_place(session(receipts, frames, entered), DEPTH)
    assert list(found.values()) == [1, 1, 1]


def test_cpu_share_is_of_the_steady_time() -> None:
    samples = [Sample(n * S // 4, 0.1 * n if n >= 4 else 5.0, 200.0 + n, 20.0) for n in range(8)]
    found = process_figures(session([], samples={'node': samples}))['node']
    assert found == {'cores': 0.4, 'resident_mb': 205.5, 'shared_mb': 20.0}


def test_memory_that_grows_after_the_start_is_seen() -> None:
    start = [Sample(n * S, 0.0, 10.0 * n, 0.0) for n in range(10)]
    flat = [Sample(n * S, 0.0, 100.0, 0.0) for n in range(10, 100)]
    growing = [Sample(n * S, 0.0, 100.0 + n / 60, 0.0) for n in range(10, 100)]
    assert memory_figures([*start, *flat])['mb_per_minute'] == pytest.approx(0, abs=1e-6)
    found = memory_figures([*start, *growing])
    assert found['mb_per_minute'] == pytest.approx(1)
    assert found['second_tenth_mb'] < found['last_tenth_mb'] <= found['largest_mb']


def test_a_block_that_is_kept_is_no_leak_but_is_told() -> None:
    kept = [Sample(n * S, 0.0, 100.0 + 1.4 * (n > 70), 0.0) for n in range(100)]
    found = memory_figures(kept)
    assert found['mb_per_minute'] == 0
    assert (found['second_tenth_mb'], found['last_tenth_mb']) == (100, 101.4)


def test_a_leak_in_steps_is_seen() -> None:
    found = memory_figures([Sample(n * S, 0.0, 100.0 + n // 20, 0.0) for n in range(100)])
    assert found['mb_per_minute'] == pytest.approx(3, rel=0.1)


def test_images_are_due_evenly_from_one_start() -> None:
    assert list(due_times(100.0, 30, 0.1)) == pytest.approx([100, 100 + 1 / 30, 100 + 2 / 30])


def test_the_camera_sends_different_raw_images_that_fit_its_calibration() -> None:
    images, info = pictures(), calibration()
    assert len({bytes(image.data) for image in images}) == len(images)
    for image in images:
        assert (image.width, image.height) == (info.width, info.height) == (1242, 375)
        assert len(image.data) == image.height * image.step == 375 * 1242 * 3


@pytest.mark.real_time
def test_a_node_that_takes_no_image_is_told_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('adu_depth_ros.benchmarks.session.START_TIMEOUT_S', 6.0)
    scenario = Scenario(PLAIN_MODULE, 10, 0.5, {'model': 'no_such.onnx'})
    with pytest.raises(InputError, match=r'the node took no image(.|\n)*no_such\.onnx'):
        run_session(scenario, tmp_path)


@pytest.mark.real_time
@pytest.mark.timeout(300)
def test_a_short_run_has_figures_that_follow_from_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, 'NODE_RUNTIMES', ('onnxruntime',))
    result = node.measure(Options(tmp_path, cores=1, quick=True))
    assert json.loads(json.dumps(result)) == result
    echo, ours = result['rows']
    for row in (echo, ours):
        (turn,) = row['rounds']
        assert turn['sent'] == 25  # 2.5 s at 10 Hz
        assert turn['answered'] + turn['dropped'] == turn['sent']
        assert turn['answered'] > 0
        assert 0 < turn['p50_ms'] <= turn['p95_ms'] <= turn['p99_ms'] <= turn['largest_ms']
        assert {'camera', 'node', 'receiver'} == set(row['processes'][0])
    (stages,), (turn,) = ours['stages'], ours['rounds']
    assert 0 < stages['network']['p50_ms'] < turn['p50_ms']
    assert sum(ours['drops'][0].values()) == turn['dropped']
    (start,) = result['start_up']
    assert 0.2 < start['rounds'][0]['first_depth_s'] < 60
    assert start['rounds'][0]['resident_mb'] > 50
    titles = [table.title for table in node.tables(result)]
    assert len(titles) == 4
    for table in node.tables(result):
        assert all(len(cells) == len(table.header) for cells in table.rows)


@pytest.mark.real_time
def test_memory_is_watched_when_asked(tmp_path: Path) -> None:
    result = node.measure(Options(tmp_path, cores=1, minutes=0.1))
    memory = result['memory']
    assert memory['minutes'] == pytest.approx(0.1, rel=0.3)
    assert 50 < memory['last_tenth_mb'] <= memory['largest_mb']
    (table,) = node.tables(result)
    assert len(table.rows[0]) == len(table.header)
