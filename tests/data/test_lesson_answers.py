import stat

import pytest

from csnviz.data.lesson_answers import AnswerFile, LessonAnswers
from csnviz.errors import InputError

SOME = LessonAnswers("beside", {"blind": {"F01-AU05": 2, "F01-AU15": 0}, "beside": {"F01-AU05": 1}})


def test_answers_come_back_as_they_were_kept_in_a_file_of_their_owner_alone(tmp_path):
    file = AnswerFile.under(tmp_path)
    assert file.read() == LessonAnswers("blind", {"blind": {}, "beside": {}})
    file.keep(SOME)
    assert AnswerFile.under(tmp_path).read() == SOME
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_answers_put_aside_leave_room_for_the_next_student_and_are_still_there(tmp_path):
    file = AnswerFile.under(tmp_path)
    file.keep(SOME)
    text = file.path.read_text()
    file.put_aside()
    assert file.read() == LessonAnswers()
    [aside] = file.path.parent.glob("answers *.json")
    assert aside.read_text() == text
    file.put_aside()  # there is nothing to put aside


@pytest.mark.parametrize("text", ["{", "[]", '{"at": "blind", "given": {"blind": {}}}', '{"at": "late", "given": {}}'])
def test_a_damaged_file_is_named_in_a_sentence(tmp_path, text):
    file = AnswerFile.under(tmp_path)
    file.path.parent.mkdir()
    file.path.write_text(text)
    with pytest.raises(InputError, match=r"answers\.json: the answers kept cannot be read .* move it away"):
        file.read()


@pytest.mark.parametrize("answer", [6, -1])
def test_an_answer_that_no_coder_gives_is_refused(answer):
    with pytest.raises(InputError, match=f"F01-AU05: an answer is a whole number from 0 to 5; found {answer}"):
        LessonAnswers("blind", {"blind": {"F01-AU05": answer}, "beside": {}})
