import pytest

from csnviz.data.lesson_answers import LessonAnswers
from csnviz.errors import InputError
from csnviz.evaluation.lesson_questions import lesson_faces
from csnviz.views.lesson_coding import CodingSheet


class Sheet:
    """A coding sheet, and what it kept, told and sent."""

    def __init__(self, answers: LessonAnswers | None = None) -> None:
        self.kept, self.changed, self.sent = [], [], []
        self.widget = CodingSheet(
            lesson_faces(), lambda face: (b"neutral", b"face %d" % face), answers or LessonAnswers(), self.kept.append,
            self.changed.append,
        )  # fmt: skip
        self.widget.send = lambda content, buffers: self.sent.append((content, buffers))

    def hears(self, **message) -> None:
        self.widget._handle_custom_msg(message, [])

    def answers(self, answer: object, key: str = "F01-AU05", at: str = "blind") -> None:
        self.hears(type="answer", at=at, key=key, answer=answer)


def test_each_answer_is_kept_at_once_and_may_be_changed_within_its_pass():
    sheet = Sheet()
    sheet.answers(3)
    sheet.answers(2)
    sheet.answers(0, "F20-AU17")
    assert sheet.kept[-1].given == {"blind": {"F01-AU05": 2, "F20-AU17": 0}, "beside": {}} == sheet.widget.given
    assert len(sheet.kept) == 3


def test_after_the_first_pass_its_answers_stand_and_after_the_second_all_do():
    sheet = Sheet()
    sheet.answers(3)
    sheet.hears(type="go on", at="blind")
    sheet.answers(5)  # late
    sheet.answers(1, at="beside")
    sheet.hears(type="go on", at="blind")  # pressed twice
    assert (sheet.widget.at, [each.at for each in sheet.changed]) == ("beside", ["beside"])
    sheet.hears(type="go on", at="beside")
    sheet.answers(5, at="beside")
    sheet.answers(5, at="finished")
    assert sheet.widget.at == "finished"
    assert sheet.widget.answers.given == {"blind": {"F01-AU05": 3}, "beside": {"F01-AU05": 1}}


@pytest.mark.parametrize(
    ("answer", "key"), [(6, "F01-AU05"), (-1, "F01-AU05"), (True, "F01-AU05"), ("3", "F01-AU05"), (3, "F01-AU12")]
)
def test_what_is_no_answer_to_a_question_of_the_lesson_is_passed_over(answer, key):
    sheet = Sheet()
    sheet.answers(answer, key)
    assert (sheet.kept, sheet.widget.given) == ([], {"blind": {}, "beside": {}})


def test_no_neutral_face_is_sent_before_the_second_pass():
    sheet = Sheet()
    sheet.hears(type="picture", face=7)
    assert sheet.widget.artist.wait(20.0)
    sheet.hears(type="go on", at="blind")
    sheet.hears(type="picture", face=7)
    sheet.hears(type="picture", face=21)
    assert sheet.widget.artist.wait(20.0)
    assert sheet.sent == [
        ({"type": "picture", "face": 7, "at": "blind"}, [b"face 7"]),
        ({"type": "picture", "face": 7, "at": "beside"}, [b"face 7", b"neutral"]),
    ]


def test_what_the_browser_has_before_the_end_holds_no_truth():
    sheet = Sheet()
    with pytest.raises(InputError, match="not finished"):
        sheet.widget.tell({"F01-AU05": "True: 0"})
    state = str(sheet.widget.get_state(["faces", "told", "at", "given"]))
    assert not [word for word in ("truth", "drawn", "hooded", "condition", "True:") if word in state]


def test_what_was_kept_before_is_there_again():
    sheet = Sheet(LessonAnswers("beside", {"blind": {"F01-AU05": 4}, "beside": {}}))
    assert (sheet.widget.at, sheet.widget.given["blind"]) == ("beside", {"F01-AU05": 4})


def test_an_answer_that_could_not_be_kept_stays_on_the_page_and_the_page_says_so():
    def full(answers: LessonAnswers) -> None:
        raise OSError("No space left on device")

    widget = CodingSheet(lesson_faces(), lambda face: (b"", b""), LessonAnswers(), full, lambda answers: None)
    widget._handle_custom_msg({"type": "answer", "at": "blind", "key": "F01-AU05", "answer": 3}, [])
    assert widget.given["blind"] == {"F01-AU05": 3}
    assert "could not be kept: No space left on device" in widget.trouble
