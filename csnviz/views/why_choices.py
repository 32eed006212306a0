"""What is asked and how: the question, the method, where it starts, and which colours are shown; each explains itself."""

from collections.abc import Callable

import ipywidgets

from csnviz.views.source import BLURRED_START, GRADIENTS, MEAN_START, MOVED, OCCLUSION, QUESTIONS, Question

METHODS = (("Integrated gradients", GRADIENTS), ("Occlusion by part", OCCLUSION))
STARTS = (("Mean face", MEAN_START), ("Blurred face", BLURRED_START))
BOTH, RAISES, LOWERS = "both", "raises", "lowers"
SIGNS = (("Raises and lowers", BOTH), ("What raises", RAISES), ("What lowers", LOWERS))

_METHOD_MEANS = {
    GRADIENTS: "Every pixel changes bit by bit from the start to this face; what each of them adds on the way is added up.",
    OCCLUSION: "One part of the face after another is replaced by the start; what the estimate loses is the part's.",
}
_START_MEANS = {
    MEAN_START: "The start is the mean resting face of the training people: nobody's glasses, wrinkles or beard.",
    BLURRED_START: "The start is the same face blurred: light, skin and pose stay, so that only detail counts.",
}
_MOVED_START = "The start is the person's own reference, so glasses, wrinkles and beards count for nothing."


class WhyChoices:
    """Choosers that `changed` and `shown_sign` are told of: the former when an answer would now be another, the latter when the
    same answer is to be coloured otherwise."""

    def __init__(self, changed: Callable[[], None], shown_sign: Callable[[], None]) -> None:
        self.question = _chooser("Why?", "csn-question", [(wording.ask, wording) for wording in QUESTIONS])
        self.method = _chooser("Method", "csn-why-method", METHODS)
        self.start = _chooser("Start", "csn-why-start", STARTS)
        self.sign = _chooser("Colours", "csn-why-sign", SIGNS)
        for chooser in (self.question, self.method, self.start):
            chooser.observe(lambda _: self._changed(changed), "value")
        self.sign.observe(lambda _: shown_sign(), "value")

    @property
    def meaning(self) -> str:
        """What the answer will show, and how it is found, in sentences."""
        moved = self.question.value is MOVED
        start = _MOVED_START if moved else _START_MEANS[self.start.value]
        return f"{self.question.value.meaning} {_METHOD_MEANS[self.method.value]} {start}"

    def question_about(self, au: int, frame_id: str, reference_id: str) -> Question:
        """The question as it is chosen, about one frame."""
        key = self.question.value.key
        return Question(key, au, frame_id, reference_id, start=self.start.value, algorithm=self.method.value)

    @property
    def in_a_link(self) -> str:
        """The question as it is chosen, in a word: its key, then the start and the method where they are not the usual ones."""
        unusual = {self.start: MEAN_START, self.method: GRADIENTS}
        return ",".join(
            [self.question.value.key, *(each.value for each, usual in unusual.items() if each.value != usual)]
        )

    def choose(self, link: str) -> bool:
        """Chooses what such a word names; False, and nothing is chosen, where this page does not know all of it."""
        key, *unusual = link.split(",")
        wording = next((each for each in QUESTIONS if each.key == key), None)
        if wording is None or not set(unusual) <= {BLURRED_START, OCCLUSION}:
            return False
        self.question.value = wording
        self.start.value = BLURRED_START if BLURRED_START in unusual else MEAN_START
        self.method.value = OCCLUSION if OCCLUSION in unusual else GRADIENTS
        return True

    def _changed(self, changed: Callable[[], None]) -> None:
        self.start.disabled = self.question.value is MOVED
        changed()


def _chooser(name: str, css: str, options: object) -> ipywidgets.Dropdown:
    chooser = ipywidgets.Dropdown(description=name, options=options)
    chooser.add_class(css)
    return chooser
