import dataclasses

import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.explain.results import Attribution
from csnviz.views.people import Person
from csnviz.views.schematic import reference_schematic
from csnviz.views.source import Standing
from csnviz.views.stretches import FACES_HIDDEN, KEEP_TO_YOURSELF, Papers, shown_number, stretch_of, tile_texts
from csnviz.views.viewer import Faces

from .conftest import FRAMES, NO_FACE_AT, both, ncg

OPEN = Papers(True, invented=True, licence="Drawn; pass it on.", made="2026-03-31")


@pytest.fixture
def person(source) -> Person:
    """P1, estimated, compared with their first fit frame."""
    frames = source.frames.of("P1")
    reference = source.references.frame_id_for("P1", "front")
    met = Person.of(frames, reference, Standing("Nobody here was trained on."))
    return dataclasses.replace(met, ncg=ncg(frames, None), calibrated=both(frames, source.references, None))


def test_a_stretch_holds_its_frames_numbers_and_pictures_alone(person):
    stretch = stretch_of(person, Faces.of(person.frames), 9, (2, 7), 4, OPEN)
    assert stretch.numbers.tolist() == [2, 3, 4, 5, 6, 7]
    assert (stretch.at, stretch.span) == (2, "frames 2–7")
    assert stretch.pictures == tuple(person.frames.picture(row) for row in range(2, 8))
    np.testing.assert_allclose(stretch.column("ncg"), [1.8, 1.8, 1.8, np.nan, 1.8, 1.8], atol=1e-6)
    np.testing.assert_allclose(stretch.column("csn"), [0.2, 0.2, 0.2, np.nan, 0.2, 0.2], atol=1e-6)
    assert stretch.reasons[NO_FACE_AT - 2] == "no face found"
    assert stretch.reference is not None
    assert stretch.reference.number == 0
    assert list(stretch.provenance) == ["IR (NCG)", "IR w/ BS", "CSN"]


def test_where_the_licence_keeps_faces_in_no_picture_of_a_face_is_asked_for(person):
    faces = Faces.of(person.frames)

    def forbidden(*_: object) -> None:
        raise AssertionError("a picture of a face was asked for")

    watched = {
        field.name: forbidden for field in dataclasses.fields(Faces) if callable(getattr(faces, field.name, None))
    }
    papers = dataclasses.replace(OPEN, may_show_faces=False, licence="On agreement only.")
    stretch = stretch_of(person, dataclasses.replace(faces, **watched), 9, (0, 11), 3, papers)
    real = {person.frames.picture(row) for row in range(FRAMES)}
    assert not real & set(stretch.pictures)
    assert stretch.reference is not None
    assert stretch.reference.picture == reference_schematic("reference\nframe 0")
    assert stretch.permission == f"{FACES_HIDDEN} On agreement only."
    assert not stretch.faces_shown


def test_the_face_of_somebody_who_lives_is_not_passed_on_and_an_invented_one_is(person):
    faces = Faces.of(person.frames)
    assert stretch_of(person, faces, 9, (0, 3), 1, OPEN).permission == "Drawn; pass it on."
    filmed = stretch_of(person, faces, 9, (0, 3), 1, Papers(True))
    assert filmed.careful
    assert filmed.permission == KEEP_TO_YOURSELF


def test_faces_cannot_be_put_into_a_stretch_against_their_licence(person):
    stretch = stretch_of(person, Faces.of(person.frames), 9, (0, 3), 1, OPEN)
    with pytest.raises(InputError, match="does not let them leave the page"):
        dataclasses.replace(stretch, papers=Papers(False))


def test_a_stretch_stays_within_one_video(person):
    rows = person.frames.rows.assign(video=["one"] * 6 + ["two"] * 6, frame_index=[*range(6), *range(6)])
    cut = dataclasses.replace(person, frames=dataclasses.replace(person.frames, rows=rows))
    stretch = stretch_of(cut, Faces.of(cut.frames), 9, (3, 10), 8, OPEN)
    assert stretch.numbers.tolist() == [0, 1, 2, 3, 4]


def test_a_stretch_without_the_frame_that_is_looked_at_is_refused(person):
    with pytest.raises(InputError, match="outside the stretch"):
        stretch_of(person, Faces.of(person.frames), 9, (0, 3), 9, OPEN)


def test_a_stretch_too_long_to_be_opened_is_refused_before_it_is_written(person):
    stretch = stretch_of(person, Faces.of(person.frames), 9, (0, 3), 1, OPEN)
    with pytest.raises(InputError, match="at most 1000 frames; found 1001"):
        dataclasses.replace(
            stretch,
            numbers=np.arange(1001),
            seconds=np.zeros(1001),
            values={key: np.zeros((1001, 3), np.float32) for key in stretch.values},
        )


def test_without_a_reference_there_is_none_in_the_stretch(person):
    alone = dataclasses.replace(person, reference="", calibrated=None)
    stretch = stretch_of(alone, Faces.of(alone.frames), 9, (0, 3), 1, OPEN)
    assert stretch.reference is None
    assert np.isnan(stretch.column("csn")).all()
    assert tile_texts(stretch, 1) == ("0", "1.8", "–", "–")


def test_numbers_for_copying_have_three_decimals_and_a_plain_minus():
    assert [shown_number(value) for value in (-0.12345, 2.0, 0.0, float("nan"))] == ["-0.123", "2", "0", ""]


def test_an_answer_is_kept_with_its_frame(person):
    from csnviz.views.stretches import Asked

    zero = np.zeros((3, 112, 112), np.float32)
    answer = Asked(2, Attribution(zero, 9, "image", "why?", "by hand", "a mean face", 0.0, 1.8, 0.0))
    assert stretch_of(person, Faces.of(person.frames), 9, (0, 3), 1, OPEN, (answer,)).asked == (answer,)
