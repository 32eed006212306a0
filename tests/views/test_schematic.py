import dataclasses
import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from csnviz.faces.regions import region_polygons
from csnviz.facs import ALL, DISFA, AUSet
from csnviz.views import schematic as schematics
from csnviz.views.line_face import LANDMARKS, SIZE
from csnviz.views.schematic import hidden_faces, reference_schematic, schematic
from csnviz.views.viewer import Faces

PAIR = AUSet((4, 12))


def pixels(file: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(file)), dtype=int)


def of(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def tinted(values: np.ndarray, chosen: int | None = None) -> np.ndarray:
    return np.abs(pixels(schematic(PAIR, values, chosen)) - pixels(schematic(PAIR, of(0, 0)))).sum(axis=2) > 60


def test_a_stronger_brow_lowerer_tints_the_brows_more_and_nothing_else():
    weak, strong = (pixels(schematic(PAIR, of(value, 0))) for value in (1, 5))
    between_brows, lip_corner = (76, 168), (229, 113)
    assert strong[between_brows][0] < weak[between_brows][0] - 80  # less red is a deeper blue-green
    np.testing.assert_allclose(strong[lip_corner], weak[lip_corner], atol=6)


def test_estimates_below_zero_and_missing_ones_are_not_tinted():
    assert schematic(PAIR, of(-0.8, np.nan)) is schematic(PAIR, of(0, 0))


def test_estimates_that_nobody_can_tell_apart_share_one_picture():
    assert schematic(PAIR, of(2.0, 1.01)) is schematic(PAIR, of(2.1, 0.95))
    assert schematic(PAIR, of(2.0, 1.0)) != schematic(PAIR, of(2.5, 1.0))


def test_the_chosen_unit_is_outlined_even_where_it_is_absent():
    marked = tinted(of(0, 0), 12)
    rows, columns = np.nonzero(marked)
    assert 195 < rows.min() < rows.max() < 265
    assert marked.sum() > 300
    assert (columns < SIZE / 2).any()
    assert (columns > SIZE / 2).any()


@pytest.mark.parametrize("number", [n for n in ALL if n not in (1, 2)])
def test_a_unit_is_tinted_where_attributions_are_added_up_for_it(number):
    region = Image.new("L", (SIZE, SIZE))
    for polygon in region_polygons(number):
        ImageDraw.Draw(region).polygon([tuple(LANDMARKS[role]) for role in polygon], fill=255)
    spot = np.asarray(schematics._shape(number)) > 0
    assert (spot & (np.asarray(region) > 0)).sum() > 0.3 * min(spot.sum(), (np.asarray(region) > 0).sum())


def test_every_unit_has_a_place_and_the_forehead_ones_lie_above_the_brows():
    for number in ALL:
        assert (np.asarray(schematics._shape(number)) > 0).any()
    for number in (1, 2):
        assert np.nonzero(np.asarray(schematics._shape(number)))[0].max() < LANDMARKS[17:27, 1].max()


def test_a_picture_is_a_small_jpeg_as_wide_as_a_face_picture():
    file = schematic(DISFA, np.full(12, 5, np.float32), 9)
    picture = Image.open(io.BytesIO(file))
    assert (picture.format, picture.size) == ("JPEG", (336, 336))
    assert len(file) < 30_000


def test_a_reference_that_is_not_shown_says_so_and_tints_nothing():
    neutral, plain = pixels(reference_schematic("reference\nframe 0")), pixels(schematic(PAIR, of(0, 0)))
    assert np.abs(neutral[:290] - plain[:290]).max() < 12
    assert np.abs(neutral[300:, :110] - plain[300:, :110]).max() > 60


def test_hidden_faces_never_ask_for_a_picture_of_a_face(frames):
    faces = Faces.of(frames)

    def forbidden(*_: object) -> None:
        raise AssertionError("a picture of a face was asked for")

    watched = {
        field.name: forbidden for field in dataclasses.fields(Faces) if callable(getattr(faces, field.name, None))
    }
    values = np.zeros((len(frames), len(frames.aus)), np.float32)
    hidden = hidden_faces(dataclasses.replace(faces, **watched), frames.aus, values, 9)
    shown = [hidden.picture(row) for row in range(len(frames))]
    assert set(map(type, shown)) == {bytes}
    real = {frames.picture(row) for row in range(len(frames))}
    assert not real & set(shown)
    for name in ("crop", "filmed", "points", "corners"):
        assert getattr(hidden, name, None) is None
    np.testing.assert_array_equal(hidden.numbers, faces.numbers)
    assert hidden.reasons == faces.reasons


def test_hidden_faces_differ_where_the_estimates_do(frames):
    values = np.zeros((len(frames), len(frames.aus)), np.float32)
    values[3] = 4
    hidden = hidden_faces(Faces.of(frames), frames.aus, values)
    assert hidden.picture(2) == hidden.picture(4) != hidden.picture(3)
