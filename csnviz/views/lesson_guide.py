"""The guide sheet of the lesson: each action unit beside the same person's neutral face, at the intensity chosen, A to E."""

from pathlib import Path

from csnviz.views.lesson_drawing import DrawnOnDemand


class GuideSheet(DrawnOnDemand):
    """A list of units; arrow keys move in it, keys 1 to 5 choose the intensity."""

    _esm = Path(__file__).parent / "lesson_guide.js"
