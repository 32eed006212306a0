from csnviz.views.source import BLURRED_START, CANCELLED, GRADIENTS, MEAN_START, MOVED, OCCLUSION, WHY_NCG
from csnviz.views.why_choices import LOWERS, WhyChoices


def test_a_question_is_asked_as_it_is_chosen():
    choices = WhyChoices(lambda: None, lambda: None)
    usual = choices.question_about(9, "P1/3", "P1/0")
    assert (usual.key, usual.start, usual.algorithm) == (WHY_NCG.key, MEAN_START, GRADIENTS)
    choices.question.value, choices.method.value, choices.start.value = CANCELLED, OCCLUSION, BLURRED_START
    asked = choices.question_about(9, "P1/3", "P1/0")
    assert (asked.key, asked.start, asked.algorithm) == (CANCELLED.key, BLURRED_START, OCCLUSION)
    assert (asked.au, asked.frame_id, asked.reference_id) == (9, "P1/3", "P1/0")


def test_a_choice_goes_into_a_link_and_comes_back():
    choices = WhyChoices(lambda: None, lambda: None)
    assert choices.in_a_link == "why_ncg"
    for link in ("cancelled,blurred,occlusion", "difference,occlusion", "why_ncg"):
        assert choices.choose(link)
        assert choices.in_a_link == link
    for unknown in ("", "why_not", "why_ncg,sideways"):
        assert not choices.choose(unknown)
        assert choices.in_a_link == "why_ncg"


def test_every_choice_explains_itself_and_what_moved_has_no_choice_of_a_start():
    choices = WhyChoices(lambda: None, lambda: None)
    said = {choices.meaning}
    choices.method.value = OCCLUSION
    said.add(choices.meaning)
    choices.start.value = BLURRED_START
    said.add(choices.meaning)
    assert len(said) == 3
    choices.question.value = MOVED
    assert choices.start.disabled
    assert "the person's own reference" in choices.meaning
    choices.question.value = WHY_NCG
    assert not choices.start.disabled


def test_other_signs_colour_the_same_answer_and_other_choices_ask_for_another():
    changed, coloured = [], []
    choices = WhyChoices(lambda: changed.append(1), lambda: coloured.append(1))
    choices.sign.value = LOWERS
    assert (changed, coloured) == ([], [1])
    choices.method.value = OCCLUSION
    assert (changed, coloured) == ([1], [1])
