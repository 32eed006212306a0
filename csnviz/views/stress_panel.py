"""The stress lab on the page: who, which frame, which attribute at which dose and on which face, and what the methods say."""

import base64
from collections.abc import Callable

import ipywidgets
import numpy as np
import pandas as pd

from csnviz.facs import AUSet
from csnviz.facs import au as unit_of
from csnviz.views.bias_effects import NO_LINES, Effects, effects_figure, effects_layout, effects_traces
from csnviz.views.latest_only import LatestOnly
from csnviz.views.layout import box
from csnviz.views.live_plot import LivePlot
from csnviz.views.methods import ESTIMATORS
from csnviz.views.slider import Slider
from csnviz.views.stress import WORN, Dosed, Lab, Preset, Stressed
from csnviz.views.stress_figure import Moved, moved_figure, moved_layout, moved_traces, nothing_moved
from csnviz.views.words import escape, label_text, number

WAITING = "Choose a case, or a person, a frame and an attribute."
_OWN = "no case"


class StressPanel:
    """`widget` stands on the page. Every change asks the lab in the networks' thread; only the newest is answered.

    worst: the number of the frame in which NCG overestimates a participant's AU most, None where nobody knows yet.
    """

    def __init__(self, lab: Lab, aus: AUSet, networks: LatestOnly, worst: Callable[[str, int], int | None]) -> None:
        self._lab, self._networks, self._worst, self._aus = lab, networks, worst, aus
        self._au, self._quiet, self._shown = 0, False, nothing_moved(aus)
        self._choosers()
        self.faces, self.words = _html("csn-stress-faces"), _html("csn-stress-words")
        self.words.value = f'<p class="csn-note">{WAITING}</p>'
        self.chart = LivePlot(
            moved_figure(self._shown), "Estimates with and without what the face carries", "csn-moved"
        )
        self.crowd = LivePlot(
            effects_figure(self._effects(NO_LINES, 0)), "How far estimates of several people moved", "csn-crowd"
        )
        self.crowd_words = _html("csn-crowd-words")
        top = box(ipywidgets.HBox, "csn-choosers", self.preset, self.person, self.attribute, self.worn)
        doses = box(ipywidgets.HBox, "csn-choosers csn-doses", self.frame, self.dose)
        seen = box(ipywidgets.VBox, "csn-card csn-stress-seen", self.faces, self.words)
        moved = box(ipywidgets.VBox, "csn-card csn-stress-moved", self.chart.ground)
        row = box(ipywidgets.HBox, "csn-stress-row", seen, moved)
        people = box(ipywidgets.HBox, "csn-choosers", self.everybody, self.crowd_words)
        self.widget = box(
            ipywidgets.VBox, "csn-stress", top, doses, row, box(ipywidgets.VBox, "csn-card", people, self.crowd.ground)
        )  # fmt: skip
        for part in (self.person, self.attribute, self.worn, self.dose, self.frame):
            part.observe(lambda _: self._changed(), "value")
        self.preset.observe(lambda change: self._open(change["new"]), "value")
        self.everybody.on_click(lambda _: self._ask_everybody())

    def _choosers(self) -> None:
        lab = self._lab
        presets = [("Choose a case", _OWN), *((preset.name, preset) for preset in lab.presets)]
        self.preset = ipywidgets.Dropdown(description="Case", options=presets)
        self.person = ipywidgets.Dropdown(description="Participant", options=lab.people)
        self.attribute = ipywidgets.Dropdown(description="Attribute", options=lab.attributes)
        self.worn = ipywidgets.Dropdown(description="Worn on", options=WORN)
        self.frame = Slider(label="Frame", min=0.0, max=float(lab.frames - 1), step=1.0, value=0.0)
        self.dose = Slider(
            label="Dose", min=0.0, max=1.0, step=0.05, value=1.0, meaning="0 = off, 1 = as strong as it is drawn"
        )
        self.everybody = ipywidgets.Button(description="Over a handful of people")
        self.everybody.tooltip = "the same attribute, dose and place on the calm frame of several people"
        for name, part in {
            "preset": self.preset,
            "dose": self.dose,
            "stress-frame": self.frame,
            "worn": self.worn,
        }.items():
            part.add_class(f"csn-{name}")

    @property
    def asked(self) -> Dosed:
        """What the choosers say."""
        return Dosed(self.person.value, round(self.frame.value), self.attribute.value, self.dose.value, self.worn.value)

    def _open(self, preset: Preset | str) -> None:
        """Goes to a case: the attribute as strong as it is drawn, on the image and the reference, as in life."""
        if not isinstance(preset, Preset):
            return
        self._quiet = True
        worst = self._worst(preset.participant, preset.au)
        self.person.value, self.attribute.value, self.worn.value = preset.participant, preset.attribute, WORN[0]
        self.frame.value, self.dose.value = float(worst if worst is not None else self._lab.frames // 2), 1.0
        self._quiet, self._au = False, preset.au
        self._ask()

    def _changed(self) -> None:
        if self._quiet:
            return
        preset = self.preset.value
        if isinstance(preset, Preset) and (preset.participant, preset.attribute) != (
            self.person.value,
            self.attribute.value,
        ):
            self.preset.value, self._au = _OWN, 0
        self._ask()

    def _ask(self) -> None:
        asked = self.asked
        words = f"Drawing {asked.participant} with {asked.attribute}"
        self._networks.submit(
            "stress", words, lambda watch: self._lab.ask(asked, watch), lambda found: self._show(asked, found)
        )

    def _ask_everybody(self) -> None:
        asked = self.asked
        words = f"Drawing several people with {asked.attribute}"

        def then(found: tuple[pd.DataFrame, int]) -> None:
            self._show_everybody(asked, *found)

        self._networks.submit("stress people", words, lambda watch: self._lab.over_people(asked, watch), then)

    def _show(self, asked: Dosed, found: Stressed) -> None:
        self._shown = Moved(found.aus, found.label, found.off, found.on, self._au)
        self.faces.value = _faces(asked, found)
        self.words.value = f'<p class="csn-note">{escape(in_words(asked, found, self._au))}</p>{self._note()}'
        self.chart.show(moved_traces(self._shown), moved_layout(self._shown))

    def _note(self) -> str:
        preset = self.preset.value
        return f'<p class="csn-note">{escape(preset.note)}</p>' if isinstance(preset, Preset) else ""

    def _show_everybody(self, asked: Dosed, lines: pd.DataFrame, people: int) -> None:
        shown = self._effects(lines, people)
        words = (
            f"{asked.attribute} at {asked.dose:g} on {asked.worn}, {people} people, one calm frame each, 95 % intervals over "
            f"people: of {len(lines)} about {0.05 * len(lines):.1f} leave 0 out by chance. A line that ends at the edge goes on."
        )
        self.crowd_words.value = f'<p class="csn-note">{escape(words)}</p>'
        self.crowd.show(effects_traces(shown), effects_layout(shown))

    def _effects(self, lines: pd.DataFrame, people: int) -> Effects:
        return Effects(self._aus, lines, False, "mean change of the estimate<br>(intensity steps)")


def in_words(asked: Dosed, found: Stressed, au: int) -> str:
    """What the attribute did in one frame: to the unit looked at, or to the one that it moves most without a reference."""
    change = np.nan_to_num(found.on["ncg"] - found.off["ncg"])
    column = found.aus.column_of(au) if au in found.aus.numbers else int(np.abs(change).argmax())
    unit = unit_of(found.aus.numbers[column])
    moved = ", ".join(
        f"{method.short} {number(float(found.off[method.key][column]))} to {number(float(found.on[method.key][column]))}"
        for method in ESTIMATORS
    )
    carries = (
        f"{asked.participant} carries it at {found.own:.2f} in the cast"
        if found.own > 0
        else f"{asked.participant} does not carry it in the cast"
    )
    label = label_text(float(found.label[column]))
    return (
        f"{unit.title}, frame {asked.frame}, label {label}: {asked.attribute} from 0 to {asked.dose:g} on {asked.worn} "
        f"moves {moved}. {carries}."
    )


def _faces(asked: Dosed, found: Stressed) -> str:
    names = ("Reference, without", "Image, without", "Reference, as compared", "Image, as compared")
    figures = [
        f'<figure><img alt="{name}: {escape(asked.participant)}" src="data:image/jpeg;base64,{base64.b64encode(picture).decode()}">'
        f"<figcaption>{name}</figcaption></figure>"
        for name, picture in zip(names, found.pictures, strict=True)
    ]
    return "".join(figures)


def _html(name: str) -> ipywidgets.HTML:
    words = ipywidgets.HTML()
    words.add_class(name)
    return words
