"""What a person does on the workbench and sees of it, told for the tests in which somebody walks through it."""

import re

TABS = ("curves", "timeline", "errors", "why", "references", "export")
FIRST = "frame 0 · 0.00 s"
"""The reference that both people begin with."""

CONTROLS = """() => [...document.querySelectorAll('.csn-page :is(button, select, input, summary, a[href], [tabindex="0"])')].filter(
  (e) => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && !e.classList.contains('csn-viewer'))"""


def tab(screen, key: str) -> None:
    screen.page.click(f'.csn-tabs [data-tab="{key}"]')
    on_tab(screen, key)


def on_tab(screen, key: str) -> None:
    screen.wait(
        """k => document.querySelector(`.csn-tabs [data-tab="${k}"]`).ariaSelected === 'true'
        && [...document.querySelectorAll('.csn-tab-panel:not(.csn-away)')].every((e) => e.matches(`.csn-tab-${k}`))""",
        key,
    )


def state(page) -> dict[str, str]:
    """What a person sees of the page's state."""
    read = """() => {
      const text = (s) => document.querySelector(s)?.textContent.replaceAll('\\u00a0', ' ');
      const option = (s) => text(s + ' select option:checked');
      return {person: option('.csn-participant'), unit: option('.csn-au'), reference: option('.csn-reference-list'),
        frame: text('.csn-where'), calibrated: document.querySelector('.csn-switch input').checked, sentence: text('.csn-sentence'),
        numbers: [...document.querySelectorAll('.csn-tile output')].map((e) => e.textContent).join(' '),
        tab: text('.csn-tabs [aria-selected="true"]'), listed: text('[data-shown]'), cut: text('.csn-cut output'),
        compared: document.querySelector('.csn-viewer').dataset.compare}
    }"""
    return page.evaluate(read)


def use_reference(screen, words: str) -> None:
    screen.page.select_option(".csn-reference-list select", words)


def meet(screen, who: str) -> None:
    """Chooses a participant and waits for their face: a leap before that would be among the former one's frames."""
    screen.page.select_option(".csn-participant select", who)
    screen.soon(lambda: same(screen.bars(0)[0], "AB".index(who)))


def says(screen, words: str) -> None:
    screen.wait("w => document.querySelector('.csn-sentence').textContent.includes(w)", words)


def listed(screen, count: int) -> None:
    screen.wait("n => document.querySelector('.csn-docket-list').ariaRowCount === String(n + 1)", count)


def cells(page, row: str) -> dict[str, str]:
    read = "r => Object.fromEntries([...r.querySelectorAll('[data-column]')].map((c) => [c.dataset.column, c.textContent]))"
    return page.eval_on_selector(row, read)


def row(place: int) -> str:
    return f'.csn-docket-row[data-place="{place}"]'


def frame_shown(page) -> int:
    return number_in(state(page)["frame"])


def number_in(words: str) -> int:
    return int(re.search(r"frame (\d+)", words).group(1))


def same(found: object, wanted: object) -> None:
    assert found == wanted, f"{found!r} is not {wanted!r}"


def within(found: int, first: int, last: int) -> None:
    assert first <= found <= last


def leads_to(screen, place: int) -> dict[str, str]:
    """Waits until the run in this row of the docket is what is looked at, numbers and all; what the row says."""
    page = screen.page
    page.wait_for_selector(f'{row(place)}[aria-current="true"]')
    at = cells(page, row(place))
    first, last = (int(frame) for frame in (at["first"].split("–") * 2)[:2])
    screen.soon(lambda: same((state(page)["person"], state(page)["unit"]), (at["participant"], at["au"])))
    # The frame looked at before may lie in the run, too; its worst frame is where the row leads.
    screen.soon(lambda: same(state(page)["frame"].split(" · ")[1], at["seconds"]))
    within(frame_shown(page), first, last)
    screen.wait(
        "() => document.querySelector('.csn-tiles').dataset.row === document.querySelector('[data-frame]').value"
    )
    return at
