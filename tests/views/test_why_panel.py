from csnviz.views.source import MOVED, WHY_NCG
from csnviz.views.why_panel import WhyPanel


def panel(refusal: str) -> WhyPanel:
    return WhyPanel(lambda _: None, lambda _: None, "", refusal)


def test_a_panel_that_may_not_answer_says_so_before_it_is_asked():
    refused = panel("Faces are hidden.")
    assert refused.button.disabled
    refused.question.value = MOVED
    assert "Faces are hidden." in refused._words.value


def test_a_panel_that_may_answer_says_what_the_colours_will_show():
    asking = panel("")
    assert not asking.button.disabled
    assert WHY_NCG.meaning in asking._words.value
