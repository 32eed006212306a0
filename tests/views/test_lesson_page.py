import pytest

from csnviz.data.lesson_answers import LessonAnswers
from csnviz.evaluation.lesson_questions import lesson_questions
from csnviz.views.lesson_page import LessonPage, LessonSource
from csnviz.views.lesson_scores_panel import NOT_YET, NetworkAnswers

TRUTH = {question.key: float(question.truth) for question in lesson_questions()}
NOTHING = {key: 0 for key in TRUTH}


def lesson(kept: LessonAnswers, aside: list[str] | None = None) -> LessonPage:
    return LessonPage(
        LessonSource(
            guide=lambda expression: b"", player=lambda expression: b"", pictures=lambda face: (b"rest", b"acting"),
            estimates=lambda: NetworkAnswers(TRUTH, TRUTH), kept=kept, keep=lambda answers: None,
            put_aside=None if aside is None else lambda: aside.append("aside"), note="Invented people.",
        )
    )  # fmt: skip


@pytest.fixture
def finished() -> LessonPage:
    """Somebody answered 0 to everything alone, and saw everything beside the neutral."""
    given = {"blind": NOTHING, "beside": {key: int(value) for key, value in TRUTH.items()}}
    page = lesson(LessonAnswers("finished", given), [])
    assert page.scores.worker.wait(20.0)
    return page


def words(page: LessonPage) -> str:
    return page.scores.widget.children[2].value


def test_before_the_end_there_are_no_scores_no_key_and_no_files():
    page = lesson(LessonAnswers())
    assert NOT_YET in words(page)
    assert "csn-away" in page.scores.widget.children[0]._dom_classes
    assert page.coding.told == {}


def test_a_lesson_that_was_finished_before_opens_with_its_scores_and_what_was_true(finished):
    assert "you in 16 of 32 alone and 32 of 32 beside the neutral (16 more)" in words(finished)
    assert finished.coding.told["F03-AU05"].startswith("True: 3 (C), with hooded lids.\nYou: 0 alone, 3 (C) beside")


def test_going_on_after_the_second_pass_leads_to_the_scores():
    page = lesson(LessonAnswers("beside", {"blind": {}, "beside": {}}))
    page.coding._handle_custom_msg({"type": "go on", "at": "beside"}, [])
    assert page.scores.worker.wait(20.0)
    assert page.tabs.row.chosen == "scores"
    assert "– (0 answers)" in words(page)


def test_files_are_offered_by_name(finished):
    offered = []
    finished.scores._files.offer = lambda name, content, kind: offered.append((name, content.decode().splitlines()[0]))
    for button in finished.scores.widget.children[0].children[:4]:
        button.click()
    assert finished.scores.worker.wait(20.0)
    assert [name for name, _ in offered] == [
        "csnviz-lesson-answers.csv", "csnviz-lesson-scores.csv", "csnviz-lesson-key.csv", "csnviz-lesson-key.html",
    ]  # fmt: skip
    assert offered[0][1].endswith("truth,blind,beside,ncg,csn")


def test_beginning_again_empties_the_sheet_and_hides_the_truth(finished):
    finished.scores.widget.children[0].children[4].click()
    assert (finished.coding.at, finished.coding.given, finished.coding.told) == (
        "blind",
        {"blind": {}, "beside": {}},
        {},
    )
    assert NOT_YET in words(finished)
    assert finished.tabs.row.chosen == "code"
