"""The lesson's page: four steps in one place, large enough for the back row. It is handed callables and draws nothing itself."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import ipywidgets

from csnviz.data.lesson_answers import FINISHED, LessonAnswers
from csnviz.evaluation.lesson_questions import lesson_faces
from csnviz.views.layout import STYLE, box
from csnviz.views.lesson_coding import CodingSheet, Pictures
from csnviz.views.lesson_drawing import Draw
from csnviz.views.lesson_guide import GuideSheet
from csnviz.views.lesson_play import PlayedFace
from csnviz.views.lesson_scores_panel import NetworkAnswers, ScoresPanel
from csnviz.views.tabs import Tab, Tabs
from csnviz.views.words import escape

LESSON_STYLE = Path(__file__).parent / "lesson.css"
QUESTION = "Can you see it without the neutral face?"


@dataclass(frozen=True)
class LessonSource:
    """What the page needs. guide, player: draw the person who shows the units, and the one who is played. pictures: of a face that
    is coded. estimates: the networks' answers. kept: answers of before. keep, put_aside: None where nothing can be kept.
    note: what has to be said of these people and of what is kept."""

    guide: Draw
    player: Draw
    pictures: Pictures
    estimates: Callable[[], NetworkAnswers]
    kept: LessonAnswers
    keep: Callable[[LessonAnswers], None] | None
    put_aside: Callable[[], None] | None
    note: str


class LessonPage:
    """Look at the units, play them, code twenty faces twice, and see the scores. `page` is what a notebook shows."""

    def __init__(self, source: LessonSource) -> None:
        self._put_aside = source.put_aside
        self.guide, self.played = GuideSheet(source.guide), PlayedFace(source.player)
        self.coding = CodingSheet(lesson_faces(), source.pictures, source.kept, source.keep, self._changed)
        self.scores = ScoresPanel(source.estimates, source.pictures, self.coding.tell, self._begin_again)
        parts = [
            # In boxes: what an anywidget is told of its classes after it was drawn does not reach the browser's element.
            Tab("units", "1 Units", box(ipywidgets.VBox, "csn-step", self.guide)),
            Tab("play", "2 Play", box(ipywidgets.VBox, "csn-step", self.played)),
            Tab("code", "3 Code", box(ipywidgets.VBox, "csn-step", self.coding)),
            Tab("scores", "4 Scores", self.scores.widget),
        ]
        self.tabs = Tabs(parts, "steps of the lesson")
        style = ipywidgets.HTML(f"<style>{STYLE.read_text('utf-8')}{LESSON_STYLE.read_text('utf-8')}</style>")
        style.add_class("csn-style")
        title = ipywidgets.HTML(f"<h1>{QUESTION}</h1><p>{escape(source.note)}</p>")
        title.add_class("csn-lesson-title")
        head = box(ipywidgets.HBox, "csn-lesson-head", title, self.tabs.row)
        self.page = box(ipywidgets.VBox, "csn-page csn-lesson", style, head, *self.tabs.panels)
        self.scores.show(source.kept)

    def _changed(self, answers: LessonAnswers) -> None:
        self.scores.show(answers)
        if answers.at == FINISHED:
            self.tabs.row.chosen = "scores"

    def _begin_again(self) -> None:
        if self._put_aside is not None:
            self._put_aside()
        self.coding.begin_again()
        self.tabs.row.chosen = "code"
