# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`adu-depth label`: what a teacher says of every image, as a recording to train on."""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tqdm import tqdm

from adu_depth_core.atomic_files import written_whole
from adu_depth_core.bags.sensor_topics import Role
from adu_depth_core.commands.arguments import (
    add_block_matching,
    add_data,
    add_device,
    add_rectifying,
    not_negative,
    positive,
    quality,
    rectifying_of,
    refuse_given,
)
from adu_depth_core.commands.sensor_arguments import (
    KNOWN,
    add_knowledge,
    add_teachers,
    said_topics,
    sensor_note,
    sensor_teacher,
)
from adu_depth_core.datasets.sources import KINDS, open_dataset
from adu_depth_core.errors import InputError
from adu_depth_core.inference.block_matching_predictor import BlockMatchingPredictor
from adu_depth_core.inference.stereo_predictor import StereoPredictor
from adu_depth_core.inference.teacher_labels import labelled
from adu_depth_core.messages.rectifying import AUTO, Rectifying
from adu_depth_core.recording import Recording, RecordingWriter
from adu_depth_core.regular_files import read_text
from adu_depth_core.samples.frame_selection import FrameSelection
from adu_depth_core.samples.sample import Missing, StereoSample
from adu_depth_core.samples.sample_frames import (
    FirstSamples,
    LazySample,
    LazySamples,
    frames_of_dataset,
)

if TYPE_CHECKING:
    from adu_depth_core.bags import Bag
    from adu_depth_core.bags.bag_samples import BagSamples

SUMMARY = 'record what a teacher says of the images of a bag or a data set'
NOTE = 'labelled_by.json'
WHOLE = (0, 1)
# What notes of before did not hold, and was mostly so.
NOTED_LATER = {'slop': 0.0, 'rectify': AUTO, 'rectified_fov': 0.0}
OF_BAGS = (
    *('left_topic', 'right_topic', 'left_info', 'right_info', 'slop', 'rectify', 'rectified_fov'),
    *KNOWN,
)

Completion: TypeAlias = Callable[[StereoSample], StereoSample]


def main(argv: Sequence[str] | None = None) -> int:
    """Label what the recording does not hold yet, and return 0."""
    parser = _parser()
    options = parser.parse_args(argv)
    said = said_topics(options)
    if options.data.startswith('bag:'):
        refuse_given(options, parser, ('drives',), 'is of data sets, and a bag has no drives')
        if not said:
            refuse_given(options, parser, KNOWN, 'is of another sensor; name its topic')
    else:
        refuse_given(options, parser, OF_BAGS, f'is of bags, and {options.data} is none')
    # What cannot be opened is said before a model is loaded.
    with opened_frames(options, said) as (frames, missing):
        complete, sha256 = (_as_it_is, None) if said else _teacher(options)
        folder = shard_folder(options.output, options.shard)
        with RecordingWriter(folder, jpeg_quality=options.jpeg_quality) as writer:
            _check_note(folder, _note(options, sha256), is_new=not len(writer))
            selection = FrameSelection(options.every, options.min_change)
            done = _names(folder, writer)
            lacked = 'usable message of the sensor' if said else 'usable pair'
            label(frames, complete, writer, done, selection, missing, lacked)
            print(f'{folder}: {len(writer)} samples ({missing.summary()})')
            if missing.names and not len(writer):
                raise InputError(f'{options.data}: no frame could be labelled; see why above')
    return 0


def _teacher(options: argparse.Namespace) -> tuple[Completion, str | None]:
    """Return what labels a sample, and the hash of its model file where it has one."""
    if options.matcher:
        return partial(labelled, predict=BlockMatchingPredictor()), None
    teacher = StereoPredictor.load(
        options.teacher,
        device=options.device,
        engine_cache=options.engine_cache,
        block_matching=options.block_matching,
    )
    return partial(labelled, predict=teacher.without_limits()), teacher.model_sha256


def _as_it_is(sample: StereoSample) -> StereoSample:
    """Return the sample: frames of a sensor come with what it said."""
    return sample


