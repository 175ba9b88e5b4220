# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Left and right images find each other by their stamps."""

import pytest

from adu_depth_core.samples.stereo_pairing import StereoPairing


def fed(pairing, text):
    """Feed images such as 'L10 R12' (side and stamp) and return the stamps of the pairs."""
    found = []
    for word in text.split():
        side = 'left' if word[0] == 'L' else 'right'
        pair = pairing.add(side, int(word[1:]), word)
        if pair is not None:
            assert pair.stamp_ns == int(pair.left[1:])
            found.append(f'{pair.left} {pair.right}')
    return found


@pytest.mark.parametrize('text', ['L1 R1 L2 R2', 'R1 L1 R2 L2', 'L1 L2 R1 R2', 'R1 R2 L1 L2'])
def test_equal_stamps_are_paired_whichever_side_comes_first(text):
    pairing = StereoPairing()
    assert fed(pairing, text) == ['L1 R1', 'L2 R2']
    assert pairing.unmatched == 0


def test_without_slop_near_stamps_are_not_paired():
    assert fed(StereoPairing(0), 'L10 R11 L20 R19') == []


def test_near_stamps_are_paired_up_to_the_slop():
    assert fed(StereoPairing(2), 'L10 R12 R18 L20') == ['L10 R12', 'L20 R18']
    assert fed(StereoPairing(2), 'L10 R13 L20') == []


def test_nearest_of_those_that_wait_is_taken():
    assert fed(StereoPairing(5), 'R10 R13 R16 L14') == ['L14 R13']


def test_what_is_older_than_a_pair_is_let_go_and_counted():
    pairing = StereoPairing()
    assert fed(pairing, 'L1 L2 R0 L3 R3') == ['L3 R3']
    assert pairing.unmatched == 3
    assert fed(pairing, 'R1') == []


def test_newer_images_stay_for_their_partners():
    pairing = StereoPairing()
    assert fed(pairing, 'R1 R2 R3 L2 L3') == ['L2 R2', 'L3 R3']
    assert pairing.unmatched == 1


def test_memory_is_bounded_where_one_side_is_silent():
    pairing = StereoPairing(max_waiting=4)
    assert fed(pairing, ' '.join(f'L{stamp}' for stamp in range(100))) == []
    assert pairing.unmatched == 96
    assert fed(pairing, 'R96') == ['L96 R96']


def test_bag_that_begins_anew_is_paired_at_once():
    pairing = StereoPairing()
    assert fed(pairing, 'L8 R8 L9 R9 L1 R1 L2 R2') == ['L8 R8', 'L9 R9', 'L1 R1', 'L2 R2']
    assert fed(pairing, 'R7 L8 R1 L1') == ['L1 R1']


def test_image_that_comes_twice_is_paired_once():
    pairing = StereoPairing()
    assert fed(pairing, 'L1 L1 R1 R1') == ['L1 R1']
    assert pairing.unmatched == 1
