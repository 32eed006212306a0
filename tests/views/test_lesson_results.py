from csnviz.evaluation.lesson_questions import lesson_questions
from csnviz.evaluation.lesson_scores import LessonScore
from csnviz.views.lesson_results import results_html, sentences, told

NAN = float("nan")


def of(n: int, exact: int, absent: int, seen: int) -> LessonScore:
    return LessonScore(n, exact, n, absent, seen, NAN, NAN)


def test_the_gain_of_the_student_stands_beside_that_of_the_networks():
    scores = {
        "blind": of(32, 12, 16, 9),
        "beside": of(32, 20, 16, 2),
        "ncg": of(32, 15, 16, 7),
        "csn": of(32, 14, 16, 2),
    }
    same, seen = sentences(scores)
    assert same == (
        "The same letter as the truth: you in 12 of 32 alone and 20 of 32 beside the neutral (8 more); "
        "the networks in 15 of 32 (NCG) and 14 of 32 (CSN) (1 fewer)."
    )
    assert seen == (
        "Where nothing was drawn, something was seen: by you in 9 of 16 alone and 2 of 16 beside the neutral; "
        "by the networks in 7 of 16 (NCG) and 2 of 16 (CSN)."
    )


def test_no_gain_is_claimed_between_different_numbers_of_answers():
    scores = {"blind": of(30, 12, 16, 9), "beside": of(32, 20, 16, 2), "ncg": of(0, 0, 0, 0), "csn": of(0, 0, 0, 0)}
    same, seen = sentences(scores)
    assert "(–, not the same number answered)" in same
    assert "– (0 answers) (NCG)" in same
    assert "– (0 absent) (CSN)" in seen


def test_both_groups_and_all_conditions_are_in_the_page_and_undefined_is_a_dash_with_its_count():
    page = results_html(lesson_questions(), {"blind": {"F01-AU05": 0}})
    assert page.count('data-rater="') == 8
    assert page.count('data-condition="') == 9
    assert "<td>1 of 1</td><td>1 of 1</td><td>0 of 1</td><td>– (1 answer)</td><td>– (1 answer)</td>" in page


def test_what_was_true_is_told_with_everybodys_answer():
    raters = {"blind": {"F03-AU05": 1}, "beside": {}, "ncg": {"F03-AU05": 1.65}, "csn": {"F03-AU05": 1.82}}
    assert told(lesson_questions(), raters)["F03-AU05"] == (
        "True: 3 (C), with hooded lids.\nYou: 1 (A) alone, no answer beside the neutral.\nNetworks: 1.6 (NCG), 1.8 (CSN)."
    )