def label(
    frames: LazySamples,
    complete: Completion,
    writer: RecordingWriter,
    done: Sequence[str],
    selection: FrameSelection,
    missing: Missing,
    lacked: str = 'usable pair',
) -> None:
    """
    Write the selected frames with what the teacher says of them, after those that are done.

    Parameters
    ----------
    frames : LazySamples
        One that cannot be read is noted in `missing` and left out.
    complete : callable
        Returns a sample with what the teacher says of it.
    writer : RecordingWriter
        Holds the samples `done`, in this order.
    selection : FrameSelection
        Asked anew; its state follows from what is done.
    missing : Missing
    lacked : str
        What a frame that cannot be read is said to lack.

    Raises
    ------
    InputError
        When the last sample that is done is none of the frames, or a frame is no pair.

    """
    is_new = not done
    for number, frame in enumerate(tqdm(frames, desc='label', unit='frame')):
        # Up to the last one that is recorded all have been judged.
        if not is_new:
            if frame.name == done[-1]:
                is_new = True
                selection.keep(number, frame.read().left)
        elif selection.is_due(number):
            sample = _read(frame, missing, lacked)
            if sample is not None and selection.wants(number, sample.left):
                writer.add(complete(sample))
                selection.keep(number, sample.left)
    if not is_new:
        raise InputError(f'the recording ends with "{done[-1]}", which is none of these frames')


@contextmanager
def opened_frames(
    options: argparse.Namespace, said: Mapping[Role, str]
) -> Iterator[tuple[LazySamples, Missing]]:
    """Open the part of a bag or data set that is to be labelled, and what it lacks."""
    kind, _, place = options.data.partition(':')
    if kind == 'bag':
        from adu_depth_core.bags import open_bag

        with open_bag(place) as bag:
            for warning in bag.warnings:
                print(warning)
            samples = _sensor_frames(bag, options, said) if said else _pairs(bag, options)
            first = FirstSamples(samples, options.frames) if options.frames else samples
            yield first, Missing()
            for sentence in _counts(samples, options.slop):
                print(f'{place}: {sentence}')
        return
    dataset = open_dataset(options.data, drives=options.drives, limit=options.frames)
    yield frames_of_dataset(dataset, options.shard), dataset.missing


def _pairs(bag: 'Bag', options: argparse.Namespace) -> 'BagSamples':
    from adu_depth_core.bags.bag_stereo import find_stereo_topics, pairs_of_bag

    names, infos = _said_of_cameras(options)
    topics = find_stereo_topics(bag, *names, **infos)
    return pairs_of_bag(bag, topics, *_how_to_read(options))


def _sensor_frames(
    bag: 'Bag', options: argparse.Namespace, said: Mapping[Role, str]
) -> 'BagSamples':
    from adu_depth_core.bags.sensor_topics import find_sensor_topics
    from adu_depth_core.inference.bag_sensors import explained_images

    names, infos = _said_of_cameras(options)
    topics = find_sensor_topics(bag, said, *names, **infos)
    of_image = '' if topics.right is None else f' and {topics.right}'
    print(f'{options.data}: {", ".join(said.values())} with {topics.left}{of_image}')
    teacher = sensor_teacher(options, said, bag)
    return explained_images(bag, topics, teacher, *_how_to_read(options))


def _said_of_cameras(
    options: argparse.Namespace,
) -> tuple[tuple[str | None, str | None], dict[str, str | None]]:
    """Return the topics of both images, and those of their camera_infos as keywords."""
    infos = {'left_info': options.left_info, 'right_info': options.right_info}
    return (options.left_topic, options.right_topic), infos


def _how_to_read(options: argparse.Namespace) -> tuple[tuple[int, int], int, Rectifying]:
    """Return which part of a bag, by how many ns stamps may differ, and what becomes of images."""
    return options.shard, round(options.slop * 1e9), rectifying_of(options)


def _counts(samples: 'BagSamples', slop_s: float) -> Iterator[str]:
    """Say what was odd about the images of a bag."""
    if samples.unstamped:
        yield f'{samples.unstamped} images have no stamp, the time of recording stands in for it'
    if samples.unmatched:
        yield f'{samples.unmatched} images have no partner within {slop_s} s'
    if samples.repeated:
        yield (
            f'{samples.repeated} images have the stamp of one before and are left out, as of a '
            'bag that was played in a loop'
        )


def shard(text: str) -> tuple[int, int]:
    """Convert `2/8` to (1, 8), as the `type` of an argument."""
    index, _, parts = text.partition('/')
    if not (index.isdigit() and parts.isdigit() and 1 <= int(index) <= int(parts)):
        raise argparse.ArgumentTypeError(f'"{text}": the second of eight parts is 2/8')
    return int(index) - 1, int(parts)


