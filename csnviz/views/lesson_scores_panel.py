"""The last step of the lesson: scores, and what can be taken along as files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ipywidgets

from csnviz.data.lesson_answers import FINISHED, PASSES, LessonAnswers
from csnviz.evaluation.lesson_key import answers_csv, key_csv, key_page, scores_csv
from csnviz.evaluation.lesson_questions import lesson_faces, lesson_questions
from csnviz.evaluation.lesson_scores import CSN, NCG, Answers
from csnviz.views.download import Download
from csnviz.views.latest_only import LatestOnly
from csnviz.views.lesson_coding import Pictures
from csnviz.views.lesson_results import results_html, told
from csnviz.views.words import escape

NOT_YET = "Both passes of step 3 come first: the scores, and what was true, are here after that."


@dataclass(frozen=True)
class NetworkAnswers:
    """What the networks say to the lesson's questions, by key."""

    ncg: Answers
    csn: Answers


class ScoresPanel:
    """Shows the scores of finished answers. tell: called with what each question's answer is shown with.

    estimates: asks the networks, in a thread. pictures: what the printed key shows.
    """

    def __init__(
        self,
        estimates: Callable[[], NetworkAnswers],
        pictures: Pictures,
        tell: Callable[[Mapping[str, str]], None],
        begin_again: Callable[[], None],
    ) -> None:
        self._estimates, self._pictures, self._tell = estimates, pictures, tell
        self._raters: dict[str, Answers] = {}
        self._words = ipywidgets.HTML()
        self._files = Download()
        self._files.add_class("csn-hidden")
        self.worker = LatestOnly(self._say, self._fail)
        buttons = [
            _button("My answers (csv)", lambda: self._offer("answers", answers_csv(lesson_faces(), self._raters))),
            _button("My scores (csv)", lambda: self._offer("scores", scores_csv(lesson_questions(), self._raters))),
            _button("The key (csv)", lambda: self._offer("key", key_csv(lesson_faces()))),
            _button("The key (to print)", self._offer_page),
            _button("Begin again", begin_again),
        ]
        self._buttons = ipywidgets.HBox(buttons)
        self._buttons.add_class("csn-lesson-files")
        self._busy = ipywidgets.HTML()
        self.widget = ipywidgets.VBox([self._buttons, self._busy, self._words, self._files])
        self.widget.add_class("csn-scores")
        self._empty()

    def show(self, answers: LessonAnswers) -> None:
        """The scores of these answers, once the networks have said theirs; a sentence while they are not finished."""
        self._empty()
        if answers.at == FINISHED:
            mine = {each: answers.given[each] for each in PASSES}
            words = "The networks are reading the faces."
            self.worker.submit("scores", words, lambda watch: self._estimates(), lambda found: self._score(mine, found))

    def _empty(self) -> None:
        self._raters = {}
        self._buttons.add_class("csn-away")
        self._words.value = f'<p class="csn-not-yet">{NOT_YET}</p>'

    def _score(self, mine: Mapping[str, Answers], found: NetworkAnswers) -> None:
        self._raters = {**mine, NCG: found.ncg, CSN: found.csn}
        self._words.value = results_html(lesson_questions(), self._raters)
        self._buttons.remove_class("csn-away")
        self._tell(told(lesson_questions(), self._raters))

    def _offer(self, what: str, text: str) -> None:
        self._files.offer(f"csnviz-lesson-{what}.csv", text.encode(), "text/csv")

    def _offer_page(self) -> None:
        self.worker.submit(
            "key",
            "Laying out the key.",
            lambda watch: key_page(
                lesson_faces(), {face.number: self._pictures(face.number) for face in lesson_faces()}
            ),
            lambda page: self._files.offer("csnviz-lesson-key.html", page.encode(), "text/html"),
        )

    def _say(self, words: str) -> None:
        self._busy.value = f'<span class="csn-spinner"></span>{escape(words)}' if words else ""

    def _fail(self, sentence: str) -> None:
        self._words.value = f'<p class="csn-cautions" role="alert">{escape(sentence)}</p>'


def _button(words: str, act: Callable[[], None]) -> ipywidgets.Button:
    button = ipywidgets.Button(description=words)
    button.on_click(lambda _: act())
    return button
