"""The curves of an evidence file: an SVG that needs no plotting library, the same on screen and on paper.

Colours and dashes are classes of evidence.css, so that the drawing follows the theme and needs no inline style.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float32

from csnviz.evaluation.runs import Filmed, joined
from csnviz.views.figures import HIGHEST, LOWEST
from csnviz.views.methods import CSN, ESTIMATORS, LABEL, NCG, Method
from csnviz.views.stretches import Stretch
from csnviz.views.words import error_of, escape

WIDTH, HEIGHT = 1000, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 988.0, 26.0, 236.0
_TIERS = {NCG.key: 268, CSN.key: 286}
_TIER = 12

TOO_HIGH, TOO_LOW = "high", "low"


def curves_svg(stretch: Stretch) -> str:
    """The label as steps, the estimates as lines; beneath, where NCG and CSN err; gaps where there is no face."""
    x = frame_places(stretch)
    ends = f"{stretch.unit.title}, {stretch.span}: curves of the human label and three methods"
    parts = [
        f'<svg id="curves" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(ends)}">',
        _HATCHES,
        *_axes(stretch, x),
        *_no_face(stretch, x),
        *_reference(stretch, x),
        *_area(stretch.column(LABEL.key), x),
        *(f'<path class="line {m.key}" d="{_line(stretch.column(m.key), x)}"/>' for m in ESTIMATORS),
        *(mark for method in ESTIMATORS for mark in _beyond(method, stretch.column(method.key), x)),
        *(mark for method in (NCG, CSN) for mark in _tier(stretch, method, x)),
        f'<line id="cursor" x1="{x[stretch.at]:.1f}" x2="{x[stretch.at]:.1f}" y1="{_TOP}" y2="{_TIERS[CSN.key] + _TIER}"/>',
        "</svg>",
    ]
    return "".join(parts)


def frame_places(stretch: Stretch) -> Float32[np.ndarray, " N"]:
    """Where each frame lies in the drawing, from left to right."""
    numbers = stretch.numbers.astype(np.float32)
    length = max(float(numbers[-1] - numbers[0]), 1.0)
    return (_LEFT + 10 + (numbers - numbers[0]) / length * (_RIGHT - _LEFT - 20)).astype(np.float32)


def errors(stretch: Stretch, method: Method) -> tuple[str, ...]:
    """What a method gets wrong in each frame, "" where nothing."""
    pairs = zip(stretch.column(LABEL.key), stretch.column(method.key), strict=True)
    return tuple(error_of(stretch.unit, float(label), float(value), stretch.papers.cut) for label, value in pairs)


def runs(found: Bool[np.ndarray, " N"], numbers: np.ndarray) -> Iterator[tuple[int, int]]:
    """First and last place of each run: gaps of at most 5 frames joined, as everywhere in csnviz."""
    in_order = np.arange(len(found))
    each = joined(found[:, None], Filmed(in_order, np.zeros_like(in_order), numbers))
    yield from zip(each.row[each.start].tolist(), each.row[each.end].tolist(), strict=True)


_HATCHES = (
    '<defs><pattern id="hatch-high" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="hatch-ground high" width="6" height="6"/><rect class="hatch high" width="2.4" height="6"/></pattern>'
    '<pattern id="hatch-low" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">'
    '<rect class="hatch-ground low" width="6" height="6"/><rect class="hatch low" width="2.4" height="6"/></pattern></defs>'
)


def _y(value: float) -> float:
    return _BOTTOM - (min(max(value, LOWEST), HIGHEST) - LOWEST) / (HIGHEST - LOWEST) * (_BOTTOM - _TOP)


def _axes(stretch: Stretch, x: np.ndarray) -> Iterator[str]:
    for value, name in zip(np.linspace(-1, 5, 7), ("−1", "0", "1 A", "2 B", "3 C", "4 D", "5 E"), strict=True):
        y = _y(value)
        yield f'<line class="grid{" zero" if value == 0 else ""}" x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="tick" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{name}</text>'
    numbers = stretch.numbers
    for wanted in _ticks(int(numbers[0]), int(numbers[-1])):
        place = float(np.interp(wanted, numbers, x))
        yield f'<text class="tick" x="{place:.1f}" y="{_BOTTOM + 17}" text-anchor="middle">{wanted}</text>'
    yield f'<text class="tick" x="{_RIGHT}" y="{HEIGHT - 6}" text-anchor="end">frame</text>'


def _ticks(first: int, last: int) -> list[int]:
    """At most a dozen round frame numbers."""
    step = next(s * 10**power for power in range(9) for s in (1, 2, 5) if (last - first) / (s * 10**power) <= 11)
    return list(range(-(-first // step) * step, last + 1, step))


def _area(values: Float32[np.ndarray, " N"], x: np.ndarray) -> Iterator[str]:
    """The label as a flight of steps over a tinted ground."""
    for first, last in _known(values):
        steps = " ".join(f"H{x[i]:.1f} V{_y(float(values[i])):.1f}" for i in range(first + 1, last + 1))
        start = f"{x[first]:.1f} {_y(float(values[first])):.1f}"
        yield f'<path class="ground label" d="M{x[first]:.1f} {_y(0.0):.1f} L{start} {steps} H{x[last]:.1f} V{_y(0.0):.1f} Z"/>'
        yield f'<path class="line label" d="M{start} {steps}"/>'


def _line(values: Float32[np.ndarray, " N"], x: np.ndarray) -> str:
    parts = []
    for first, last in _known(values):
        points = " L".join(f"{x[i]:.1f} {_y(float(values[i])):.1f}" for i in range(first, last + 1))
        parts.append(f"M{points}" + (" h0.1" if first == last else ""))  # a single frame is a dot
    return "".join(parts)


def _known(values: Float32[np.ndarray, " N"]) -> Iterator[tuple[int, int]]:
    """First and last place of each stretch without NaN."""
    known = np.concatenate(([False], ~np.isnan(values), [False])).astype(np.int8)
    edges = np.flatnonzero(np.diff(known))
    yield from zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True)


def _beyond(method: Method, values: Float32[np.ndarray, " N"], x: np.ndarray) -> Iterator[str]:
    """Triangles at the edge for estimates beyond the axis."""
    for i in np.flatnonzero((values > HIGHEST) | (values < LOWEST)):
        tip, foot = (_TOP - 7, _TOP - 1) if values[i] > HIGHEST else (_BOTTOM + 7, _BOTTOM + 1)
        title = f"<title>{escape(method.short)} {values[i]:.1f}, beyond the axis</title>"
        yield f'<path class="beyond {method.key}" d="M{x[i]:.1f} {tip} l-4 {foot - tip} h8 Z">{title}</path>'


def _no_face(stretch: Stretch, x: np.ndarray) -> Iterator[str]:
    half = (x[1] - x[0]) / 2 if len(x) > 1 else 3.0
    for i, reason in enumerate(stretch.reasons):
        if reason:
            where = f'x="{x[i] - half:.1f}" width="{max(2 * half, 2):.1f}" y="{_TOP}" height="{_BOTTOM - _TOP}"'
            yield f'<rect class="no-face" {where}><title>frame {stretch.numbers[i]}: {escape(reason)}</title></rect>'


def _reference(stretch: Stretch, x: np.ndarray) -> Iterator[str]:
    """A dotted line at the reference, or an arrow towards it where it lies outside the stretch."""
    reference, numbers = stretch.reference, stretch.numbers
    if reference is None:
        return
    if numbers[0] <= reference.number <= numbers[-1]:
        place = float(np.interp(reference.number, numbers, x))
        end = place > (_LEFT + _RIGHT) / 2
        yield f'<line class="reference" x1="{place:.1f}" x2="{place:.1f}" y1="{_TOP - 4}" y2="{_BOTTOM}"/>'
        yield _words("reference", place + (-5 if end else 5), "end" if end else "start")
    elif reference.number < numbers[0]:
        yield _words(f"← reference: frame {reference.number}", _LEFT, "start")
    else:
        yield _words(f"reference: frame {reference.number} →", _RIGHT, "end")


def _words(text: str, x: float, anchor: str) -> str:
    return f'<text class="reference" x="{x:.1f}" y="{_TOP - 9}" text-anchor="{anchor}">{text}</text>'


def _tier(stretch: Stretch, method: Method, x: np.ndarray) -> Iterator[str]:
    """One strip of a method's errors: too high and too low, hatched in opposite directions."""
    if np.isnan(stretch.column(method.key)).all():
        return
    y, found = _TIERS[method.key], np.array(errors(stretch, method), dtype=object)
    yield f'<rect class="tier" x="{_LEFT}" width="{_RIGHT - _LEFT}" y="{y}" height="{_TIER}"/>'
    yield f'<text class="tick" x="{_LEFT - 8}" y="{y + 10}" text-anchor="end">{escape(method.short)}</text>'
    low = found == "false negative"
    for kind, mask, name in (
        (TOO_HIGH, (found != "") & ~low, "false positive or overestimate"),
        (TOO_LOW, low, "false negative"),
    ):
        for first, last in runs(np.asarray(mask, bool), stretch.numbers):
            words = f"{method.short}: {name}, frames {stretch.numbers[first]}–{stretch.numbers[last]}"
            where = f'x="{x[first] - 2:.1f}" width="{x[last] - x[first] + 4:.1f}" y="{y}" height="{_TIER}"'
            yield f'<rect class="run {kind}" fill="url(#hatch-{kind})" {where}><title>{words}</title></rect>'
