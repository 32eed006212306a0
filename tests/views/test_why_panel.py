import numpy as np
import pytest

from csnviz.explain.results import Attribution
from csnviz.views.source import MOVED, WHY_NCG
from csnviz.views.why_choices import WhyChoices
from csnviz.views.why_panel import WhyPanel


def nothing(*_) -> None:
    """Nobody listens."""


def panel(refusal: str) -> WhyPanel:
    return WhyPanel(WhyChoices(nothing, nothing), nothing, nothing, nothing, "", refusal)


def test_a_panel_that_may_not_answer_says_so_before_it_is_asked():
    refused = panel("Faces are hidden.")
    assert refused.button.disabled
    refused.question.value = MOVED
    assert "Faces are hidden." in refused._words.value


def test_a_panel_that_may_answer_says_what_the_colours_will_show():
    asking = panel("")
    assert not asking.button.disabled
    assert WHY_NCG.meaning in asking._words.value


@pytest.mark.parametrize(
    ("gap", "steps", "adds_up", "words"),
    [
        (0.02, None, True, "Completeness gap 0.02 (1.0%)."),
        (
            0.20,
            400,
            True,
            "Completeness gap 0.20 (10.0%). The colours leave that much out. About 400 steps would mend it.",
        ),
        (0.20, None, True, "Completeness gap 0.20 (10.0%). The colours leave that much out."),
        (0.90, None, False, "The parts together differ by 0.90 from what there is to explain: they work together"),
    ],
)
def test_a_panel_says_what_an_answer_leaves_out_and_what_would_mend_it(gap, steps, adds_up, words):
    asking, values = panel(""), np.zeros((3, 2, 2), np.float32)
    asking.show(WHY_NCG, Attribution(values, 9, "image", "why?", "made", "a face", 0.0, 2.0, gap, None, steps, adds_up))
    assert words in asking._words.value
    assert ("leave that much out" in asking._words.value) == (gap == 0.20)
