"""What counts as an error: one rule for tables, timelines and sentences, told from a label and one method's estimate alone."""

from typing import Any

FALSE_POSITIVE, FALSE_NEGATIVE, OVERESTIMATED = "false positive", "false negative", "overestimate"
KINDS = (FALSE_POSITIVE, FALSE_NEGATIVE, OVERESTIMATED)

OVERESTIMATE = 1.0
"""An overestimate: label 0 and an estimate of at least this (a trace, in FACS words)."""


def kinds_of(label: Any, estimate: Any, present: Any) -> dict[str, Any]:
    """Whether, or where, an estimate errs, by kind; False wherever the label or the estimate is unknown (NaN).

    false positive: label < present <= estimate. false negative: estimate < present <= label. overestimate: label 0 and
    estimate >= 1, so that one frame may be a false positive too. Numbers, or arrays that fit together; present: from which
    intensity an action unit counts as present (see `AU.present_from`).

    >>> [kind for kind, errs in kinds_of(0.0, 2.5, 2.0).items() if errs]
    ['false positive', 'overestimate']
    >>> any(kinds_of(float("nan"), 4.0, 2.0).values())
    False
    """
    return {
        FALSE_POSITIVE: (label < present) & (estimate >= present),
        FALSE_NEGATIVE: (estimate < present) & (label >= present),
        OVERESTIMATED: (label == 0) & (estimate >= OVERESTIMATE),
    }
