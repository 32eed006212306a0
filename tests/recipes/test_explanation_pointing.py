import numpy as np
import pandas as pd
import pytest

from csnviz.cast.dataset import draw_frames
from csnviz.cast.pairs import Pair, Side
from csnviz.explain.attribution import why_ncg
from csnviz.explain.starts import Start
from csnviz.recipes import explanation_pointing
from csnviz.recipes.explanation_demo import Workers
from csnviz.recipes.explanation_finding import FAILS, HOLDS, TOO_FEW
from csnviz.recipes.explanation_pointing import (
    Wearing,
    ask_people,
    calm_frames,
    enough,
    of_pair,
    pointing,
    pointing_lines,
    positive_share,
)


def numbers(people, each, share=0.6, attribute="eyeglasses", au=9):
    """Lines as `pointed` gives them, a little different from person to person."""
    lines = [
        (f"C{500 + who}", attribute, au, 1.5, 0.5, 0.1, share + 0.01 * who, 0.9, 0.02, 0.2, 0.1)
        for who in range(people)
        for _ in range(each)
    ]
    return pd.DataFrame(lines, columns=explanation_pointing._COLUMNS)


def test_calm_frames_have_every_label_0_and_never_are_the_reference():
    from csnviz.cast.coders import drawn_intensities, to_letters
    from csnviz.cast.scripts import expressions

    frames = calm_frames("C500", 5)
    labels = to_letters(drawn_intensities(expressions("C500", 80)))
    assert len(frames) == 5
    assert 0 not in frames
    assert (labels[list(frames)] == 0).all()


def test_people_in_the_test_are_none_that_a_network_was_trained_or_chosen_on():
    from csnviz.cast.dataset import DEMO_PARTICIPANTS, TRAINING_PARTICIPANTS, VALIDATION_PARTICIPANTS

    met = {*DEMO_PARTICIPANTS, *TRAINING_PARTICIPANTS, *VALIDATION_PARTICIPANTS}
    assert not met & set(explanation_pointing.CANDIDATES)


def test_only_what_raises_the_estimate_is_shared_out():
    heat = np.array([[2, -5], [6, 0]], np.float32)
    assert positive_share(heat, np.array([[True, True], [False, False]])) == 0.25
    assert np.isnan(positive_share(-np.abs(heat), np.ones((2, 2), bool)))


@pytest.fixture(scope="module")
def worn():
    """A pair of one frame that differ in a patch, and a reference that wears the patch as the image does."""
    picture, points = next(draw_frames("C500", [1]))
    changed = picture.copy()
    changed[120:150, 100:190] = 0
    change = np.abs(changed.astype(float) - picture).max(axis=2)[None]
    pair = Pair(Side(picture[None], points[None]), Side(changed[None], points[None]), change)
    reference = pair.on.crops()[0].copy()
    reference[80:, :] //= 2
    return pair, reference


def test_from_the_own_reference_a_walk_is_blind_to_what_both_faces_wear(small_demo, worn):
    pair, reference = worn
    image, mask = pair.on.crops()[0], pair.crop_mask()[0]
    assert (reference[mask] == image[mask]).all()
    ncg = small_demo.networks.ncg
    blind = why_ncg(ncg, image, Start(reference, "the person's own reference"), 12).values
    seeing = why_ncg(ncg, image, small_demo.start, 12).values
    assert not blind[:, mask].any()
    assert blind.any()
    assert np.abs(seeing[:, mask]).min() > 0


def test_an_overestimated_frame_is_told_with_the_mask_and_without_what_it_is_compared_to(small_demo, worn, monkeypatch):
    pair, reference = worn
    monkeypatch.setattr(explanation_pointing, "OVERESTIMATED", -1000.0)
    (line,) = of_pair(small_demo.networks.ncg, small_demo.start, Wearing("C500", "eyeglasses", 12, reference), pair)
    estimate, without, area, share, mask, own_mask, bare_share, bare_mask = line
    found = why_ncg(small_demo.networks.ncg, pair.on.crops()[0], small_demo.start, 12)
    inside = pair.crop_mask()[0]
    assert estimate == pytest.approx(found.estimate, abs=1e-4)
    assert without != estimate
    assert area == inside.mean()
    assert share == positive_share(found.heat(), inside)
    assert mask == pytest.approx(found.heat()[inside].sum())
    assert own_mask == 0
    assert bare_mask != mask
    assert 0 < bare_share < 1


def test_a_frame_that_is_not_overestimated_is_not_asked_about(small_demo, worn, monkeypatch):
    pair, reference = worn
    monkeypatch.setattr(explanation_pointing, "OVERESTIMATED", 1000.0)
    asked = Wearing("C500", "eyeglasses", 12, reference)
    assert not list(of_pair(small_demo.networks.ncg, small_demo.start, asked, pair))


class Made(Workers):
    """Instead of processes: every second person is promising in everything, and has five frames."""

    def __init__(self):
        self.looked = []

    def lines(self, work, asked, data_root):
        if work is explanation_pointing.first_looks:
            self.looked += asked
            keys = [(name, attribute, au) for name in asked for attribute, au in explanation_pointing._units()]
            looks = [(*key, float(int(key[0][1:]) % 2), np.zeros((2, 2, 3), np.uint8)) for key in keys]
            return pd.DataFrame(looks, columns=["participant", "attribute", "au", "estimate", "reference"])
        assert all(int(each.participant[1:]) % 2 for each in asked)
        return pd.concat(
            [numbers(1, 5, attribute=e.attribute, au=e.au).assign(participant=e.participant) for e in asked]
        )


def test_people_are_asked_until_there_are_enough_of_them(tmp_path):
    workers = Made()
    lines, looked = ask_people(workers, tmp_path)
    assert looked == len(workers.looked) == 16
    assert all(len(here) == 8 * 5 for _, here in lines.groupby(["attribute", "au"]))


def test_people_who_are_too_few_are_all_asked_and_no_more(tmp_path):
    workers = Made()
    lines, looked = ask_people(workers, tmp_path, candidates=("C500", "C501", "C502", "C503"))
    assert looked == 4
    assert not enough(lines[lines["au"] == 17])


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [(numbers(6, 5), HOLDS), (numbers(6, 5, share=0.2), FAILS), (numbers(5, 9), TOO_FEW), (numbers(7, 4), TOO_FEW)],
)
def test_thirty_frames_of_six_people_make_an_answer(lines, verdict):
    first, *others = pointing(lines, 16)
    assert first.verdict == verdict
    assert {finding.verdict for finding in others} == {TOO_FEW}


def test_what_an_attribute_adds_is_held_against_what_its_mask_gains():
    lines = numbers(6, 1).assign(without=[1.5, 1.4, 1.3, 1.2, 1.1, 1.0], bare_mask=[0.9, 0.9, 0.8, 0.7, 0.6, 0.5])
    *_, found = pointing(lines, 16)
    expected = np.corrcoef([0, 0.1, 0.2, 0.3, 0.4, 0.5], [0, 0, 0.1, 0.2, 0.3, 0.4])[0, 1]
    assert found.found == f"correlation {expected:.2f}"


def test_the_second_table_tells_what_the_attribute_adds_and_where():
    (line,) = pointing_lines(numbers(6, 5))[2:]
    assert line.startswith("| eyeglasses, AU9 | 1.50 / 0.50 | +0.53")
    assert line.endswith("| 6, 30 | 0.20 | +1.00 | +0.80 | +0.02 |")
