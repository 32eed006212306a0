"""What is known so far about who is misread: estimates of one person after the other, and the numbers that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable
from csnviz.evaluation.bias import NEUTRAL_OFFSET, SIGNED, bias_by_person, variance_split, worst_frame
from csnviz.evaluation.bias_groups import PRESENT, attribute_differences, comparisons_in_words
from csnviz.evaluation.error_kinds import FALSE_NEGATIVE, FALSE_POSITIVE, OVERESTIMATED
from csnviz.facs import au as unit_of
from csnviz.views.bias_effects import NO_LINES, Effects
from csnviz.views.bias_map import PeopleMap
from csnviz.views.methods import BS, CSN, ESTIMATORS, NCG, Method
from csnviz.views.source import Estimated
from csnviz.views.words import number

MEANINGS = {
    NEUTRAL_OFFSET: "what the method says about the resting face that was chosen as the reference, in intensity steps",
    FALSE_POSITIVE: "label below 2 and estimate 2 or more, of the frames labelled below 2",
    FALSE_NEGATIVE: "label 2 or more and estimate below 2, of the frames labelled 2 or more",
    OVERESTIMATED: "label 0 and estimate 1 or more, of the frames labelled 0",
}
"""What each measure is, said below its name; references are left out of the rates."""

NOBODY = "nobody in particular"
"""Stands in the list of attributes for none."""

_LEAST = {True: 0.5, False: 0.1}
_DOT = "● "


@dataclass
class Misread:
    """Estimates by method (`Method.key`), participant by participant, as they arrive.

    frames, references: of everybody. attributes: participant, attribute, value, by. For one thread at a time.
    """

    frames: FrameTable
    references: ReferenceTable
    attributes: pd.DataFrame
    tables: dict[str, dict[str, PredictionTable]] = field(default_factory=dict)
    _lines: list[pd.DataFrame] = field(default_factory=list)

    def take(self, participant: str, estimated: Sequence[Estimated]) -> None:
        """What the methods say about all frames of a participant: one `Estimated` for each camera."""
        parts: dict[str, list[PredictionTable]] = {NCG.key: [each.ncg for each in estimated]}
        calibrated = [each.calibrated for each in estimated if each.calibrated is not None]
        parts |= {BS.key: [each.bs for each in calibrated], CSN.key: [each.csn for each in calibrated]}
        self.tables[participant] = {key: joined(tables) for key, tables in parts.items() if tables}
        for method in ESTIMATORS:
            if method.key in self.tables[participant]:
                named = replace(self.tables[participant][method.key], method=method.short)
                self._lines.append(bias_by_person(named, self.references))

    @property
    def read(self) -> tuple[str, ...]:
        """Whose estimates are there."""
        return tuple(self.tables)

    @property
    def by_person(self) -> pd.DataFrame:
        """All lines of `bias_by_person` so far."""
        empty: dict[str, list[object]] = {
            name: [] for name in ("method", "measure", "au", "participant", "value", "errors", "frames")
        }
        return pd.concat(self._lines, ignore_index=True) if self._lines else pd.DataFrame(empty)

    def known_attributes(self) -> tuple[str, ...]:
        """The attributes that somebody here is known to carry or not to carry."""
        theirs = self.attributes[self.attributes["participant"].isin(self.frames.participants)]
        return tuple(theirs.loc[theirs["value"].isin(["present", "absent"]), "attribute"].unique())

    def people(self, attribute: str) -> tuple[str, ...]:
        """Everybody, those who carry the attribute first."""
        carriers = self.carriers(attribute)
        return tuple(sorted(self.frames.participants, key=lambda who: who not in carriers))

    def carriers(self, attribute: str) -> frozenset[str]:
        """Who is known to carry an attribute."""
        rows = self.attributes
        carry = (rows["attribute"] == attribute) & (rows["value"] == PRESENT)
        return frozenset(rows.loc[carry, "participant"])

    def map_of(self, method: Method, measure: str, attribute: str, chosen: tuple[str, int] | None) -> PeopleMap:
        """The map of one method and measure; chosen: participant and AU of the cell looked at."""
        people, carriers, aus = self.people(attribute), self.carriers(attribute), self.frames.aus
        lines = self.by_person
        lines = lines[lines["measure"] == measure]
        values = {
            name: self._grid(lines[lines["method"] == method.short], name, people)
            for name in ("value", "errors", "frames")
        }
        strongest = lines["value"].abs().max() if len(lines) else np.nan
        signed = measure in SIGNED
        highest = max(_LEAST[signed], 0.0 if np.isnan(strongest) else float(strongest))
        # One person's odd number would take the colour from all others.
        highest = min(highest, 2.0) if signed else min(highest, 1.0)
        errors, counts = (np.nan_to_num(values[name]).astype(np.int64) for name in ("errors", "frames"))
        cell = None if chosen is None else (people.index(chosen[0]), aus.column_of(chosen[1]))
        unread = frozenset(row for row, who in enumerate(people) if who not in self.tables)
        names = tuple(f"{_DOT if who in carriers else ''}{who}" for who in people)
        return PeopleMap(names, aus, values["value"], errors, counts, signed, highest, measure, cell, unread)

    def _grid(self, lines: pd.DataFrame, name: str, people: Sequence[str]) -> np.ndarray:
        table = lines.pivot(index="participant", columns="au", values=name)
        return table.reindex(index=list(people), columns=list(self.frames.aus.columns)).to_numpy(float)

    def effects_of(self, attribute: str, measure: str) -> tuple[Effects, str]:
        """One attribute's differences for each unit and method, and what they amount to in words."""
        shares = measure not in SIGNED
        axis = f"{measure}, with less without<br>({'points of 100' if shares else 'intensity steps'})"
        nothing = Effects(self.frames.aus, NO_LINES, shares, axis)
        if attribute == NOBODY or not self._lines:
            return nothing, "Choose an attribute." if self.known_attributes() else NOTHING_KNOWN
        lines = attribute_differences(self.by_person, self.attributes)
        here = lines[(lines["measure"] == measure) & (lines["attribute"] == attribute)]
        if here.empty:
            return nothing, NOTHING_KNOWN
        words = [_dot_words(line, shares) for line in here.itertuples()]
        said = comparisons_in_words(here, attribute)
        by = ", ".join(sorted(set(here["by"])))
        return replace(nothing, lines=here.assign(words=words)), _closing(said, by)

    def shares_between(self) -> str:
        """How much of each method's errors is a matter of who is looked at, in a sentence; "" before anybody is read."""
        parts = []
        for method in ESTIMATORS:
            tables = [tables[method.key] for tables in self.tables.values() if method.key in tables]
            if not tables:
                continue
            split = variance_split(joined(tables), self.references)
            between, total = split["between"].mean(), (split["between"] + split["within"]).mean()
            if total > 0:
                parts.append(f"{method.short} {between:.2f} of {total:.2f} ({between / total:.0%})")
        if not parts:
            return ""
        return f"Variance of the errors that is between people, mean over action units, in squared steps: {', '.join(parts)}."

    def worst(self, method: Method, measure: str, participant: str, au: int) -> int | None:
        """The row of `frames` in which a method errs most in a measure's direction; None where nothing could err."""
        table = self.tables.get(participant, {}).get(method.key)
        row = None if table is None else worst_frame(table, measure, participant, au, self.references)
        return None if table is None or row is None else self.frames.row_of(str(table.rows["frame_id"].iloc[row]))

    def numbers(self, row: int, au: int) -> dict[str, float]:
        """Label and estimates of one frame by the key of a method, NaN where there are none."""
        rows = self.frames.rows
        who, frame_id = str(rows["participant"].iloc[row]), str(rows["frame_id"].iloc[row])
        found = {"label": float(self.frames.intensity[row, self.frames.aus.column_of(au)])}
        for method in ESTIMATORS:
            table = self.tables.get(who, {}).get(method.key)
            there = table is not None and au in table.aus.numbers
            found[method.key] = (
                float(table.estimate[table.row_of(frame_id), table.aus.column_of(au)])
                if table is not None and there
                else np.nan
            )
        return found

    def reference_row(self, row: int) -> int | None:
        """The row of the reference of a frame's participant and camera; None without one."""
        who, camera = (str(self.frames.rows[name].iloc[row]) for name in ("participant", "camera"))
        named = self.references.rows
        ids = named.loc[(named["participant"] == who) & (named["camera"] == camera), "frame_id"]
        return None if ids.empty else self.frames.row_of(str(ids.iloc[0]))

    def cell_words(self, method: Method, measure: str, participant: str, au: int) -> str:
        """A cell in a sentence: how often, of how many frames, and what the other methods do there."""
        lines = self.by_person
        here = lines[
            (lines["measure"] == measure) & (lines["participant"] == participant) & (lines["au"] == unit_of(au).column)
        ]
        parts = []
        for each in (method, *(other for other in ESTIMATORS if other is not method)):
            line = here[here["method"] == each.short]
            if len(line) == 1:
                parts.append(f"{each.short} {_said(line.iloc[0], measure)}")
        return f"{participant}, {unit_of(au).title}, {measure}: {'; '.join(parts) or 'nothing known'}."


