"""A face that is played: one slider for each action unit, and what the face then looks like beside its neutral."""

from pathlib import Path

from csnviz.views.lesson_drawing import DrawnOnDemand


class PlayedFace(DrawnOnDemand):
    """Twelve sliders from 0 to E; arrow keys and the keys 0 to 5 move the one that has the focus."""

    _esm = Path(__file__).parent / "lesson_play.js"
