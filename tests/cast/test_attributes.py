import pytest

from csnviz.cast.attributes import NAMES, WORDS, Attributes, dosed, draw_attributes, from_words, in_words
from csnviz.errors import InputError


@pytest.mark.parametrize("name", NAMES)
def test_a_dose_changes_one_attribute_and_no_other(name: str) -> None:
    own = draw_attributes("C103")
    changed = dosed(own, name, 0.25)
    assert getattr(changed, name) == 0.25
    assert dosed(changed, name, getattr(own, name)) == own


@pytest.mark.parametrize("word", WORDS)
def test_a_word_says_what_a_face_carries_and_is_found_again(word: str) -> None:
    assert [said for said, there in in_words(from_words({word: 0.6})).items() if there] == [word]


def test_a_word_at_0_is_an_attribute_that_is_absent() -> None:
    assert from_words(dict.fromkeys(WORDS, 0.0)) == Attributes.none()
    assert not any(in_words(Attributes.none()).values())


@pytest.mark.parametrize(
    ("doses", "sentence"),
    [
        (
            {"wide brow-eye distance": 1.0, "narrow brow-eye distance": 0.5},
            "No face has 'wide brow-eye distance' and 'narrow",
        ),
        ({"low lip corners": 0.3, "pressed lips": 0.3}, "No face has 'low lip corners' and 'pressed lips' at once"),
        ({"moustache": 1.0}, "knows no attribute 'moustache'"),
        ({"eyeglasses": -0.5}, r"'eyeglasses' goes from 0 \(absent\) to 1; found -0.5"),
    ],
)
def test_what_no_face_carries_is_refused_in_one_sentence(doses: dict[str, float], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        from_words(doses)
