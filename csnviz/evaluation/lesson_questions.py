"""The twenty faces of the lesson and what is asked about each: who, carrying what, doing what.

Every face is asked about one unit of its upper half and one of its lower half, so that twenty faces hold forty questions. Each
condition (hooded lids under AU5, a lip line that rests down under AU15 ...) comes at least four times, and in half of its questions
the unit is absent: there only the trait is seen. Nobody but these faces is asked about, and nobody of them was trained on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from csnviz import facs
from csnviz.errors import InputError

PEOPLE_TOO, ONLY_NETWORKS = "people err too", "only networks err"
"""The two groups of arXiv 2409.00240: what FACS coders may also face without a neutral face (section 1, and Figure 2a, b), and what
misleads networks alone (Figure 2c, d)."""


@dataclass(frozen=True)
class Condition:
    """What a resting face has that can be taken for a unit. attribute: its name in the cast, "" for a trait of the person's own."""

    key: str
    au: int
    words: str
    attribute: str
    group: str

    @property
    def title(self) -> str:
        """As it is written in tables, such as "AU5, hooded lids"."""
        return f"AU{self.au}, {self.words}"


CONDITIONS = {
    each.key: each
    for each in (
        Condition("hooded", 5, "hooded lids", "hooded_lids", PEOPLE_TOO),
        Condition("open", 5, "wide open lids", "", PEOPLE_TOO),
        Condition("lips_up", 15, "lip line up", "", PEOPLE_TOO),
        Condition("lips_straight", 15, "lip line straight", "", PEOPLE_TOO),
        Condition("lips_down", 15, "lip line down", "resting_lip_line", PEOPLE_TOO),
        Condition("brows", 1, "brow height", "brow_eye_distance", PEOPLE_TOO),
        Condition("root", 4, "wrinkle at the nose root", "nose_root_wrinkle", PEOPLE_TOO),
        Condition("glasses", 9, "glasses", "eyeglasses", ONLY_NETWORKS),
        Condition("beard", 17, "beard", "chin_hair", ONLY_NETWORKS),
    )
}

# face, person, then for the upper and the lower half: condition, strength of the attribute, intensity drawn.
# Whose lids rest wide open and whose lip line rests up or straight is a trait of these people: lids of more than .130, corners
# higher than .018, and within .005 of straight (csnviz.cast.identity), which the tests hold.
_TABLE = """
 1  C671  open    0    0   lips_down      0.9  2
 2  C684  root    0.9  0   lips_up        0    0
 3  C615  hooded  0.9  3   glasses        0.9  0
 4  C662  brows   1.0  0   lips_straight  0    1
 5  C667  open    0    2   glasses        0.8  2
 6  C690  root    1.0  0   beard          0.9  0
 7  C603  brows  -0.9  3   lips_straight  0    0
 8  C713  hooded  0.8  0   lips_up        0    3
 9  C658  root    0.8  2   lips_down      0.9  0
10  C602  brows   0.9  0   beard          0.8  2
11  C726  open    0    4   lips_straight  0    0
12  C619  brows   0.9  1   lips_up        0    0
13  C630  hooded  1.0  0   lips_down      1.0  3
14  C696  open    0    0   glasses        0.9  0
15  C629  root    0.9  3   lips_straight  0    4
16  C657  brows  -0.8  4   beard          0.9  0
17  C695  root    0.9  0   lips_up        0    2
18  C607  hooded  0.9  2   glasses        0.9  4
19  C626  brows   1.0  0   lips_down      0.8  0
20  C710  root    0.9  5   beard          0.9  3
"""


@dataclass(frozen=True)
class Question:
    """One unit of one face. dose: how strong the attribute is (see `csnviz.cast.attributes`); drawn: the intensity, 0 to 5."""

    face: int
    condition: Condition
    dose: float
    drawn: float

    @property
    def au(self) -> int:
        """The unit that is asked about."""
        return self.condition.au

    @property
    def key(self) -> str:
        """Its name in files, such as "F03-AU05"."""
        return f"{face_id(self.face)}-{facs.au(self.au).column}"

    @property
    def truth(self) -> int:
        """The drawn intensity to the nearest letter, halves upwards: 0 absent, 1 to 5 = A to E."""
        return int(self.drawn + 0.5)


@dataclass(frozen=True)
class LessonFace:
    """One face: its number from 1, the drawn participant, and its two questions, upper half first."""

    number: int
    participant: str
    questions: tuple[Question, Question]

    @property
    def expression(self) -> dict[int, float]:
        """What the face does: intensity by AU number, units that are absent left out."""
        return {question.au: question.drawn for question in self.questions if question.drawn > 0}

    @property
    def worn(self) -> dict[str, float]:
        """What it carries at rest and in action alike: strength by attribute of the cast."""
        return {asked.condition.attribute: asked.dose for asked in self.questions if asked.condition.attribute}


def face_id(number: int) -> str:
    """A face's name in files: "F03"."""
    return f"F{number:02d}"


@cache
def lesson_faces() -> tuple[LessonFace, ...]:
    """The twenty faces in the order in which they are shown."""
    return tuple(_face(line.split()) for line in _TABLE.strip().splitlines())


def lesson_questions() -> tuple[Question, ...]:
    """The forty questions in the order in which they are asked."""
    return tuple(question for face in lesson_faces() for question in face.questions)


def question_named(key: str) -> Question:
    """The question with this key; InputError when the lesson asks no such thing."""
    for question in lesson_questions():
        if question.key == key:
            return question
    raise InputError(f"The lesson has no question {key!r}; its questions are named such as F03-AU05.")


def _face(cells: list[str]) -> LessonFace:
    number, participant = int(cells[0]), cells[1]
    upper, lower = _questions(number, cells[2:])
    return LessonFace(number, participant, (upper, lower))


def _questions(face: int, cells: list[str]) -> Iterator[Question]:
    for condition, dose, drawn in (cells[:3], cells[3:]):
        yield Question(face, CONDITIONS[condition], float(dose), float(drawn))
