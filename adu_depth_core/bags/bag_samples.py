# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The images of a bag with what came at the same time, one after another, as samples."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from itertools import chain

from adu_depth_core.bags.bag_part import MARGIN_NS, BagPart, first_calibration
from adu_depth_core.bags.reader import Bag, BagMessage
from adu_depth_core.bags.synchroniser import Group, Stamped, synchronised
from adu_depth_core.errors import InputError
from adu_depth_core.messages.stamped import header_stamp_ns
from adu_depth_core.samples.sample import StereoSample
from adu_depth_core.samples.sample_frames import LazySample

# A sensor that begins so much later than the camera is stamped by another clock.
ANOTHER_CLOCK_S = 3600.0


class BagSamples:
    """
    The images of a part of a bag that have company, in the order of their stamps, read when asked.

    Parameters
    ----------
    bag : Bag
        Open as long as they are read.
    image : str
        Topic of the images.
    infos : sequence of str
        Topics of calibrations; one holds until there is a new one.
    needed : collection of str
        Topics without whose message an image is left out.
    make : callable
        Makes a sample of its name and of the image's group. InputError where that is spoilt.
    share : (int, int)
        `(i, n)` for the i-th of n equally long parts, counted from 0. An image belongs to the
        part in which it was recorded.
    slop_ns : int
        By how much the stamp of its company may differ from that of an image.
    welcome : collection of str
        Topics whose messages are taken where there are any.

    Attributes
    ----------
    unmatched : int
        Images of the part without company.
    repeated : int
        Images left out since one of that stamp came before: a recording of a bag played in a loop.
    unstamped : int
        Images and messages whose stamp is zero: the time of recording stands in for it.

    """

    def __init__(
        self,
        bag: Bag,
        image: str,
        infos: Sequence[str],
        needed: Collection[str],
        make: Callable[[str, Group], StereoSample],
        share: tuple[int, int] = (0, 1),
        slop_ns: int = 0,
        *,
        welcome: Collection[str] = (),
    ) -> None:
        self.unmatched = self.repeated = self.unstamped = 0
        self._bag, self._image, self._needed, self._make = bag, image, set(needed), make
        self._slop_ns = slop_ns
        self._tolerance_ns: dict[str, int | None] = {
            **dict.fromkeys(infos),
            **dict.fromkeys((*needed, *welcome), slop_ns),
        }
        self._part = BagPart(bag, share)
        # A calibration may be sent but once, long before our part.
        self._infos = [first_calibration(bag, name) for name in infos]

    def __len__(self) -> int:
        """Return about how many there are."""
        return self._part.expected_count(self._image)

    def __iter__(self) -> Iterator[LazySample]:
        """
        Yield the images of the part that have company.

        Raises
        ------
        InputError
            At the end, where none of the images had.

        """
        self.unmatched = self.repeated = self.unstamped = 0
        spoilt: list[LazySample] = []
        known: set[int] = set()
        for group in synchronised(
            self._stamped(spoilt), self._image, self._tolerance_ns, patience_ns=MARGIN_NS
        ):
            yield from spoilt
            spoilt.clear()
            leader = group.leader
            if leader.message.time_ns not in self._part:
                continue
            if not self._needed <= group.matched.keys():
                self.unmatched += 1
                continue
            company = [group.matched[topic] for topic in self._needed]
            self.unstamped += sum(one.is_time_of_recording for one in (leader, *company))
            if leader.stamp_ns in known:
                self.repeated += 1
                continue
            known.add(leader.stamp_ns)
            name = f'{self._bag.path.stem}/{leader.stamp_ns:019d}'
            yield LazySample(name, partial(self._make, name, group))
        yield from spoilt
        if self.unmatched and not known:
            raise InputError(self._nothing_matched())

    def _stamped(self, spoilt: list[LazySample]) -> Iterator[Stamped]:
        """Yield messages with their stamps; where that cannot be read, it goes to `spoilt`."""
        messages = self._part.messages({self._image, *self._tolerance_ns})
        for message in chain(self._infos, messages):
            try:
                stamp_ns = header_stamp_ns(message.data)
            except InputError as error:
                refuse = partial(_refuse, f'{message.topic}: {error}')
                spoilt.append(LazySample(f'{self._bag.path.stem}/unknown', refuse))
                continue
            yield Stamped(stamp_ns or message.time_ns, message, not stamp_ns)

    def _nothing_matched(self) -> str:
        apart_s = self._apart_s()
        advice = (
            f'they are {apart_s:.0f} s apart: stamp both with one clock'
            if apart_s > ANOTHER_CLOCK_S
            else 'allow more with --slop'
        )
        return (
            f'{self._bag.path}: none of {self.unmatched} images of {self._image} has a message of '
            f'{", ".join(sorted(self._needed))} within {self._slop_ns / 1e9:g} s; {advice}'
        )

    def _apart_s(self) -> float:
        """Return the longest time between the first stamps; 0 where a topic has no message."""
        firsts = [next(self._bag.messages([t]), None) for t in (self._image, *self._needed)]
        times_ns = [_time_ns(first) for first in firsts if first is not None]
        return (max(times_ns) - min(times_ns)) / 1e9


def _time_ns(message: BagMessage) -> int:
    try:
        return header_stamp_ns(message.data) or message.time_ns
    except InputError:
        return message.time_ns


def _refuse(sentence: str) -> StereoSample:
    raise InputError(sentence)
