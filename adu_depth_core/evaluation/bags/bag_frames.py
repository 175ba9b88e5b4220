# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The frames of a recording: each image with its camera and its true depth."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from adu_depth_core.bags.bag_part import MARGIN_NS
from adu_depth_core.bags.picture_messages import read_picture
from adu_depth_core.bags.reader import Bag, BagMessage
from adu_depth_core.bags.synchroniser import Group, Stamped, synchronised
from adu_depth_core.camera import Camera
from adu_depth_core.errors import InputError
from adu_depth_core.evaluation.bags.truth_sensors import TruthSensor
from adu_depth_core.messages.pixels import TOO_DARK, is_too_dark, to_rgb
from adu_depth_core.messages.rectifying import (
    AS_SAID,
    Rectifying,
    rectified,
    says_rectified,
)
from adu_depth_core.messages.stamped import (
    StampedCamera,
    StampedImage,
    header_stamp_ns,
    read_camera_info,
)
from adu_depth_core.messages.types import CAMERA_INFO_TYPE
from adu_depth_core.samples.raw_image import Picture, RawImage, Rectification
from adu_depth_core.samples.sample import Depth, Image

TOLERANCE_NS = 20_000_000


@dataclass(frozen=True)
class BagFrame:
    """
    One image of a recording.

    Attributes
    ----------
    stamp_ns, time_ns : int
        Stamp in its header, and time at which it was recorded.
    frame_id : str
        Frame of the camera.
    image : (H, W, 3) uint8
        RGB, rectified.
    camera : Camera
        Of that size.
    truths : mapping
        For each sensor that had something for it: (H, W) float32 metres, NaN = unknown.
    raw : RawImage, optional
        The image as it was recorded, where it was rectified here.

    """

    stamp_ns: int
    time_ns: int
    frame_id: str
    image: Image
    camera: Camera
    truths: Mapping[str, Depth]
    raw: RawImage | None = None

    @property
    def given(self) -> Picture:
        """What a predictor is given: what a node would give it."""
        return self.image if self.raw is None else self.raw

    @property
    def key(self) -> int:
        """What `BagFrames.at` finds it again by."""
        return self.time_ns

    @property
    def name(self) -> str:
        """What a reader calls it."""
        return f'{self.stamp_ns / 1e9:.3f} s'


