"""The page's whole state as a few words that go into a link, and back: what a link or a saved view opens."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from urllib.parse import parse_qsl, quote, urlencode

from csnviz.errors import InputError
from csnviz.facs import PAPER_CUT

GUEST = "guest"
_LONGEST = 400
"""No name in a link is longer; what is, is not ours."""


@dataclass(frozen=True)
class PageState:
    """What a link says about the page; an empty part means "as the page would begin by itself".

    frame and reference: frame ids, which name the source, the participant and the camera too. au: a FACS number, 0 = not said.
    calibrated: whether the reference is used. cut: from which intensity an action unit counts as present. tab: what the lower half
    shows. why: the question whose answer is shown (see `WhyChoices.in_a_link`). errors: the docket's filter. view and compare: how
    the face is seen (see `FaceViewer`). case: a case of the menu by its name. page: "guest" for one case alone.
    """

    frame: str = ""
    reference: str = ""
    au: int = 0
    calibrated: bool = False
    cut: float = PAPER_CUT
    tab: str = ""
    why: str = ""
    errors: str = ""
    view: str = ""
    compare: str = ""
    case: str = ""
    page: str = ""

    @property
    def query(self) -> str:
        """The state as the part of an address behind the question mark, without what is as usual.

        >>> PageState(frame="cast/C112/front/0047", au=17, calibrated=True, page="guest").query
        'frame=cast/C112/front/0047&au=17&calibrated=1&page=guest'
        """
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        told = {name: _text(value) for name, value in said.items() if value != getattr(AS_USUAL, name)}
        return urlencode(told, quote_via=quote, safe="/:,.@ ").replace(" ", "+")


AS_USUAL = PageState()


def state_named(query: str | Mapping[str, str]) -> PageState:
    """The state that a link's query names; what belongs to others (such as a token) is passed over.

    InputError names the first part that cannot be understood.
    """
    said = dict(parse_qsl(query, keep_blank_values=True)) if isinstance(query, str) else dict(query)
    known = {name: value for name, value in said.items() if name in {each.name for each in fields(PageState)}}
    for name, value in known.items():
        if len(value) > _LONGEST:
            raise InputError(
                f"This link's {name} is {len(value)} characters long, so it is damaged. Copy the link again."
            )
    texts = {name: value for name, value in known.items() if name not in ("au", "calibrated", "cut")}
    return PageState(
        **texts,
        au=_whole(known.get("au", "0")),
        calibrated=known.get("calibrated", "") in ("1", "true"),
        cut=_cut(known.get("cut", str(PAPER_CUT))),
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise InputError(
            f"This link names the action unit {text!r}; an action unit is a number such as 12. Copy the link again."
        )
    return int(text)


def _cut(text: str) -> float:
    try:
        cut = float(text)
    except ValueError:
        cut = float("nan")
    if not 0 < cut <= 5:
        raise InputError(
            f"This link names the cut {text!r}; a cut is an intensity above 0 and at most 5. Copy the link again."
        )
    return cut
