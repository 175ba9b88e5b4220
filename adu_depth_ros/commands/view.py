# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth view`: a recording, or what a node publishes, in Rerun's viewer."""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from adu_depth_core.bags.camera_topics import CameraTopics, find_camera_topics
from adu_depth_core.bags.reader import Bag, open_bag
from adu_depth_core.bags.topics import COMPRESSED, absolute_namespace
from adu_depth_core.commands.arguments import (
    add_device,
    add_model,
    positive,
    predictor_settings,
)
from adu_depth_core.commands.view_options import add_view_options, is_asked, view_asked_for
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.bags.bag_frames import BagFrame, BagFrames
from adu_depth_core.evaluation.bags.depth_bag import DepthTopics
from adu_depth_core.evaluation.bags.truth_sensors import DepthTopic
from adu_depth_core.evaluation.stopping import Stop, stop_on_interrupt
from adu_depth_core.inference.prediction import Prediction
from adu_depth_core.inference.predictor import Predictor
from adu_depth_core.messages.types import CAMERA_INFO_TYPE, COMPRESSED_IMAGE_TYPE, IMAGE_TYPE
from adu_depth_core.viewing import Moment

SUMMARY = 'look at a recording, or at what a node publishes, in Rerun'
Answers = Callable[[BagFrame], Prediction | None]


def main(argv: Sequence[str] | None = None) -> int:
    """Show all frames, or those until Ctrl-C, and return 0."""
    options = _parser().parse_args(argv)
    if (options.bag is None) == (not options.topics):
        raise InputError('view: name either a recording or --topics')
    if not is_asked(options):
        options.view = True
    with stop_on_interrupt() as stop, _opened(options, stop) as bag:
        topics, sensors = _topics(options, bag)
        frames = BagFrames(bag, topics.image, topics.camera_info, list(sensors.values()))
        with view_asked_for(options, stop) as view:
            assert view is not None
            answer = _recorded(sensors) if 'std' in sensors else _predicted(options)
            shown = 0
            for frame in tqdm(frames, desc='view', unit='image'):
                prediction = answer(frame)
                if prediction is not None:
                    truth = frame.truths.get(sensors['truth'].name) if topics.truth else None
                    moment = Moment(shown, frame.stamp_ns)
                    view.show(moment, frame.image, frame.camera, prediction, truth)
                    shown += 1
                if stop.asked or shown == options.frames:
                    break
            for sentence, count in frames.unusable.items():
                print(f'{sentence} ({count} times)')
            print(f'{bag.path}: showed {shown} images of {topics.image}')
    if not shown:
        raise InputError(f'{bag.path}: there was no image with depth to show')
    return 0


def _recorded(sensors: Mapping[str, DepthTopic]) -> Answers:
    """Return what looks up what was published for a frame, None where nothing was."""
    depth, std = sensors['depth'].name, sensors['std'].name

    def answer(frame: BagFrame) -> Prediction | None:
        if depth not in frame.truths or std not in frame.truths:
            return None
        return Prediction(frame.truths[depth], frame.truths[std])

    return answer


def _predicted(options: argparse.Namespace) -> Answers:
    predictor = Predictor.load(**predictor_settings(options))
    return lambda frame: predictor(frame.given, frame.camera)


@contextmanager
def _opened(options: argparse.Namespace, stop: Stop) -> Iterator[Bag]:
    if options.bag is not None:
        with open_bag(options.bag) as bag:
            yield bag
        return
    # Needs ROS, which a recording does not.
    from adu_depth_ros.playback.live_storage import LiveStorage
    from adu_depth_ros.playback.topic_recorder import arrivals_of

    types = _live_types(options)
    with arrivals_of(types) as arrivals:
        live = LiveStorage(types, arrivals, lambda: stop.asked)
        yield Bag(live.path, [live])
        if live.dropped:
            print(f'{live.dropped} messages came faster than they could be shown')


def _live_topics(options: argparse.Namespace) -> tuple[CameraTopics, DepthTopics]:
    namespace = absolute_namespace(options.namespace)
    published = DepthTopics.in_namespace(namespace)
    image = options.image_topic or f'{namespace}/image_rect'
    return CameraTopics(image, options.camera_info_topic or published.depth_info, None), published


def _live_types(options: argparse.Namespace) -> dict[str, str]:
    topics, published = _live_topics(options)
    is_compressed = topics.image.endswith(COMPRESSED)
    return {
        topics.image: COMPRESSED_IMAGE_TYPE if is_compressed else IMAGE_TYPE,
        topics.camera_info: CAMERA_INFO_TYPE,
        options.depth_topic or published.depth: IMAGE_TYPE,
        options.std_topic or published.std: IMAGE_TYPE,
    }


def _topics(options: argparse.Namespace, bag: Bag) -> tuple[CameraTopics, dict[str, DepthTopic]]:
    """Return the topics of the camera, and those of depth by what it is."""
    if options.topics:
        topics, published = _live_topics(options)
        depth, std = options.depth_topic or published.depth, options.std_topic or published.std
    else:
        # What a node published is not truth; it is shown instead of a prediction where asked for.
        depth, std = options.depth_topic, options.std_topic
        topics = find_camera_topics(
            bag,
            image=options.image_topic,
            camera_info=options.camera_info_topic,
            truth=options.truth_topic or ('none' if depth else None),
        )
    if (depth is None) != (std is None):
        raise InputError('view: --depth-topic and --std-topic go together')
    names = {'depth': depth, 'std': std, 'truth': topics.truth}
    return topics, {what: DepthTopic(topic) for what, topic in names.items() if topic}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='adu-depth view',
        allow_abbrev=False,
        description='Show image, depth, standard deviation and points of a recording, which a '
        'model predicts, or which a node publishes. Without --web or --save in a window.',
    )
    parser.add_argument('bag', type=Path, nargs='?', help='rosbag2 folder, or a file of any bag')
    parser.add_argument(
        '--topics', action='store_true', help='instead: what a depth node publishes now'
    )
    parser.add_argument('--namespace', default='', help='of that node, as /front')
    parser.add_argument('--image-topic', help='where several could be meant, or it is remapped')
    parser.add_argument('--camera-info-topic')
    parser.add_argument('--depth-topic', help='show this depth instead of predicting, with')
    parser.add_argument('--std-topic', help='its standard deviation')
    parser.add_argument('--truth-topic', help='true depth of a recording, or none')
    parser.add_argument('--frames', type=positive, help='only the first so many that have depth')
    add_model(parser)
    add_device(parser)
    add_view_options(parser)
    return parser
