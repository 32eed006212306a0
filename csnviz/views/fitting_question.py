"""Which question explains an error: what fired, what the reference did to it, or what only one of the networks sees."""

from csnviz.evaluation.error_kinds import FALSE_NEGATIVE
from csnviz.evaluation.error_runs import CREATED, LOST, REMOVED
from csnviz.views.source import CANCELLED, DIFFERENCE, WHY_NCG, Wording


def fitting_question(kind: str, what: str, compared: bool) -> Wording:
    """The question for a run of errors of this kind, of which calibration made what; compared: there is a reference.

    An error that the reference brought, or a miss that it mended, is asked of the reference; what it lost, of the difference
    between the networks; everything else of NCG.

    >>> fitting_question("overestimate", "removed", True).key, fitting_question("false negative", "lost", True).key
    ('why_ncg', 'difference')
    """
    if not compared:
        return WHY_NCG
    if what == LOST:
        return DIFFERENCE
    mended = what == REMOVED and kind == FALSE_NEGATIVE
    return CANCELLED if what == CREATED or mended else WHY_NCG
