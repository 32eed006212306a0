"""Where the page begins: with what a link names, else where its source says, else with the first of everything."""

from dataclasses import replace

import numpy as np

from csnviz.data.tables import FrameTable
from csnviz.errors import InputError
from csnviz.views.page_state import GUEST, PageState
from csnviz.views.selection import Selection
from csnviz.views.source import Case, Source


def opening(source: Source, state: PageState) -> tuple[Selection, str]:
    """What is selected first, and a sentence about what in the link is not here ("" where all is).

    A part that is not here is passed over, so that a link to something else still opens a page.
    """
    frames, missing = source.frames, []
    participant, au = source.opening or (frames.participants[0], frames.aus.numbers[0])
    camera, row = frames.cameras(participant)[0], 0
    if state.frame:
        try:
            participant, camera, row = place_of(frames, state.frame)
        except InputError:
            missing.append(f"the frame {state.frame}")
    if state.au and state.au not in frames.aus.numbers:
        missing.append(f"AU{state.au}")
    if state.reference and not _is_of(frames, state.reference, participant, camera):
        missing.append(f"the reference {state.reference}")
    if state.case and case_named(source, state.case) is None:
        missing.append(f"the case {state.case!r}")
    au = state.au if state.au in frames.aus.numbers else au
    chosen = Selection(
        participant=participant, camera=camera, row=row, au=au, calibrated=state.calibrated, cut=state.cut
    )
    chosen.set_trait("errors", state.errors)
    chosen.set_trait("guest", state.page == GUEST)
    words = (
        f"This link names {' and '.join(missing)}, which this page does not have. Everything else is shown."
        if missing
        else ""
    )
    return chosen, words


def reference_asked(source: Source, state: PageState, selection: Selection) -> str:
    """The reference that a link names for the person looked at first; "" where it names none of theirs."""
    theirs = _is_of(source.frames, state.reference, selection.participant, selection.camera)
    return state.reference if theirs else ""


def _is_of(frames: FrameTable, frame_id: str, participant: str, camera: str) -> bool:
    rows = frames.rows[frames.rows["frame_id"] == frame_id]
    return bool(((rows["participant"] == participant) & (rows["camera"] == camera) & (rows["reason"] == "")).any())


def place_of(frames: FrameTable, frame_id: str) -> tuple[str, str, int]:
    """The participant, the camera, and the place among that person's frames before that camera; InputError when it is not here."""
    row = frames.row_of(frame_id)
    participant, camera = (str(frames.rows[name].iloc[row]) for name in ("participant", "camera"))
    theirs = np.asarray((frames.rows["participant"] == participant) & (frames.rows["camera"] == camera))
    return participant, camera, int(theirs[:row].sum())


def case_named(source: Source, name: str) -> Case | None:
    """A case of the menu by its name."""
    return next((case for case in source.cases if case.name == name), None)


def state_of(selection: Selection, frame_id: str, case: Case | None, view: str, compare: str, why: str) -> PageState:
    """What a link to the page says; a tab that is not there in the guest's page is left out, with what it shows."""
    state = PageState(
        frame=frame_id,
        reference=selection.reference,
        au=selection.au,
        calibrated=selection.calibrated,
        cut=round(selection.cut, 2),
        tab="" if selection.tab == "curves" else selection.tab,
        why=why,
        errors=selection.errors,
        view="" if view == "face" else view,
        compare="" if compare == "beside" else compare,
        case=case.name if case else "",
    )
    return replace(state, page=GUEST, tab="", why="", errors="") if selection.guest else state
