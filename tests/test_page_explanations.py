"""The page's explanations, on two small networks and made-up pictures."""

from dataclasses import replace

import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.explain import walks
from csnviz.explain.by_part import AVERAGE_PARTS, parts_on
from csnviz.explain.results import Attribution
from csnviz.explain.starts import Start, blurred
from csnviz.faces.average_face import IN_CROP
from csnviz.faces.parts import TITLES, face_parts
from csnviz.inference.features import WorkCancelled
from csnviz.page_explanations import Explanations
from csnviz.page_memory import LoadedNetworks
from csnviz.views.latest_only import Watch
from csnviz.views.source import BLURRED_START, OCCLUSION, QUESTIONS, Question
from tests import small_disfa

UNWATCHED = Watch(lambda: False, lambda share: None)
IMAGE, REFERENCE = 5, 3


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    runs = small_disfa.fold_runs(tmp_path_factory.mktemp("runs"))
    return small_disfa.shown_with(runs, Start(np.full((112, 112, 3), 90, np.uint8), "a grey face"))["SN010"]


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    return small_disfa.table(tmp_path_factory.mktemp("crops")).of("SN010", "left")


@pytest.fixture
def explanations(frames, monkeypatch):
    monkeypatch.setattr(walks, "STEPS", 4)
    monkeypatch.setattr(walks, "MOST_STEPS", 4)
    return Explanations(frames, LoadedNetworks())


def question(frames, key="why_ncg", **how):
    image, reference = (str(frames.rows["frame_id"].iloc[row]) for row in (IMAGE, REFERENCE))
    return replace(Question(key, 12, image, reference), **how)


def listening(explanations, monkeypatch):
    """The questions that reach a network from now on, each answered by nothing."""
    asked = []
    nothing = Attribution(np.zeros((3, 2, 2), np.float32), 12, "image", "why?", "made", "nowhere", 0.0, 0.0, 0.0)

    def answer(question, *given):
        asked.append(question)
        return nothing

    monkeypatch.setattr(explanations, "_answer", answer)
    return asked


@pytest.mark.parametrize("algorithm", ["gradients", "occlusion"])
@pytest.mark.parametrize("key", [wording.key for wording in QUESTIONS])
def test_every_question_is_answered_by_parts_that_add_up_to_the_colours(explanations, frames, shown, key, algorithm):
    found = explanations.of(question(frames, key, algorithm=algorithm), shown, UNWATCHED)
    assert sum(found.by_region.values()) == pytest.approx(float(found.values.sum(dtype=float)), abs=1e-6)
    assert list(found.by_region) == [title for key, title in TITLES.items() if key != "glasses"]
    assert found.adds_up == (algorithm != OCCLUSION)
    assert found.about == ("reference" if key == "cancelled" else "image")
    assert AVERAGE_PARTS in found.algorithm, "these pictures were kept without landmarks"


def test_a_question_that_was_asked_before_asks_no_network(explanations, frames, shown, monkeypatch):
    first = explanations.of(question(frames), shown, UNWATCHED)
    monkeypatch.setattr(explanations, "_answer", lambda *given: pytest.fail("asked again"))
    assert explanations.of(question(frames), shown, UNWATCHED) is first


@pytest.mark.parametrize("how", [{"au": 4}, {"start": BLURRED_START}, {"algorithm": OCCLUSION}, {"reference_id": ""}])
def test_another_question_is_asked_anew(explanations, frames, shown, monkeypatch, how):
    explanations.of(question(frames), shown, UNWATCHED)
    asked = listening(explanations, monkeypatch)
    explanations.of(question(frames, **how), shown, UNWATCHED)
    assert asked == [question(frames, **how)]


def test_the_answer_that_was_asked_for_longest_ago_is_forgotten_first(frames, shown, monkeypatch):
    few = Explanations(frames, LoadedNetworks(), most=2)
    asked = listening(few, monkeypatch)
    for au in (1, 2, 1, 4, 1, 2):
        few.of(question(frames, au=au), shown, UNWATCHED)
    assert [each.au for each in asked] == [1, 2, 4, 2]


def test_a_blurred_start_is_the_face_that_the_answer_is_about(explanations, frames, shown):
    from csnviz.inference.one_frame import estimate_alone, features_of_crop

    found = explanations.of(question(frames, start=BLURRED_START), shown, UNWATCHED)
    ncg = explanations.loaded.in_front(shown.files).ncg
    soft = blurred(frames.crops([IMAGE])[0])
    assert found.start == soft.words
    said = estimate_alone(ncg, features_of_crop(ncg, soft.crop))[ncg.config.aus.index(12)]
    assert found.start_estimate == pytest.approx(float(said), abs=1e-4)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"key": "how"}, "no question 'how'"),
        ({"key": "moved", "reference_id": ""}, "needs a reference"),
        ({"start": "nowhere"}, "found 'nowhere'"),
        ({"algorithm": "guessing"}, "found 'guessing'"),
    ],
)
def test_what_the_page_does_not_know_is_refused_in_a_sentence(explanations, frames, shown, how, words):
    with pytest.raises(InputError, match=words):
        explanations.of(question(frames, **how), shown, UNWATCHED)


def test_parts_lie_where_the_frame_has_its_landmarks(frames, monkeypatch):
    corners = np.array([[0.2, 0.1], [0.2, 0.9], [0.6, 0.9], [0.6, 0.1]], np.float32)
    size, turned = np.array([0.4, 0.8]), IN_CROP + np.array([5.0, -3.0])
    points = (corners[0] + turned / 112 * size).astype(np.float32)
    monkeypatch.setattr(type(frames), "points", lambda self, rows: points[None])
    monkeypatch.setattr(type(frames), "corners", lambda self, rows: corners[None])
    parts, whose = parts_on(frames, str(frames.rows["frame_id"].iloc[0]))
    assert whose == ""
    assert (parts == face_parts(turned)).mean() > 0.999


def test_whoever_was_got_ready_for_is_answered_without_looking_for_the_parts_again(
    explanations, shown, frames, monkeypatch
):
    explanations.get_ready(str(frames.rows["frame_id"].iloc[IMAGE]), UNWATCHED)
    monkeypatch.setattr("csnviz.explain.by_part.parts_on", None)
    assert explanations.of(question(frames), shown, UNWATCHED).by_region


def test_getting_ready_makes_way_between_its_steps_and_looks_for_no_parts_where_there_is_no_face(
    explanations, frames, monkeypatch
):
    monkeypatch.setattr("csnviz.explain.by_part.parts_on", None)
    with pytest.raises(WorkCancelled):
        explanations.get_ready(str(frames.rows["frame_id"].iloc[IMAGE]), Watch(lambda: True, lambda share: None))
    rows = frames.rows.assign(reason="no face found", image=-1)
    faceless = replace(explanations, frames=replace(frames, rows=rows))
    faceless.get_ready(str(frames.rows["frame_id"].iloc[IMAGE]), UNWATCHED)
