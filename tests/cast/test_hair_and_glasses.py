from dataclasses import replace

import numpy as np
import pytest
import torch

from csnviz.cast.attributes import Attributes
from csnviz.cast.backdrop import draw_backdrop
from csnviz.cast.geometry import Pose
from csnviz.cast.hair import grow_hair
from csnviz.cast.hairstyles import hairline, style_of
from csnviz.cast.identity import Identity, draw_identity
from csnviz.cast.light import Light, Lights
from csnviz.cast.locks import BEHIND, FRONT, HAIR_PLANE
from csnviz.cast.render import Drawings, Moment, draw
from csnviz.cast.rims import Make

PEOPLE = [draw_identity(f"C{number:03d}") for number in range(101, 125)]
BARE = Attributes.none()


def first(asked: str, people: list[Identity] = PEOPLE) -> Identity:
    return next(each for each in people if getattr(style_of(each), asked))


def covered(identity: Identity, channel: int, x: float, y: float) -> float:
    place = torch.tensor([[[x]]]), torch.tensor([[[y]]])
    return float(grow_hair(identity).atlas.at(*place)[0, channel])


def at_yaw(identity: Identity, carried: Attributes, yaws: tuple[float, ...], size: int = 192) -> Drawings:
    return draw(identity, [carried] * len(yaws), [Moment({}, Pose(yaw=yaw)) for yaw in yaws], size)


def test_one_person_grows_the_same_hair_each_time_and_two_people_do_not_share_it() -> None:
    one, again, other = (grow_hair(each).atlas.maps for each in (PEOPLE[0], PEOPLE[0], PEOPLE[1]))
    assert torch.equal(one, again)
    assert (one[FRONT] - other[FRONT]).abs().mean() > 0.02


def test_the_cast_wears_hair_in_many_ways() -> None:
    styles = [style_of(each) for each in PEOPLE]
    assert 3 <= sum(style.falls for style in styles) <= 20
    for kind in (lambda s: s.coil > 0, lambda s: s.length < 0.1, lambda s: s.back > 0.3, lambda s: s.knot > 0):
        assert 1 <= sum(map(kind, styles)) <= 16


def test_hair_covers_the_crown_and_leaves_eyes_and_mouth_free() -> None:
    for identity in PEOPLE[:6]:
        x, y = HAIR_PLANE.grid()
        front = grow_hair(identity).atlas.maps[FRONT]
        face = (x.abs() < 0.8) & (y > -0.25) & (y < 1.5)
        assert front[face].max() < 0.5, identity.participant
        assert front[face].mean() < 0.005, identity.participant
        if style_of(identity).bare == 0:
            assert front[(x.abs() < 0.5) & (y > -1.6) & (y < -1.35)].mean() > 0.7, identity.participant


def test_a_hairline_is_no_line_hair_thins_out_over_a_strip() -> None:
    identity = replace(first("length"), fringe=0.0, hair_length=0.1, hair_curl=0.1)
    x, y = HAIR_PLANE.grid()
    above = hairline(identity, style_of(identity), x) - y
    front, middle = grow_hair(identity).atlas.maps[FRONT], x.abs() < 0.5
    strips = [float(front[middle & (above > low) & (above < low + 0.04)].mean()) for low in (-0.12, -0.08, -0.04, 0.2)]
    assert strips == sorted(strips)
    assert strips[0] < 0.15 < strips[2] < 0.95 < strips[3]
    border = front[middle & (above > -0.03) & (above < 0.03)]
    assert border.std() > 0.15  # hairs and gaps between them


def test_falling_hair_lies_behind_the_neck_and_tied_hair_does_not() -> None:
    falling, tied = first("falls"), first("knot")
    end = style_of(falling).ends
    assert covered(falling, BEHIND, 0.9, end - 0.4) > 0.8
    assert covered(falling, BEHIND, 0.9, end + 0.5) < 0.05
    assert grow_hair(tied).atlas.maps[BEHIND].max() == 0


def test_a_bald_head_keeps_hair_at_its_sides() -> None:
    bald = replace(PEOPLE[0], hair_length=0.1, hair_recession=1.0, fringe=0.0, hair_curl=0.1)
    x, y = HAIR_PLANE.grid()
    front = grow_hair(bald).atlas.maps[FRONT]
    top = front[(x.abs() < 0.4) & (y < -1.3) & (y > -1.6)].mean()
    assert top < 0.35
    assert front[(x.abs() > 0.92) & (x.abs() < 1.0) & (y > -0.7) & (y < -0.5)].mean() > 2 * top


