# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth evaluate`: alone, interrupted, and spread over two processes."""

import json
import signal
from types import SimpleNamespace

import numpy as np
import pytest

from adu_depth_core.camera import Camera
from adu_depth_core.commands import main as adu_depth
from adu_depth_core.commands.evaluate import main
from adu_depth_core.datasets.kitti_raw import KittiRaw
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation import stopping
from adu_depth_core.evaluation.evaluate import evaluate, flip_averaged, scored
from adu_depth_core.evaluation.frame_loop import Alone
from adu_depth_core.evaluation.protocols import Protocol, find_protocol
from adu_depth_core.evaluation.stopping import stop_on_interrupt
from adu_depth_core.inference.predictor import Prediction, Predictor
from under_torchrun import torchrun


def constant(sample, depth_m=5.0):
    depth = np.full(sample.left.shape[:2], depth_m, np.float32)
    return Prediction(depth, depth / 10)


class Columns:
    """Predicts the column of each pixel, seen from the left of whatever it is given."""

    def without_limits(self):
        return self

    def warm_up(self, width, height):
        pass

    def __call__(self, image, camera):
        columns = np.tile(np.arange(1, camera.width + 1, dtype=np.float32), (camera.height, 1))
        return Prediction(columns, columns / 10 + camera.cx)


def command(plane_drive, *more):
    return ['--data', f'kitti_raw:{plane_drive}', '--protocol', 'dense', *map(str, more)]


def test_command_tells_protocol_images_and_missing_and_writes_the_same(
    plane_drive, tmp_path, capsys
):
    path = tmp_path / 'result.json'
    assert main(command(plane_drive, '--json', path)) == 0
    written = json.loads(path.read_text())
    (result,) = written['sensors'].values()
    assert (result['protocol'], result['images'], written['missing']) == ('dense', 6, 0)
    assert len(written['model']['sha256']) == 64
    assert written['command'].startswith('adu-depth evaluate --data kitti_raw:')
    assert not written['interrupted']
    printed = capsys.readouterr().out
    assert 'protocol dense, 6 images, 0 missing' in printed
    for name, value in result['figures'].items():
        assert f'{value:.4f}' in next(x for x in printed.splitlines() if x.split()[0] == name)


def test_json_on_stdout_is_all_that_is_there(plane_drive, capsys):
    assert main(command(plane_drive, '--frames', 2, '--json', '-', '--flip')) == 0
    streams = capsys.readouterr()
    document = json.loads(streams.out)
    (result,) = document['sensors'].values()
    assert (result['protocol'], result['images']) == ('dense+flip', 2)
    assert '2 frames, nothing missing' in streams.err


def test_report_shows_the_worst_the_median_and_the_best_frame(plane_drive, tmp_path):
    page = tmp_path / 'report.html'
    main(command(plane_drive, '--report', page))
    text = page.read_text()
    assert [word in text for word in ('worst frame', 'median frame', 'best frame')] == [True] * 3
    assert text.count('<figure') >= 12


def test_report_and_result_are_two_files(plane_drive, tmp_path):
    page = tmp_path / 'report.html'
    with pytest.raises(InputError, match='cannot be both --report and --json'):
        main(command(plane_drive, '--report', page, '--json', page))


def test_bins_of_distance_are_told_with_their_figures(plane_drive, capsys):
    words = command(plane_drive, '--frames', 1)
    words[words.index('dense')] = 'driving_stereo'
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert 'gd ' in printed
    assert 'within 4 m of distances every 8 m to 80 m' in printed


def test_unknown_protocol_ends_with_a_sentence(plane_drive):
    with pytest.raises(InputError, match='protocol "best" is unknown'):
        main(['--data', f'kitti_raw:{plane_drive}', '--protocol', 'best'])


def test_images_that_a_data_set_lacks_are_counted_as_missing(plane_drive):
    dataset = KittiRaw(plane_drive)
    dataset.missing.add('truth', 'one')
    score = scored(dataset, find_protocol('dense'), constant)
    assert (score.scores.images, score.absent, score.missing) == (6, 1, 1)


def test_image_that_cannot_be_compared_is_named(plane_drive):
    dataset = KittiRaw(plane_drive)
    third = dataset[2].name

    def cut(sample):
        found = constant(sample)
        return Prediction(found.depth_m[1:], found.std_m) if sample.name == third else found

    with pytest.raises(InputError, match=f'^{third}: depth .* differ in size'):
        scored(dataset, find_protocol('dense'), cut)
    with pytest.raises(InputError, match=f'^{dataset[0].name}: protocol eigen_garg_kb needs'):
        scored(dataset, find_protocol('eigen_garg_kb'), constant)


def test_images_without_truth_are_counted_and_not_predicted(plane_drive):
    dataset = KittiRaw(plane_drive, truth='none')
    with pytest.raises(InputError, match='none of 6 images has truth that dense counts'):
        scored(dataset, find_protocol('dense'), lambda _: pytest.fail('predicted'))


def test_frames_have_time_latency_and_error_and_can_be_had_again(plane_drive):
    score = scored(KittiRaw(plane_drive), find_protocol('dense'), constant)
    rows = score.evaluated.timeline
    assert [row.key for row in rows] == list(range(6))
    assert [row.time_s for row in rows] == pytest.approx(np.arange(6) / 10, abs=1e-5)
    assert all(row.latency_ms > 0 for row in rows)
    (error,) = rows[3].abs_rel.values()
    sample, prediction = score.frame(3)
    assert sample.name == rows[3].name
    assert error == pytest.approx(
        np.nanmean(np.where(sample.depth_m < 80, abs(5 / sample.depth_m - 1), np.nan)), abs=1e-6
    )
    assert prediction.depth_m[0, 0] == 5