def shard_folder(output: Path, part: tuple[int, int]) -> Path:
    """Return the folder of one part: one process writes a recording at a time."""
    index, parts = part
    return output if part == WHOLE else output / f'part_{index + 1:04d}_of_{parts:04d}'


def _read(frame: LazySample, missing: Missing, lacked: str) -> StereoSample | None:
    try:
        return frame.read()
    except InputError as error:
        if lacked not in missing.names:
            tqdm.write(f'{frame.name} is left out: {error}')
        missing.add(lacked, frame.name)
        return None


def _names(folder: Path, writer: RecordingWriter) -> list[str]:
    return Recording(folder).names if len(writer) else []


def _note(options: argparse.Namespace, teacher_sha256: str | None) -> dict[str, object]:
    return {
        'teacher_sha256': teacher_sha256,
        'matcher': options.matcher,
        'block_matching': options.block_matching and teacher_sha256 is not None,
        'data': options.data,
        'part': [options.shard[0] + 1, options.shard[1]],
        'sensor': sensor_note(options, said_topics(options)),
        'every': options.every,
        'min_change': options.min_change,
        **{name: getattr(options, name) for name in NOTED_LATER},
    }


def _check_note(folder: Path, note: dict[str, object], *, is_new: bool) -> None:
    """Write how the samples come about, or see that those before came about in the same way."""
    path = folder / NOTE
    if is_new:
        with written_whole(path) as temporary:
            temporary.write_text(json.dumps(note, indent=2) + '\n')
        return
    try:
        before = json.loads(read_text(path))
        changed = [
            key for key, value in note.items() if before.get(key, NOTED_LATER.get(key)) != value
        ]
    except (InputError, ValueError, AttributeError) as error:
        raise InputError(
            f'{folder}: holds samples, and {NOTE} does not say how they were labelled ({error}); '
            'take an empty folder'
        ) from error
    if changed:
        raise InputError(
            f'{folder}: was begun with another {" and ".join(changed)}; go on with the same, or '
            'take an empty folder'
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='adu-depth label',
        allow_abbrev=False,
        description='Write the images of a bag or a data set as a recording, together with what a '
        'teacher says of them: a stereo teacher, block matching, or another sensor in the bag. '
        'Run again after an interruption, it goes on after the last whole sample.',
    )
    _add_frames(parser)
    _add_teacher(parser)
    parser.add_argument('--output', type=Path, required=True, help='folder of the recording')
    parser.add_argument(
        '--jpeg-quality', type=quality, metavar='1..100', help='JPEG instead of PNG images'
    )
    _add_selection(parser)
    add_knowledge(parser)
    return parser


def _add_frames(parser: argparse.ArgumentParser) -> None:
    add_data(parser, KINDS)
    parser.add_argument('--frames', type=positive, help='only the first so many')
    parser.add_argument('--left-topic', help='left image topic of a bag, where several could be')
    parser.add_argument('--right-topic', help='right image topic of a bag')
    parser.add_argument('--left-info', help='left camera_info topic, where it is not found')
    parser.add_argument('--right-info', help='right camera_info topic')
    parser.add_argument(
        '--slop',
        type=not_negative,
        default=0.0,
        metavar='SECONDS',
        help='by how much stamps that belong together in a bag may differ (default: 0)',
    )
    add_rectifying(parser)


def _add_teacher(parser: argparse.ArgumentParser) -> None:
    teacher = parser.add_mutually_exclusive_group()
    teacher.add_argument(
        '--teacher',
        default='teacher',
        help='shipped name or file of a stereo teacher (default: teacher)',
    )
    teacher.add_argument(
        '--matcher',
        choices=['sgbm'],
        help='no network: semi-global block matching, where left and right agree',
    )
    add_teachers(teacher)
    add_block_matching(parser)
    add_device(parser)


def _add_selection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--every', type=positive, default=1, metavar='N', help='at most every Nth frame'
    )
    parser.add_argument(
        '--min-change',
        type=not_negative,
        default=0.0,
        metavar='GREYS',
        help='leave out what differs less from the last one kept, in mean grey levels',
    )
    parser.add_argument(
        '--shard',
        type=shard,
        default=WHOLE,
        metavar='I/N',
        help='only the Ith of N equal parts, into a folder of its own below --output',
    )