class BagFrames:
    """
    Reads frames one by one; what cannot be used is counted and left out.

    Parameters
    ----------
    bag : Bag
        An open recording.
    image, camera_info : str
        Topics of the camera.
    sensors : sequence of TruthSensor
        Where true depth comes from; may be empty.
    tolerance_ns : int
        By how much the stamp of truth may differ from that of its image.
    limit : int, optional
        Only the first so many images.
    on_message : callable, optional
        Is given every message of the recording, of all topics, as it passes.
    rectifying : Rectifying
        Which images are raw, and what is made of them.

    Attributes
    ----------
    sensors : sequence of TruthSensor
        As given.
    unusable : Counter
        One sentence for each thing wrong, and how often it was.
    notices : dict
        Sentences about what is doubtful, as keys in the order in which they came up.

    """

    def __init__(
        self,
        bag: Bag,
        image: str,
        camera_info: str,
        sensors: Sequence[TruthSensor] = (),
        *,
        tolerance_ns: int = TOLERANCE_NS,
        limit: int | None = None,
        on_message: Callable[[BagMessage], None] | None = None,
        rectifying: Rectifying = AS_SAID,
    ) -> None:
        self._on_message, self._rectifying = on_message, rectifying
        self._bag, self._image, self._camera_info = bag, image, camera_info
        self.sensors, self._limit = sensors, limit
        allowed_ns: dict[str, int | None] = {camera_info: None}
        for sensor in sensors:
            own_ns = tolerance_ns if sensor.tolerance_ns is None else sensor.tolerance_ns
            for topic in sensor.topics:
                is_info = bag.require(topic).msgtype == CAMERA_INFO_TYPE
                allowed_ns[topic] = None if is_info else own_ns
        self._tolerance_ns = allowed_ns
        self._names = {image, *self._tolerance_ns}
        # A calibration holds until there is a new one, wherever reading starts.
        self._timeless = [topic for topic, limit in self._tolerance_ns.items() if limit is None]
        self._calibrations: dict[str, Stamped] = {}
        self.unusable: Counter[str] = Counter()
        self.notices: dict[str, None] = {}

    def __len__(self) -> int:
        """Count the image messages."""
        count = self._bag.topics[self._image].count
        return count if self._limit is None else min(count, self._limit)

    def __iter__(self) -> Iterator[BagFrame]:
        """Read all frames, in the order of the recording."""
        return self._frames(islice(self._groups(self._passing()), self._limit))

    def at(self, time_ns: int) -> BagFrame | None:
        """Read the frame that was recorded at that time."""
        window = time_ns - MARGIN_NS, time_ns + MARGIN_NS
        around = self._groups(self._bag.messages(self._names, *window))
        then = (group for group in around if group.leader.message.time_ns == time_ns)
        return next(self._frames(then), None)

    def _frames(self, groups: Iterable[Group]) -> Iterator[BagFrame]:
        return (frame for frame in map(self._frame, groups) if frame is not None)

    def _passing(self) -> Iterator[BagMessage]:
        if self._on_message is None:
            yield from self._bag.messages(self._names)
            return
        for message in self._bag.messages():
            self._on_message(message)
            if message.topic in self._names:
                yield message

    def _groups(self, messages: Iterable[BagMessage]) -> Iterator[Group]:
        return synchronised(self._stamped(messages), self._image, self._tolerance_ns)

    def _stamped(self, messages: Iterable[BagMessage]) -> Iterator[Stamped]:
        before_ns = None
        for message in messages:
            try:
                stamp_ns = header_stamp_ns(message.data)
            except InputError as error:
                self._note(message.topic, error)
                continue
            if not stamp_ns and message.topic not in self._timeless:
                self.notices[f'{message.topic}: has no stamps, times of recording are used'] = None
            if message.topic == self._image:
                if stamp_ns and stamp_ns == before_ns:
                    self.unusable[f'{self._image}: has the stamp of the image before'] += 1
                    continue
                before_ns = stamp_ns
            yield Stamped(stamp_ns or message.time_ns, message, not stamp_ns)

    def _frame(self, group: Group) -> BagFrame | None:
        message = group.leader.message
        matched = {**self._calibrations, **group.matched}
        self._calibrations = {t: matched[t] for t in self._timeless if t in matched}
        try:
            picture = read_picture(message)
            image = to_rgb(picture.pixels, picture.encoding)
            camera = self._camera(matched, picture)
            height, width = image.shape[:2]
            way = self._way(camera, width, height)
            if is_too_dark(image, picture.encoding):
                self.notices[f'{self._image}: {TOO_DARK.format(picture.encoding)}'] = None
        except InputError as error:
            self._note(self._image, error)
            return None
        raw = None
        if way is not None:
            raw = RawImage(image, way)
            image = raw.rectified
            picture = replace(picture, encoding='rgb8', pixels=image)
            camera = replace(camera, calibration=rectified(camera.calibration, way.camera))
        return BagFrame(
            group.leader.stamp_ns,
            message.time_ns,
            picture.frame_id,
            image,
            camera.of_image(width, height),
            self._truths(picture, camera, matched, way),
            raw,
        )

    def _way(self, camera: StampedCamera, width: int, height: int) -> Rectification | None:
        """Return how the images are rectified, and note what is doubtful about that."""
        try:
            way = self._rectifying.of_image(camera.calibration, self._image, width, height)
        except InputError as error:
            raise InputError(f'{self._camera_info}: {error}') from error
        if way is not None:
            self.notices[f'{self._image}: is raw, and rectified here by {self._camera_info}'] = (
                None
            )
        elif camera.is_distorted and not says_rectified(self._image):
            self.notices[
                f'{self._camera_info}: the lens is distorted, and {self._image} does not say that '
                'it is rectified; depth is right in rectified images only'
            ] = None
        return way

    def _camera(self, matched: Mapping[str, Stamped], picture: StampedImage) -> StampedCamera:
        if self._camera_info not in matched:
            raise InputError(f'no camera_info on {self._camera_info}')
        info = read_camera_info(matched[self._camera_info].message.data)
        try:
            info.of_image(picture.pixels.shape[1], picture.pixels.shape[0])
        except InputError as error:
            raise InputError(f'{self._camera_info}: {error}') from error
        return info

    def _truths(
        self,
        picture: StampedImage,
        camera: StampedCamera,
        matched: Mapping[str, Stamped],
        way: Rectification | None,
    ) -> dict[str, Depth]:
        messages = {topic: item.message for topic, item in matched.items()}
        truths = {}
        for sensor in self.sensors:
            if not all(topic in messages for topic in sensor.topics):
                continue
            try:
                truth_m = sensor.depth_m(picture, camera, messages)
                is_raw = sensor.is_registered and not says_rectified(sensor.topics[0])
                truths[sensor.name] = way.depth_m(truth_m) if way and is_raw else truth_m
            except InputError as error:
                self._note(sensor.topics[0], error)
        return truths

    def _note(self, topic: str, error: InputError) -> None:
        sentence = str(error)
        self.unusable[sentence if sentence.startswith('/') else f'{topic}: {sentence}'] += 1