def test_limits_of_the_predictor_hold_where_the_protocol_leaves_out_unknown_pixels(plane_drive):
    class Limited(Columns):
        def without_limits(self):
            return Columns()

        def __call__(self, image, camera):
            prediction = super().__call__(image, camera)
            prediction.depth_m[:, ::2] = np.nan
            return prediction

    dataset = KittiRaw(plane_drive)
    assert evaluate(Limited(), dataset, find_protocol('dense')).scores.figures()['density'] < 1
    clamping = Protocol('clamping')
    assert evaluate(Limited(), dataset, clamping).scores.figures() == pytest.approx(
        evaluate(Columns(), dataset, clamping).scores.figures()
    )


def test_model_is_made_ready_for_an_image_before_it_is_timed(plane_drive):
    asked = []

    class Noting(Columns):
        def warm_up(self, width, height):
            asked.append(('ready', width, height))

        def __call__(self, image, camera):
            asked.append(('timed', camera.width, camera.height))
            return super().__call__(image, camera)

    dataset = KittiRaw(plane_drive)
    evaluate(Noting(), dataset, find_protocol('dense'))
    size = dataset[0].camera.width, dataset[0].camera.height
    assert asked == [('ready', *size), ('timed', *size)] * len(dataset)


def test_flip_average_mirrors_image_camera_and_prediction():
    camera = Camera(4, 2, 5.0, 5.0, 0.5, 0.5)
    found = flip_averaged(Columns(), np.zeros((2, 4, 3), np.uint8), camera)
    np.testing.assert_allclose(found.depth_m, 2.5)
    np.testing.assert_allclose(found.std_m, (0.5 + 2.5) / 2 + 0.25)


def test_flips_are_never_averaged_of_a_function_that_may_see_two_images(plane_drive):
    with pytest.raises(InputError, match=r'flipped\+flip: flips are averaged only of one-image'):
        scored(KittiRaw(plane_drive), Protocol('flipped', flip=True), constant)


@pytest.fixture
def interrupt(monkeypatch):
    """
    Do what Ctrl-C does, by the handler alone.

    A signal to a process that runs tests is heard by whatever else runs in it; one to a process of
    its own is sent in test_evaluate_bag.py.
    """
    said = []
    quiet = SimpleNamespace(write=lambda file, text: said.append(text))
    monkeypatch.setattr(stopping, 'os', quiet)

    def heard():
        signal.getsignal(signal.SIGINT)(signal.SIGINT, None)
        assert said == [stopping.NOTICE]

    return heard


def interrupting(at, interrupt):
    """A function that predicts, and is interrupted at its so-manieth image."""
    seen = []

    def predict(sample):
        seen.append(sample.name)
        if len(seen) == at:
            interrupt()
        return constant(sample)

    return predict


def test_interrupted_evaluation_keeps_what_is_finished(plane_drive, interrupt):
    score = scored(KittiRaw(plane_drive), find_protocol('dense'), interrupting(4, interrupt))
    assert score.evaluated.interrupted
    assert score.scores.images == len(score.evaluated.timeline) == 4


def test_interrupted_command_writes_its_figures_and_exits_with_130(
    plane_drive, tmp_path, monkeypatch, interrupt
):
    pytest.importorskip('onnxruntime')
    predict, path = Predictor.__call__, tmp_path / 'result.json'
    second = interrupting(2, interrupt)

    def interrupted(self, image, camera):
        second(KittiRaw(plane_drive)[0])
        return predict(self, image, camera)

    monkeypatch.setattr(Predictor, '__call__', interrupted)
    monkeypatch.setattr(Predictor, 'warm_up', lambda self, width, height: None)
    words = command(plane_drive, '--runtime', 'onnxruntime', '--json', path)
    assert adu_depth(['evaluate', *words]) == 130
    document = json.loads(path.read_text())
    assert document['interrupted']
    assert [result['images'] for result in document['sensors'].values()] == [2]


def test_second_interrupt_stops_at_once_unless_there_are_other_processes(interrupt):
    before = signal.getsignal(signal.SIGINT)
    with stop_on_interrupt() as stop:
        interrupt()
        assert stop.asked
        with pytest.raises(KeyboardInterrupt):
            interrupt()
    assert signal.getsignal(signal.SIGINT) is before


def test_second_interrupt_is_passed_over_among_several_processes(interrupt):
    with stop_on_interrupt(alone=False) as stop:
        interrupt()
        interrupt()
    assert stop.asked


def test_processes_share_the_images_without_padding(plane_drive):
    class Second(Alone):
        rank, count = 1, 4

    score = evaluate(Columns(), KittiRaw(plane_drive), find_protocol('dense'), Second())
    assert [row.key for row in score.evaluated.timeline] == [1, 5]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_processes_give_the_figures_of_one(plane_drive, tmp_path, capsys):
    words = command(plane_drive, '--frames', 5, '--json')
    assert main([*words, str(tmp_path / 'one.json')]) == 0
    done = torchrun(2, '-m', 'adu_depth_core', 'evaluate', *words, str(tmp_path / 'two.json'))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('protocol dense, 5 images, 0 missing') == 1
    one, two = (json.loads((tmp_path / f'{n}.json').read_text()) for n in ('one', 'two'))
    (expected,), (found,) = one['sensors'].values(), two['sensors'].values()
    assert found['images'] == 5
    assert flat(found) == pytest.approx(flat(expected), abs=1e-9, nan_ok=True)
    for key in ('key', 'name', 'time_s'):
        assert [row[key] for row in two['timeline']] == [row[key] for row in one['timeline']]


def flat(value, name=''):
    """All numbers of a document by their place in it."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {k: v for key, x in items for k, v in flat(x, f'{name}/{key}').items()}
    return {} if isinstance(value, str) else {name: np.nan if value is None else value}
