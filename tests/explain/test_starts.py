import json

import numpy as np
import pytest
from PIL import Image

from csnviz.errors import InputError
from csnviz.explain.starts import blurred, mean_neutral, save_mean_neutral


@pytest.fixture
def saved(tmp_path):
    faces = np.stack([np.full((112, 112, 3), shade, np.uint8) for shade in (10, 20, 60)])
    save_mean_neutral(tmp_path / "mean.png", faces, "the mean of three grey faces")
    return tmp_path / "mean.png"


def test_the_mean_neutral_face_comes_back_with_its_words(saved):
    start = mean_neutral(saved)
    assert np.array_equal(start.crop, np.full((112, 112, 3), 30, np.uint8))
    assert start.words == "the mean of three grey faces"
    assert json.loads(saved.with_suffix(".json").read_text())["faces"] == 3


def test_another_picture_in_its_place_is_noticed(saved):
    Image.fromarray(np.full((112, 112, 3), 31, np.uint8)).save(saved)
    with pytest.raises(InputError, match=r"mean\.png: this is not the mean neutral face"):
        mean_neutral(saved)


@pytest.mark.parametrize("spoil", [lambda p: p.unlink(), lambda p: p.with_suffix(".json").unlink()])
def test_a_missing_file_is_named(saved, spoil):
    spoil(saved)
    with pytest.raises(InputError, match=r"mean\.png: no mean neutral face.*Reinstall"):
        mean_neutral(saved)


@pytest.mark.parametrize("beside", ["", "[]", "{}", '{"words": "w"}'])
def test_an_unreadable_side_car_is_named(saved, beside):
    saved.with_suffix(".json").write_text(beside)
    with pytest.raises(InputError, match=r"mean\.png"):
        mean_neutral(saved)


def test_blurring_keeps_the_light_and_takes_the_glasses():
    face = np.full((112, 112, 3), 180, np.uint8)
    face[45:47, 20:92] = 0  # the rims of a pair of glasses
    soft = blurred(face).crop
    assert abs(int(soft.mean()) - int(face.mean())) <= 2
    assert soft.min() > 160
    assert soft.shape == face.shape


def test_the_mean_of_no_faces_is_refused(tmp_path):
    with pytest.raises(InputError, match="no resting face"):
        save_mean_neutral(tmp_path / "mean.png", np.zeros((0, 112, 112, 3), np.uint8), "nobody")
    assert not list(tmp_path.iterdir())
