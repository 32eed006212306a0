"""What the card says of an answer: how much is left out, in words and as a warning on the picture itself."""

from csnviz.explain.results import Attribution

LARGEST_GAP = 0.05
"""A gap above this share of what there is to explain is said aloud: the colours then leave out that much."""


def leaves_much_out(attribution: Attribution) -> bool:
    """True where the colours must not be shown without a warning; never of a method that promises no sum."""
    return attribution.adds_up and attribution.relative_gap > LARGEST_GAP


def gap_words(attribution: Attribution) -> str:
    """How much an answer leaves out, that it does where that is much, and how many steps would mend it where that is known."""
    size = f"{abs(attribution.gap):.2f}"
    if not attribution.adds_up:
        return f"The parts together differ by {size} from what there is to explain: they work together, and need not add up."
    gap = f"Completeness gap {size} ({attribution.relative_gap:.1%})."
    return f"{gap} The colours leave that much out.{_mend(attribution)}" if leaves_much_out(attribution) else gap


def caution(attribution: Attribution) -> str:
    """A warning to stand on a coloured picture, "" where the colours account for what there is to explain."""
    if not leaves_much_out(attribution):
        return ""
    return f"⚠ {attribution.relative_gap:.0%} left out.{_mend(attribution)}"


def _mend(attribution: Attribution) -> str:
    steps = attribution.steps_that_mend
    return f" About {steps:,} steps would mend it." if steps else ""
