import json
import threading
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from csnviz import lesson, places
from csnviz.evaluation.lesson_questions import lesson_faces
from csnviz.inference.networks import Networks
from csnviz.lesson_faces import GUIDE, Artist, DrawnPair
from csnviz.models.heads import intensity
from csnviz.models.images import images_of


@pytest.fixture
def artist(monkeypatch) -> Iterator[Artist]:
    """Draws noise in no time: other noise for each of twenty faces and neutrals."""

    def draw(face):
        crops = np.random.default_rng(face.number).integers(0, 256, (2, 112, 112, 3), dtype=np.uint8)
        return DrawnPair(b"rest", b"acting", *crops)

    monkeypatch.setattr("csnviz.lesson_faces.draw_pair", draw)
    monkeypatch.setattr(
        "csnviz.lesson_faces.draw_expressions", lambda *_: [(np.zeros((8, 8, 3), np.uint8), np.zeros((68, 2)))]
    )
    monkeypatch.setattr(lesson, "OPENING", 0.0)
    yield Artist(lesson_faces())
    for thread in threading.enumerate():
        if thread.name == "csnviz lesson":
            thread.join(20)  # who still draws ahead must not do so in earnest


def test_ncg_is_asked_about_each_face_alone_and_csn_beside_its_neutral(artist):
    found = lesson.network_answers(Artist(lesson_faces()[:4]), places.checkpoints())
    networks, pair, question = Networks.load(), artist.pair(4), lesson_faces()[3].questions[1]
    column = networks.ncg.config.aus.index(question.au)
    rest, acting = (images_of(crop[None], networks.ncg.device) for crop in (pair.neutral_crop, pair.face_crop))
    with torch.no_grad():
        ncg = intensity(networks.ncg.network.eval()(acting), 12)[0, column]
        csn = networks.csn.csn
        beside = intensity(csn.decode(csn.difference(csn.encode(rest), csn.encode(acting))), 12)[0, column]
    assert found.ncg["F04-AU15"] == pytest.approx(float(ncg), abs=1e-3)
    assert found.csn["F04-AU15"] == pytest.approx(float(beside), abs=1e-3)
    assert list(found.ncg) == list(found.csn) == [each.key for face in lesson_faces()[:4] for each in face.questions]


def test_answers_are_kept_under_the_data_root_and_met_again(artist, tmp_path):
    where = {"CSNVIZ_DATA_ROOT": str(tmp_path)}
    lesson.lesson_page(where).coding._handle_custom_msg(
        {"type": "answer", "at": "blind", "key": "F01-AU05", "answer": 4}, []
    )
    assert json.loads((tmp_path / "lesson" / "answers.json").read_text())["given"]["blind"] == {"F01-AU05": 4}
    assert lesson.lesson_page(where).coding.given["blind"] == {"F01-AU05": 4}


def test_where_nothing_may_be_kept_nothing_is_and_the_page_says_so(artist, tmp_path):
    page = lesson.lesson_page({"CSNVIZ_DATA_ROOT": str(tmp_path), "CSNVIZ_READ_ONLY": "1"})
    page.coding._handle_custom_msg({"type": "answer", "at": "blind", "key": "F01-AU05", "answer": 4}, [])
    assert page.coding.given["blind"] == {"F01-AU05": 4}
    assert not (tmp_path / "lesson").exists()
    assert lesson.NOT_KEPT in page.page.children[1].children[0].value


def test_answers_that_cannot_be_read_become_a_sentence_in_place_of_the_page(tmp_path):
    (tmp_path / "lesson").mkdir()
    (tmp_path / "lesson" / "answers.json").write_text("{")
    shown = lesson.open_lesson({"CSNVIZ_DATA_ROOT": str(tmp_path)})
    assert "role='alert'" in shown.value
    assert "answers.json" in shown.value


def test_the_command_writes_the_key_as_csv_and_to_print(artist, tmp_path, capsys):
    lesson.main(["--key", str(tmp_path / "class")])
    said = capsys.readouterr().out.split()
    assert [name.rpartition("/")[2] for name in said] == ["key.csv", "key.html"]
    assert len((tmp_path / "class" / "key.csv").read_text().splitlines()) == 41
    assert (tmp_path / "class" / "key.html").read_text().count("<section>") == 20


def test_what_the_guide_shows_first_is_drawn_before_anybody_asks_and_before_the_faces_to_code(
    artist, tmp_path, monkeypatch
):
    drawn = []

    def draw_pair(face):
        drawn.append(face.number)
        return DrawnPair(b"", b"", np.zeros((112, 112, 3), np.uint8), np.zeros((112, 112, 3), np.uint8))

    def draw_expressions(participant, attributes, expressions, size):
        drawn.append((participant, *expressions))
        return [(np.zeros((8, 8, 3), np.uint8), np.zeros((68, 2)))]

    monkeypatch.setattr("csnviz.lesson_faces.draw_pair", draw_pair)
    monkeypatch.setattr("csnviz.lesson_faces.draw_expressions", draw_expressions)
    page = lesson.lesson_page({"CSNVIZ_DATA_ROOT": str(tmp_path)})
    for thread in threading.enumerate():
        if thread.name == "csnviz lesson":
            thread.join(20)
    assert drawn == [(GUIDE, {}), (GUIDE, {page.guide.units[0]["number"]: 3.0}), *range(1, 21)]
