import csv
import io

from csnviz.evaluation.lesson_key import answers_csv, key_csv, key_page, scores_csv
from csnviz.evaluation.lesson_questions import lesson_faces, lesson_questions


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_key_has_one_line_for_each_question_with_truth_trait_and_group():
    key = rows(key_csv(lesson_faces()))
    assert len(key) == 40
    assert key[4] == {
        "question": "F03-AU05", "face": "F03", "participant": "C615", "au": "AU05", "condition": "hooded lids",
        "attribute": "hooded_lids", "strength": "0.9", "group": "people err too", "truth": "3",
    }  # fmt: skip
    assert key[0]["attribute"] == key[0]["strength"] == ""  # wide open lids are the person's own


def test_answers_stand_beside_the_truth_and_what_is_missing_is_empty():
    raters = {"blind": {"F01-AU05": 2}, "ncg": {"F01-AU05": 1.7149, "F01-AU15": float("nan")}}
    first, second, *_ = rows(answers_csv(lesson_faces(), raters))
    assert [first[name] for name in ("truth", "blind", "beside", "ncg", "csn")] == ["0", "2", "", "1.71", ""]
    assert [second[name] for name in ("truth", "blind", "ncg")] == ["2", "", ""]


def test_scores_are_counted_over_all_questions_and_in_each_group():
    truth = {question.key: question.truth for question in lesson_questions()}
    found = rows(scores_csv(lesson_questions(), {"blind": truth}))
    assert [(row["rater"], row["group"], row["exact"]) for row in found[:3]] == [
        ("blind", "all", "40"), ("blind", "people err too", "32"), ("blind", "only networks err", "8"),
    ]  # fmt: skip
    beside = found[3]
    assert (beside["rater"], beside["questions"], beside["weighted_kappa"], beside["icc31"]) == ("beside", "0", "", "")


def test_the_printed_key_holds_both_pictures_of_every_face_and_every_truth_and_asks_nobody_for_anything():
    page = key_page(lesson_faces(), {face.number: (b"rest", b"acting") for face in lesson_faces()})
    assert page.count("data:image/jpeg;base64,cmVzdA==") == page.count("data:image/jpeg;base64,YWN0aW5n") == 20
    assert page.count("<li>") == 40
    assert "<li>AU5, hooded lids: 3 (C)</li>" in page
    assert "http://" not in page
    assert "https://" not in page
