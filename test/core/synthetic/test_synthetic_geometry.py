# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The ray caster's geometry by hand: shapes, rotations, leaves, shadows, batches."""

import numpy as np
import pytest
import torch

from adu_depth_core.camera import Camera
from adu_depth_core.synthetic import spans
from adu_depth_core.synthetic.intersection import entry
from adu_depth_core.synthetic.placing import beam
from adu_depth_core.synthetic.ray_caster import NO_SOLID, cast
from adu_depth_core.synthetic.rendering import Pose, camera_rays
from adu_depth_core.synthetic.shadows import in_shadow
from adu_depth_core.synthetic.solids import Shape, Solid, SolidArrays, Surface, way
from adu_depth_core.synthetic.street import random_street
from adu_depth_core.synthetic.surfaces import find_hits, normal_and_place
from adu_depth_core.synthetic.tunnels import Tunnel, tunnel_piece, tunnels_between

CAMERA = Camera(65, 49, 60.0, 60.0, 32.0, 24.0)
GREY = (0.5, 0.5, 0.5)


def solid(shape, centre, half, **turn):
    return Solid(shape, Surface.PLAIN, centre, half, GREY, **turn)


def arrays(*items):
    return SolidArrays.stacked(items, 0.0, 'cpu')


def seen(*items, height=1.5):
    """Depth and index through a level camera at x = 0, z = 0; row 24, column 32 look ahead."""
    return cast(camera_rays(CAMERA, Pose(0.0, height, 0.0), 0.0, 'cpu'), arrays(*items))


def test_pitched_plate_has_its_analytic_depth():
    pitch = 0.5
    plate = solid(Shape.BOX, (0.0, -1.5, 10.0), (3.0, 3.0, 1e-4), pitch=pitch)
    depth, index = seen(plate)
    # The plate's normal is (0, -sin, cos) in the world: n . (d t - c) = 0.
    rows = np.arange(20, 29)
    y = (rows - 24) / 60.0
    expected = 10 * np.cos(pitch) / (np.cos(pitch) - np.sin(pitch) * y)
    np.testing.assert_allclose(depth[20:29, 32], expected, atol=2e-4)
    assert (index[20:29, 32] == 0).all()


def test_rolled_box_shows_its_edge():
    box = solid(Shape.BOX, (0.0, -1.5, 10.0), (1.0, 1.0, 1.0), roll=np.pi / 4)
    depth, _ = seen(box)
    # Corners stand above and beside the middle: 1.41 m, 9.4 px at 9 m.
    assert float(depth[24 - 9, 32]) == pytest.approx(9.0, abs=1e-4)
    assert float(depth[24 - 7, 32 + 7]) > 10


def test_gable_is_broad_below_and_sharp_on_top():
    gable = solid(Shape.GABLE, (0.0, -1.5, 10.0), (2.0, 1.0, 1.0))
    depth, index = seen(gable)
    at = {row: int((index[row] == 0).sum()) for row in (19, 24, 29)}
    # At 9 m a metre is 6.7 px: breadth 2 - 2 y of the middle row and 5 px above and below.
    assert at[24] == pytest.approx(2 * 6.67 * 2 / 2, abs=1.5)
    assert at[19] == pytest.approx(2 * (1 - 0.75) * 6.67, abs=1.5)
    assert at[29] == pytest.approx(2 * (1 + 0.75) * 6.67, abs=1.5)
    assert float(depth[24, 32]) == pytest.approx(9.0, abs=1e-4)


def test_cabin_leans_back_from_bottom_to_top():
    cabin = solid(Shape.CABIN, (0.0, -1.5, 10.0), (1.0, 1.0, 2.0))
    depth, _ = seen(cabin)
    # Half way up it is (1 + 0.55) / 2 of its length.
    assert float(depth[24, 32]) == pytest.approx(10 - 2 * 0.775, abs=1e-4)