def test_the_neck_under_the_jaw_is_skin_in_shade_not_black() -> None:
    identity = replace(draw_identity("C103"), melanin=0.3, hair_length=0.1)
    drawn = draw(identity, [BARE], [Moment({}, Pose(size=0.8))], 192)
    chin = drawn.points[0, 8]
    scale = 0.8 * 70.5 * 192 / 288
    row, column = int(chin[1] + 0.18 * scale), int(chin[0])
    neck = drawn.light[0, :, row, column]
    cheek = drawn.light[0, :, int(chin[1] - 1.1 * scale), int(chin[0] + 0.5 * scale)]
    assert 0.12 < float(neck.mean() / cheek.mean()) < 0.85
    assert neck[0] > neck[1] > neck[2]


def test_a_backdrop_is_one_persons_own_and_some_are_rooms() -> None:
    light = Lights.of([Light()], torch.device("cpu"))
    rooms = [draw_backdrop(each, light, 96)[0] for each in PEOPLE]
    assert torch.equal(rooms[0], draw_backdrop(PEOPLE[0], light, 96)[0])
    uneven = np.array([float(room.std(dim=(1, 2)).mean() / room.mean()) for room in rooms])
    assert 6 <= (uneven > 0.15).sum() <= 20
    assert min(float(room.min()) for room in rooms) >= 0


@pytest.mark.parametrize("heavy", [0.3, 0.6, 1.0])
def test_glasses_change_nothing_beyond_what_they_say_at_any_yaw(heavy: float) -> None:
    yaws = (-30.0, -12.0, 0.0, 18.0, 30.0)
    for identity in PEOPLE[:2]:
        without = at_yaw(identity, BARE, yaws)
        wearing = at_yaw(identity, replace(BARE, eyeglasses=heavy), yaws)
        changed = (wearing.light - without.light).abs().amax(1)
        assert (changed[wearing.glasses == 0] == 0).all()
        assert (changed > 0.02).float().mean() > 0.003


def test_the_far_side_piece_is_hidden_by_a_turned_head_and_the_near_one_is_not() -> None:
    identity = replace(PEOPLE[2], melanin=0.2)
    yaws = (0.0, 30.0)
    without, wearing = at_yaw(identity, BARE, yaws), at_yaw(identity, replace(BARE, eyeglasses=0.9), yaws)
    dark = (without.light - wearing.light).amax(1) > 0.08
    outer = wearing.points[:, [36, 45], 0]
    near = dark[1, :, : int(outer[1, 0]) - 14].sum()
    far = dark[1, :, int(outer[1, 1]) + 22 :].sum()
    assert near > 20 * max(1, int(far))


def test_glasses_stay_on_the_nose_when_the_head_turns() -> None:
    identity = replace(PEOPLE[2], melanin=0.1)
    yaws = (-30.0, 0.0, 30.0)
    without, wearing = at_yaw(identity, BARE, yaws), at_yaw(identity, replace(BARE, eyeglasses=1.0), yaws)
    for frame in range(3):
        root, scale = wearing.points[frame, 27], 70.5 * 192 / 288
        rows = slice(int(root[1] - 0.25 * scale), int(root[1] + 0.25 * scale))
        columns = slice(int(root[0] - 0.2 * scale), int(root[0] + 0.2 * scale))
        bridge = (without.light - wearing.light)[frame, :, rows, columns].amax(0)
        assert bridge.amax(0).min() > 0.05  # at every column across the nose


def test_reflections_move_over_the_lenses_when_the_head_turns() -> None:
    carried, yaws = replace(BARE, eyeglasses=0.3), (-20.0, -10.0, 0.0, 10.0, 20.0)
    without, wearing = at_yaw(PEOPLE[0], BARE, yaws), at_yaw(PEOPLE[0], carried, yaws)
    brighter = (wearing.light - without.light).amin(1).clamp(min=0.0)
    eyes = wearing.points[:, 36:48, 0].mean(1)
    columns = torch.arange(192.0)
    middles = [float((b.sum(0) * columns).sum() / b.sum()) - eye for b, eye in zip(brighter, eyes, strict=True)]
    assert max(middles) - min(middles) > 4


def test_people_wear_glasses_of_different_makes() -> None:
    makes = [Make.of(each) for each in PEOPLE]
    assert len({tuple(make.plastic.flatten().tolist()) for make in makes}) >= 4
    assert len({tuple(make.metal.flatten().tolist()) for make in makes}) >= 3
    assert {0.0, 1.0} <= {make.lower for make in makes}
