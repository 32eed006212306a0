"""What the lesson found, in words and tables: a student's gain from the neutral face beside the networks'. Numbers in, HTML out."""

import math
from collections.abc import Mapping, Sequence

from csnviz.evaluation.lesson_key import letter_words
from csnviz.evaluation.lesson_questions import CONDITIONS, ONLY_NETWORKS, PEOPLE_TOO, Question
from csnviz.evaluation.lesson_scores import BESIDE, BLIND, CSN, NCG, Answers, LessonScore, by_condition, by_group
from csnviz.views.words import escape, number

RATERS = {
    BLIND: "You, face alone",
    BESIDE: "You, beside the neutral",
    NCG: "NCG, face alone",
    CSN: "CSN, beside the neutral",
}
HEADINGS = {
    PEOPLE_TOO: "People err too: lids, lip lines, brows, wrinkles",
    ONLY_NETWORKS: "Only networks err: glasses, beards",
}
_COLUMNS = ("same letter", "at most one off", "seen, though absent", "kappa", "ICC")


def results_html(questions: Sequence[Question], raters: Mapping[str, Answers]) -> str:
    """Both groups, each with its sentences and table, and a table of all conditions."""
    scores = {rater: by_group(questions, raters.get(rater, {})) for rater in RATERS}
    parts = []
    for group, heading in HEADINGS.items():
        of_group = {rater: found[group] for rater, found in scores.items()}
        said = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences(of_group))
        parts.append(f"<section><h2>{escape(heading)}</h2>{group_table(heading, of_group)}{said}</section>")
    return f'<div class="csn-results">{"".join(parts)}{_conditions_table(questions, raters)}{_NOTE}</div>'


def sentences(scores: Mapping[str, LessonScore]) -> tuple[str, ...]:
    """What the neutral face was worth to the student and to the networks, in one group."""
    you, networks = _gain(scores[BLIND], scores[BESIDE]), _gain(scores[NCG], scores[CSN])
    same = (
        f"The same letter as the truth: you in {_exact(scores[BLIND])} alone and {_exact(scores[BESIDE])} beside the "
        f"neutral ({you}); the networks in {_exact(scores[NCG])} (NCG) and {_exact(scores[CSN])} (CSN) ({networks})."
    )
    seen = (
        f"Where nothing was drawn, something was seen: by you in {_of_absent(scores[BLIND])} alone and "
        f"{_of_absent(scores[BESIDE])} beside the neutral; by the networks in {_of_absent(scores[NCG])} (NCG) and "
        f"{_of_absent(scores[CSN])} (CSN)."
    )
    return same, seen


def group_table(heading: str, scores: Mapping[str, LessonScore]) -> str:
    """One row for each rater; what is undefined is a dash, with the count of answers beside it."""
    head = "".join(f'<th scope="col">{column}</th>' for column in ("", *_COLUMNS))
    rows = "".join(
        f'<tr data-rater="{rater}"><th scope="row">{RATERS[rater]}</th>'
        + "".join(f"<td>{cell}</td>" for cell in score_cells(found))
        + "</tr>"
        for rater, found in scores.items()
    )
    return f'<table aria-label="{escape(heading)}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def score_cells(found: LessonScore) -> tuple[str, ...]:
    """The cells of one rater.

    >>> score_cells(LessonScore(n=4, exact=2, near=3, absent=1, seen=1, kappa=0.857, icc=float("nan")))
    ('2 of 4', '3 of 4', '1 of 1', '0.86', '– (4 answers)')
    """
    counts = (_exact(found), _near(found), _of_absent(found))
    return (*counts, _agreement(found.kappa, found.n), _agreement(found.icc, found.n))


def told(questions: Sequence[Question], raters: Mapping[str, Answers]) -> dict[str, str]:
    """What was true of each question and what everybody said, in three lines, by its key."""
    return {question.key: _told(question, raters) for question in questions}


_NOTE = (
    "<p class=\"csn-note\">kappa: Cohen's, quadratic weights, over the letters; the networks' estimates to the nearest letter. "
    "ICC: ICC(3,1), over the estimates as they are. NCG: a network that sees the face alone; CSN: one that compares it with the "
    "neutral. Invented people, and networks trained on drawings: for teaching, no evidence about people.</p>"
)


def _told(question: Question, raters: Mapping[str, Answers]) -> str:
    answers = [raters.get(rater, {}).get(question.key) for rater in (BLIND, BESIDE)]
    alone, beside = ("no answer" if answer is None else letter_words(int(answer)) for answer in answers)
    ncg, csn = (number(float(raters.get(rater, {}).get(question.key, math.nan))) for rater in (NCG, CSN))
    return (
        f"True: {letter_words(question.truth)}, with {question.condition.words}.\n"
        f"You: {alone} alone, {beside} beside the neutral.\nNetworks: {ncg} (NCG), {csn} (CSN)."
    )


def _conditions_table(questions: Sequence[Question], raters: Mapping[str, Answers]) -> str:
    found = {rater: by_condition(questions, raters.get(rater, {})) for rater in RATERS}
    head = "".join(f'<th scope="col">{words}</th>' for words in ("same letter", *RATERS.values()))
    rows = "".join(
        f'<tr data-condition="{key}"><th scope="row">{escape(CONDITIONS[key].title)}</th>'
        + "".join(f"<td>{_exact(found[rater][key])}</td>" for rater in RATERS)
        + "</tr>"
        for key in found[BLIND]
    )
    return (
        '<section><h2>By what could mislead</h2><table aria-label="same letter by what could mislead">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _gain(before: LessonScore, after: LessonScore) -> str:
    """How many more were right; a dash where not all the same were answered.

    >>> _gain(LessonScore(4, 1, 2, 2, 1, 0.0, 0.0), LessonScore(4, 3, 4, 2, 0, 0.0, 0.0))
    '2 more'
    """
    more = after.exact - before.exact
    if before.n != after.n or not before.n:
        return "–, not the same number answered" if before.n != after.n else "–"
    return f"{abs(more)} {'more' if more > 0 else 'fewer'}" if more else "no more, no fewer"


def _exact(found: LessonScore) -> str:
    return f"{found.exact} of {found.n}" if found.n else "– (0 answers)"


def _near(found: LessonScore) -> str:
    return f"{found.near} of {found.n}" if found.n else "– (0 answers)"


def _of_absent(found: LessonScore) -> str:
    return f"{found.seen} of {found.absent}" if found.absent else f"– ({found.absent} absent)"


def _agreement(value: float, n: int) -> str:
    answers = f"{n} answer{'' if n == 1 else 's'}"
    return f"– ({answers})" if math.isnan(value) else f"{value:.2f}".replace("-", "−")