def test_normal_of_a_slope_is_square_to_it():
    unit = torch.tensor([[0.5, 0.0, 0.2], [0.0, 0.5, 1.0], [0.3, 1.0, 0.2]])
    half = torch.tensor([[2.0, 1.0, 3.0]]).expand(3, 3)
    normal, _ = normal_and_place(unit, half, torch.full((3,), int(Shape.GABLE)))
    # From ridge (0, -1) to eaves (2, 1) metres: the slope's normal is (1, -1) / sqrt(2).
    expected = [[0.70711, -0.70711, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    np.testing.assert_allclose(normal, expected, atol=1e-4)


def test_beam_runs_from_point_to_point():
    pole = beam((1.0, 0.0, 9.0), (-1.0, -3.0, 11.0), 0.2, Surface.PLAIN, GREY, 0.0)
    ends = arrays(pole).corners()[0]
    assert float(ends[:, 1].min()) == pytest.approx(-3.0, abs=0.2)
    assert float(ends[:, 1].max()) == pytest.approx(0.0, abs=0.2)
    depth, index = seen(pole)
    assert int(index[24, 32]) == 0
    assert 9.7 < float(depth[24, 32]) < 10.0
    assert int(index[15, 32 - 5]) == 0
    assert int(index[15, 32 + 5]) == NO_SOLID


def leaves(texture=3.0):
    return solid(Shape.LEAVES, (0.0, -3.0, 6.0), (2.0, 2.0, 2.0), texture=texture)


def test_leaves_have_gaps_through_which_the_far_side_or_the_sky_is_seen():
    depth, index = seen(leaves(), height=3.0)
    ball = seen(solid(Shape.ELLIPSOID, (0.0, -3.0, 6.0), (2.0, 2.0, 2.0)), height=3.0)
    inside = ball[1] == 0
    near = inside & ((depth - ball[0]).abs() < 1e-3)
    far = inside & (index == 0) & ~near
    through = inside & (index == NO_SOLID)
    for share in (near, far, through):
        assert share.sum() > 0.05 * inside.sum()
    assert near.sum() > 0.4 * inside.sum()
    assert (depth[far] > ball[0][far]).all()
    assert ((index == 0) & ~inside).sum() == 0


def test_leaves_are_where_they_are_from_either_camera():
    arrays_ = arrays(leaves())
    pose, baseline = Pose(-0.3, 3.0, 0.0), 0.3
    left, right = (camera_rays(CAMERA, pose, by, 'cpu') for by in (0.0, baseline))
    depth, index = cast(left, arrays_)
    point = left.origin + left.direction * depth[..., None]
    # The same points, looked at from the right camera: nothing hides more than it did.
    towards = (point - right.origin)[index == 0]
    start = torch.einsum('ijn,nj->in', arrays_.into_unit(), right.origin - arrays_.centre)
    step = torch.einsum('ij,kj->ik', arrays_.into_unit()[:, :, 0], towards)
    half = arrays_.half_size.T.expand_as(step)
    t = entry(
        Shape.LEAVES, start.expand_as(step), step, half, arrays_.texture.expand(len(towards))
    )
    assert (t < 1.001).float().mean() > 0.99
    assert ((t - 1).abs() < 1e-3).float().mean() > 0.6


def test_camera_inside_a_crown_sees_leaves_around_it():
    _, index = seen(solid(Shape.LEAVES, (0.0, -1.5, 0.3), (2.0, 2.0, 2.0)))
    assert 0.3 < (index == 0).float().mean() < 0.9


def test_normals_look_at_the_camera_and_have_length_one():
    street = random_street(5)
    rays = camera_rays(CAMERA, Pose(1.0, 1.6, 30.0, yaw=0.3), 0.0, 'cpu')
    solids = SolidArrays.stacked(street.solids(30.0), 0.0, 'cpu')
    depth, index = cast(rays, solids)
    hits = find_hits(rays, depth, index, solids)
    direction = rays.direction[torch.isfinite(depth)]
    assert ((hits.normal * direction).sum(-1) <= 1e-6).all()
    np.testing.assert_allclose(hits.normal.norm(dim=-1), 1.0, atol=1e-4)


def test_shadow_falls_where_the_sun_says():
    box = solid(Shape.BOX, (0.0, -3.0, 10.0), (1.0, 1.0, 1.0))
    sun = torch.tensor([0.6, -0.8, 0.0])
    # The middle of the box, 3 m up, throws its shadow 3 / 0.8 * 0.6 = 2.25 m to the left.
    places = [[-2.25, 0.0, 10.0], [-2.25, 0.0, 11.5], [0.0, 0.0, 10.0], [2.25, 0.0, 10.0]]
    above = [[0.0, -4.1, 10.0]]
    shadow = in_shadow(torch.tensor(places + above), sun, arrays(box))
    assert shadow.tolist() == [True, False, False, False, False]


def test_points_in_any_order_and_number_have_the_same_shadow():
    street = random_street(4)
    solids = SolidArrays.stacked(street.solids(0.0), 0.0, 'cpu')
    generator = torch.Generator().manual_seed(0)
    points = torch.rand(500, 3, generator=generator) * torch.tensor([16, 0, 60]) - torch.tensor(
        [8.0, 0.01, 0.0]
    )
    sun = torch.tensor(street.sun_direction)
    shadow = in_shadow(points, sun, solids)
    assert 5 < int(shadow.sum()) < 495
    order = torch.randperm(500, generator=generator)
    assert torch.equal(in_shadow(points[order], sun, solids), shadow[order])
    assert bool(in_shadow(points[3:4], sun, solids)[0]) == bool(shadow[3])
    assert len(in_shadow(points[:0], sun, solids)) == 0


def test_solid_beside_the_camera_that_reaches_behind_it_is_seen_only_ahead():
    wall = solid(Shape.BOX, (2.0, -1.5, 0.0), (0.5, 1.5, 8.0))
    depth, index = seen(wall)
    # Its near face is at x = 1.5, from 2.8 m on (right edge of the image) to 8 m.
    assert float(depth[24, 64]) == pytest.approx(1.5 * 60 / 32, abs=1e-3)
    assert int(index[24, 64]) == 0
    assert (index[:, :40] == NO_SOLID).all()


def test_small_batches_give_the_same_picture(monkeypatch):
    street = random_street(3)
    solids = SolidArrays.stacked(street.solids(10.0), 0.0, 'cpu')
    rays = camera_rays(CAMERA, Pose(0.5, 1.5, 10.0), 0.0, 'cpu')
    depth, index = cast(rays, solids)
    monkeypatch.setattr(spans, 'BATCH', {'cpu': 997})
    again, same = cast(rays, solids)
    assert torch.equal(depth, again)
    assert torch.equal(index, same)


def test_members_are_numbered_by_owner():
    owner, number = spans.numbered(torch.tensor([2, 0, 3]))
    assert owner.tolist() == [0, 0, 2, 2, 2]
    assert number.tolist() == [0, 1, 0, 1, 2]


def test_rows_of_a_window_are_runs_of_pixels():
    rows, columns = torch.tensor([[1, 3], [0, 5], [2, 1]]), torch.tensor([[2, 4], [3, 3], [0, 9]])
    found = spans.row_spans(rows, columns, 10)
    assert found.solid.tolist() == [0, 0]
    assert found.start.tolist() == [12, 22]
    assert found.length.tolist() == [2, 2]
    ((solid_of_pair, ray),) = found.pairs()
    assert ray.tolist() == [12, 13, 22, 23]
    assert solid_of_pair.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ('speed', 'time', 'expected'), [(10, 5, 50), (10, 25, -150), (-8, 30, 160)]
)
def test_what_moves_comes_back(speed, time, expected):
    assert way(speed, time) == pytest.approx(expected)


def test_tunnel_lets_one_look_through_and_closes_all_around():
    tunnel = Tunnel(20.0, 60.0, 4.0, 5.0, 1.0)
    pieces = [piece for z in (20.0, 40.0) for piece in tunnel_piece(tunnel, z)]
    depth, _ = seen(*pieces, height=2.5)
    assert torch.isinf(depth[24, 32])
    # Before it the portal's wall stands 0.3 m out, 0.6 m thick.
    assert float(depth[24, 32 + 15]) == pytest.approx(19.7, abs=1e-3)
    within = cast(camera_rays(CAMERA, Pose(0.0, 2.5, 25.0), 0.0, 'cpu'), arrays(*pieces))[0]
    assert torch.isfinite(within[0]).all()
    assert float(within[0, 32]) == pytest.approx((5.0 - 2.5) / 24 * 60, abs=0.2)


def test_tunnels_are_of_the_street_and_not_of_where_one_looks_from():
    everywhere = tunnels_between(3, 1.0, 4.0, 0.0, 1999.0)
    assert len(everywhere) == 5
    assert tunnels_between(3, 1.0, 4.0, 850.0, 900.0) == everywhere[2:3]
    assert tunnels_between(3, 0.0, 4.0, 0.0, 1999.0) == []
