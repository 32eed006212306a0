"""Who, which camera, which action unit, with or without the reference, and where next: the row of choosers on top."""

from collections.abc import Callable

import ipywidgets

from csnviz.facs import AUSet
from csnviz.views.case_menu import CaseMenu
from csnviz.views.selection import Selection
from csnviz.views.viewer import OF_FRAME


class Choosers:
    """Widgets that read and write a selection; `next_run` is called by the button that leads to the next overestimate."""

    def __init__(
        self,
        selection: Selection,
        participants: tuple[str, ...],
        aus: AUSet,
        next_run: Callable[[], None],
        cases: CaseMenu,
    ) -> None:
        self.participant = ipywidgets.Dropdown(description="Participant", options=participants)
        self.camera = ipywidgets.Dropdown(description="Camera", options=[selection.camera], value=selection.camera)
        units = [(unit.title, unit.number) for unit in aus.units]
        self.au = ipywidgets.Dropdown(description="Action unit", options=units)
        self.calibrated = ipywidgets.Checkbox(description="Calibrate on the reference", indent=False)
        self._next = ipywidgets.Button(description="Next overestimate", disabled=True)
        self._next.on_click(lambda _: next_run())
        self._next.add_class(OF_FRAME)
        self._linked = [(selection, "participant", self.participant), (selection, "camera", self.camera)]
        self._linked += [(selection, "au", self.au), (selection, "calibrated", self.calibrated)]
        for owner, name, widget in self._linked:
            ipywidgets.link((owner, name), (widget, "value"))
        parts = {"participant": self.participant, "camera": self.camera, "au": self.au, "next": self._next}
        for name, widget in {**parts, "switch": self.calibrated}.items():
            widget.add_class(f"csn-{name}")
        self.camera.add_class(OF_FRAME)  # the same moment, seen from the other side
        chosen = [cases.list, self.participant, self.camera, self.au, self._next, self.calibrated]
        self.widget = ipywidgets.HBox(chosen)
        self.widget.add_class("csn-choosers")

    def offer_cameras(self, cameras: tuple[str, ...], chosen: str) -> None:
        """The cameras of another participant."""
        if tuple(self.camera.options) != cameras:
            self.camera.options = cameras
        self.camera.value = chosen
        self.camera.disabled = len(cameras) < 2

    def offer_runs(self, count: int, labelled: bool) -> None:
        """How many overestimates there are to go to; without labels nothing can be called one."""
        self._next.disabled = count == 0
        nothing = "No overestimate" if labelled else "No human labels"
        self._next.description = f"Next overestimate ({count})" if count else nothing
        meaning = "runs of frames with human label 0 where the non-calibrated estimate is 1 (a trace, A) or more"
        self._next.tooltip = (
            meaning if labelled else "there are no human labels, so nothing can be called an overestimate"
        )
