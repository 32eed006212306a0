"""How much each part of a face adds to an estimate, as a table with signed bars."""

from collections.abc import Mapping

from csnviz.views.words import escape

MOST_PARTS = 8
"""Parts with a line of their own; the others are added up in the last line."""


def part_bars(by_part: Mapping[str, float]) -> str:
    """HTML: the parts by how much they add, whatever the sign, in intensity steps; bars to the right raise, to the left lower.

    Each line names its part, so that faces beside it (`csnviz.views.why_faces`) can outline the one pointed at.
    """
    lines = _lines(by_part)
    lowest, highest = min(0.0, *lines.values()), max(0.0, *lines.values())
    width = (highest - lowest) or 1.0
    rows = [
        _row(part, value, (min(value, 0.0) - lowest) / width, abs(value) / width, part in by_part)
        for part, value in lines.items()
    ]
    zero = f"{100 * -lowest / width:.1f}%"
    return (
        f'<table class="csn-parts" style="--csn-zero: {zero}"><caption>What each part of the face adds, '
        f"in intensity steps</caption><tbody>{''.join(rows)}</tbody></table>"
    )


def largest_parts(by_part: Mapping[str, float], count: int) -> tuple[str, ...]:
    """The parts that add or take most, the largest first; nothing of a part that does neither."""
    return tuple(part for part in sorted(by_part, key=lambda part: -abs(by_part[part])) if by_part[part])[:count]


def signed(value: float) -> str:
    """A share of an estimate with its sign and two decimals.

    >>> signed(1.493), signed(-0.2), signed(-0.001)
    ('+1.49', '−0.20', '0.00')
    """
    text = f"{abs(value):.2f}"
    return text if not float(text) else f"{'+' if value > 0 else '−'}{text}"


def _lines(by_part: Mapping[str, float]) -> dict[str, float]:
    shown = largest_parts(by_part, MOST_PARTS)
    rest = [value for part, value in by_part.items() if part not in shown]
    lines = {part: by_part[part] for part in shown}
    return {**lines, "the rest of the face": sum(rest)} if any(rest) else lines or {"the whole face": 0.0}


def _row(part: str, value: float, begin: float, length: float, alone: bool) -> str:
    mood = "csn-raises" if value > 0 else "csn-lowers"
    bar = f'<i class="{mood}" style="left: {100 * begin:.1f}%; width: {100 * length:.1f}%"></i>'
    name = escape(part.removeprefix("the "))
    line = f'<tr data-part="{escape(part)}">' if alone else "<tr>"
    return f'{line}<th scope="row">{name}</th><td class="csn-bar">{bar}</td><td>{signed(value)}</td></tr>'