KNOWN_BY = {"drawn": "known because they were drawn so", "person": "as a person annotated it"}
NOTHING_KNOWN = (
    "Nobody here has a known attribute, so no group can be held against another. Annotate people in the workbench (References), or "
    "fill in attributes.csv; csnviz never guesses an attribute from a face."
)


def _closing(said: str, by: str) -> str:
    return f"{said} Hollow dots have no interval. Who carries it: {KNOWN_BY.get(by, by)}."


def _said(line: pd.Series, measure: str) -> str:
    if np.isnan(line["value"]):
        return "no such frame"
    return number(line["value"]) if measure in SIGNED else f"{line['errors']} of {line['frames']} frames"


def _dot_words(line: object, shares: bool) -> str:
    scale, unit = (100.0, " points") if shares else (1.0, " steps")
    values = {name: getattr(line, name) * scale for name in ("difference", "low", "high")}
    text = {name: f"{value:+.{0 if shares else 2}f}".replace("-", "−") for name, value in values.items()}
    sure = "no interval" if np.isnan(values["low"]) else f"95 % interval {text['low']} to {text['high']}"
    corrected = "" if np.isnan(line.holm) else f"<br>p {line.p:.3f}, Holm-corrected {line.holm:.2f}"  # type: ignore[attr-defined]
    doubt = "<br>most people on one side have none: the interval promises too much" if line.rare and shares else ""  # type: ignore[attr-defined]
    people = f"{line.with_people} people with, {line.without_people} without"  # type: ignore[attr-defined]
    return f"{line.method}, AU{int(line.au[2:])}: {text['difference']}{unit}<br>{sure}<br>{people}{corrected}{doubt}"  # type: ignore[attr-defined]


def joined(tables: Sequence[PredictionTable]) -> PredictionTable:
    """One method's tables below each other; all are about the same action units."""
    first = tables[0]
    rows = pd.concat([table.rows for table in tables], ignore_index=True)
    label, estimate = (np.concatenate([getattr(table, name) for table in tables]) for name in ("label", "estimate"))
    return replace(first, rows=rows, label=label, estimate=estimate)
