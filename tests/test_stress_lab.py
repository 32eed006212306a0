from pathlib import Path

import numpy as np
import pytest

from csnviz import places
from csnviz.cast.attributes import dosed, draw_attributes
from csnviz.cast.dataset import draw_frame, load_cast
from csnviz.cast.pairs import draw_pair
from csnviz.data.tables import FrameTable
from csnviz.faces.crop import crop_face
from csnviz.inference.networks import Networks
from csnviz.inference.one_frame import estimate_alone, features_of_crop
from csnviz.stress_lab import StressLab, lab_of
from csnviz.views.latest_only import Watch
from csnviz.views.source import Case
from csnviz.views.stress import BOTH, IMAGE, REFERENCE, Dosed

UNWATCHED = Watch(lambda: False, lambda share: None)
PEOPLE = ("C102", "C105", "C107")


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> FrameTable:
    return load_cast(PEOPLE, 3, tmp_path_factory.mktemp("cast"), workers=1, progress=False)


@pytest.fixture(scope="module")
def lab(table) -> StressLab:
    weights = places.checkpoints()
    return StressLab(table, weights / "cast_ncg.safetensors", weights / "cast_csn.safetensors")


def test_estimates_are_those_of_the_faces_that_a_pair_shows(lab):
    found = lab.ask(Dosed("C105", 2, "eyeglasses", 0.8, BOTH), UNWATCHED)
    pair = draw_pair("C105", (2,), "eyeglasses", 0.8)
    ncg = Networks.load().ncg
    for side, values in ((pair.off, found.off), (pair.on, found.on)):
        expected = estimate_alone(ncg, features_of_crop(ncg, side.crops()[0]))
        # Frames that are drawn together differ by rounding, at most two grey values.
        np.testing.assert_allclose(values["ncg"], expected, atol=0.05)
    assert np.abs(found.on["ncg"] - found.off["ncg"]).max() > 0.1
    assert found.own == pytest.approx(draw_attributes("C105").eyeglasses)


def test_on_the_reference_alone_only_calibrated_methods_move_and_on_the_image_bs_moves_as_ncg(lab):
    reference = lab.ask(Dosed("C105", 2, "eyeglasses", 1.0, REFERENCE), UNWATCHED)
    np.testing.assert_array_equal(reference.on["ncg"], reference.off["ncg"])
    assert np.abs(reference.on["csn"] - reference.off["csn"]).max() > 0.05
    image = lab.ask(Dosed("C105", 2, "eyeglasses", 1.0, IMAGE), UNWATCHED)
    moved = {key: image.on[key] - image.off[key] for key in image.on}
    np.testing.assert_allclose(moved["bs"], moved["ncg"], atol=1e-5)
    assert image.pictures[0] == image.pictures[2]
    assert image.pictures[1] != image.pictures[3]


def test_a_dose_of_nothing_moves_nothing(lab):
    found = lab.ask(Dosed("C102", 1, "low lip corners", 0.0, BOTH), UNWATCHED)
    for key, values in found.on.items():
        np.testing.assert_array_equal(values, found.off[key])


def test_a_word_for_less_of_an_attribute_takes_it_off_the_other_way(lab):
    narrow = lab.ask(Dosed("C102", 1, "narrow brow-eye distance", 1.0), UNWATCHED)
    own = draw_attributes("C102")
    image, points = draw_frame("C102", 1, dosed(own, "brow_eye_distance", -1.0))
    ncg = Networks.load().ncg
    np.testing.assert_allclose(
        narrow.on["ncg"], estimate_alone(ncg, features_of_crop(ncg, crop_face(image, points))), atol=0.05
    )
    assert narrow.own == pytest.approx(-own.brow_eye_distance)


def test_a_face_that_is_known_is_not_drawn_again(lab, monkeypatch):
    asked = Dosed("C107", 1, "facial hair", 0.5)
    before = lab.ask(asked, UNWATCHED)
    monkeypatch.setattr("csnviz.stress_lab.draw_frames", lambda *_: pytest.fail("drawn again"))
    after = lab.ask(asked, UNWATCHED)
    np.testing.assert_array_equal(after.on["csn"], before.on["csn"])


def test_over_people_the_change_is_the_mean_of_theirs(lab):
    lines, people = lab.over_people(Dosed("", 0, "eyeglasses", 1.0, IMAGE), UNWATCHED)
    assert people == 3
    asked = [lab.ask(Dosed(who, lab._calm(who), "eyeglasses", 1.0, IMAGE), UNWATCHED) for who in PEOPLE]
    mean = np.mean([found.on["csn"] - found.off["csn"] for found in asked], axis=0)
    np.testing.assert_allclose(lines.loc[lines["method"] == "CSN", "difference"], mean, rtol=1e-5)
    assert (lines["low"] < lines["high"]).all()
    assert set(lines["method"]) == {"NCG", "BS", "CSN"}


def test_the_papers_cases_are_presets_by_the_attribute_that_is_taken_for_their_unit(table):
    cases = (Case("Glasses", "C105", "front", 9, note="why"), Case("A smile", "C105", "front", 12))
    presets = lab_of(table, Path("nowhere"), cases).presets
    assert [(each.name, each.participant, each.attribute, each.au, each.note) for each in presets] == [
        ("Glasses", "C105", "eyeglasses", 9, "why")
    ]
