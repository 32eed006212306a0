import io
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from csnviz import lesson_faces
from csnviz.cast.attributes import Attributes
from csnviz.evaluation.lesson_questions import lesson_faces as faces
from csnviz.lesson_faces import Artist, DrawnPair, draw_expressions, draw_pair


@pytest.fixture(scope="module")
def bearded() -> DrawnPair:
    """Face 10: high brows and a beard; AU17 at 2, AU1 absent."""
    return draw_pair(faces()[9])


def test_a_face_and_its_neutral_differ_where_the_unit_acts_and_carry_the_same(bearded):
    rest, acting = (np.asarray(Image.open(io.BytesIO(each)), float) for each in (bearded.neutral, bearded.face))
    assert rest.shape == (384, 384, 3)
    changed = np.abs(rest - acting).mean(axis=2)
    assert changed[240:330].mean() > 2 * changed[60:150].mean()  # the chin, not the brows
    bare, _ = draw_expressions("C602", Attributes.none(), [{}], 384)[0]
    beard = np.abs(rest - bare.astype(float)).mean(axis=2)
    assert beard[270:330, 150:240].mean() > 20  # both are bearded: the neutral one is unlike the bare face


def test_networks_get_crops_of_both(bearded):
    assert bearded.neutral_crop.shape == bearded.face_crop.shape == (112, 112, 3)
    assert (bearded.neutral_crop != bearded.face_crop).any()


def test_a_played_face_is_drawn_once(monkeypatch):
    drawn = []

    def draw(participant, attributes, expressions, size):
        drawn.append((participant, expressions))
        return [(np.zeros((8, 8, 3), np.uint8), np.zeros((68, 2)))]

    monkeypatch.setattr(lesson_faces, "draw_expressions", draw)
    artist = Artist(faces())
    first = artist.played("C601", {4: 3.0, 5: 0.0})
    assert artist.played("C601", {4: 3.0}) is first
    assert drawn == [("C601", [{4: 3.0}])]


def test_whoever_waits_for_a_face_gets_it_before_those_that_are_drawn_ahead(monkeypatch):
    begun, go_on, order = threading.Event(), threading.Event(), []

    def draw(face):
        order.append(face.number)
        begun.set()
        assert go_on.wait(20)
        return DrawnPair(b"", b"", np.zeros((112, 112, 3), np.uint8), np.zeros((112, 112, 3), np.uint8))

    monkeypatch.setattr(lesson_faces, "draw_pair", draw)
    artist = Artist(faces())
    ahead = threading.Thread(target=artist.ahead, args=([1, 2, 3],))
    ahead.start()
    assert begun.wait(20)
    waiting = threading.Thread(target=artist.pair, args=(3,))
    waiting.start()
    while not artist._waiting:
        pass
    go_on.set()
    for each in (waiting, ahead):
        each.join(20)
    assert order == [1, 3, 2]


def test_what_is_drawn_already_waits_for_nobody(monkeypatch):
    pair = DrawnPair(b"", b"", np.zeros((112, 112, 3), np.uint8), np.zeros((112, 112, 3), np.uint8))
    monkeypatch.setattr(lesson_faces, "draw_pair", lambda face: pair)
    monkeypatch.setattr(
        lesson_faces, "draw_expressions", lambda *_: [(np.zeros((8, 8, 3), np.uint8), np.zeros((68, 2)))]
    )
    artist = Artist(faces())
    first, played = artist.pair(2), artist.played("C601", {4: 3.0})
    with artist._turn(0), ThreadPoolExecutor(1) as other:  # as if another face were being drawn
        assert other.submit(artist.pair, 2).result(20) is first
        assert other.submit(artist.played, "C601", {4: 3.0}).result(20) is played
