"""The docket of errors: where the methods err and what calibration did there, as a list that one walks through."""

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
import traitlets
from jaxtyping import Bool, Int

from csnviz.errors import InputError
from csnviz.evaluation.error_runs import CREATED, LOST, counts_by_what, no_errors
from csnviz.facs import au as unit_of
from csnviz.views.docket_filter import DocketFilter
from csnviz.views.docket_table import KIND_SIGNS, SENT, WHAT_SIGNS, DocketTable, words
from csnviz.views.selection_files import EstimatedOf, errors_csv, selection_csv

_TEXTS = ("kind", "what", "participant", "camera", "video")

UNLABELLED = (
    "There are no human labels, so nothing can be called an error. "
    "Listed is where the non-calibrated network sees an action unit."
)
NOBODY_READ = "The estimates are on their way."
NO_ERROR = "No method errs anywhere at this cut."
NO_PEAK = "The non-calibrated network sees no action unit anywhere at this cut. Lower it to see weaker ones."
UNCOMPARED = "Nothing has been estimated with a reference yet, so nobody can say what calibration does to these errors."


@dataclass(frozen=True)
class Entry:
    """One run of the docket: what to go to. frame_id and frame_index are those of its worst frame; `au` is a FACS number."""

    kind: str
    what: str
    participant: str
    camera: str
    video: str
    au: int
    first: int
    last: int
    n: int
    frame_id: str
    frame_index: int


class Docket(traitlets.HasTraits):
    """The list of errors; `widget` is the panel, `filter` what is listed (to be observed), and `go` is called with an Entry.

    why: called with an Entry whose explanation is wanted, after `go`; None: nothing explains errors, and no row asks.

    What is listed comes from `offer` and `replace`; rows that were marked or looked at stay so when they are still there. Methods
    may be called from any thread. estimated_of: whose frames are saved.
    """

    filter = traitlets.Instance(DocketFilter, ())

    def __init__(
        self,
        go: Callable[[Entry], None],
        estimated_of: EstimatedOf,
        why: Callable[[Entry], None] | None = None,
    ) -> None:
        super().__init__()
        self._go, self._estimated_of, self._why = go, estimated_of, why
        self._lock = threading.RLock()
        self._errors, self._attributes, self._in_sample = no_errors(), {}, frozenset()  # type: ignore[var-annotated]
        self._known = pd.Series(dtype="category")  # of the person of each run
        self._status: dict[str, Any] = {"read": 0, "of": 0, "labelled": True}
        self._shown: Int[np.ndarray, " K"] = np.zeros(0, np.int64)
        self._place = -1  # of the row looked at last, among those shown
        self.widget = DocketTable(filter=vars(self.filter), about={"generation": 0}, words=words(True, why is not None))
        self.widget.observe(lambda change: self._filter_in_browser(change["new"]), "filter")
        self.widget.on_msg(self._heard)
        self.observe(lambda _: self._arrange(), "filter")
        self._tell()

    # ---- what is listed --------------------------------------------------------------------------------------------
    def offer(
        self,
        errors: pd.DataFrame,
        attributes: Mapping[str, str],
        read: int,
        of: int,
        labelled: bool,
        in_sample: Collection[str] = (),
    ) -> None:
        """Lists these runs (of `error_runs`; of `peak_runs` where nobody has coded anything, `labelled` False).

        attributes: what is known about each participant's face, in a few words. read: how many `of` all people the runs are of.
        in_sample: the participants whom the networks were trained on, so that their numbers flatter them.
        """
        with self._lock:
            self._attributes, self._in_sample = dict(attributes), frozenset(in_sample)
            self._status = {"read": read, "of": of, "labelled": labelled}
            self.widget.words = words(labelled, self._why is not None)
            self._list(errors)

    def replace(self, participant: str, camera: str, errors: pd.DataFrame) -> None:
        """Lists other runs for one participant before one camera: those with another reference, say.

        They take the place of the former ones, so that among runs of one length nobody's move.
        """
        with self._lock:
            listed = self._errors.astype(dict.fromkeys(_TEXTS, object))
            theirs = ((listed["participant"] == participant) & (listed["camera"] == camera)).to_numpy()
            place = int(np.argmax(theirs)) if theirs.any() else len(listed)
            before, after = (listed.iloc[part][~theirs[part]] for part in (slice(place), slice(place, None)))
            self._list(pd.concat([before, errors, after], ignore_index=True))

    def counts(self) -> dict[str, int]:
        """How many runs calibration removed, kept, created and lost, among those that fit the rest of the filter."""
        with self._lock:
            return counts_by_what(self._errors[self._fitting()])

    def filter_text(self) -> str:
        """The filter as one word for a link."""
        return self.filter.text

    def set_filter_text(self, text: str) -> None:
        """The filter from a link; InputError when it cannot be understood."""
        self.filter = DocketFilter.of_text(text)

    # ---- walking ---------------------------------------------------------------------------------------------------
    def step(self, by: int) -> Entry | None:
        """Goes to the next (1) or previous (-1) of the runs shown, round and round; None where none is shown."""
        with self._lock:
            if not len(self._shown):
                return None
            at = np.flatnonzero(self._shown == self.widget.looked)
            # A run that has gone since (calibration removed it, say) is followed by what stands in its place now.
            gone = self._place - (1 if by > 0 else 0) if self._place >= 0 else -1 if by > 0 else 0
            place = ((int(at[0]) if len(at) else gone) + by) % len(self._shown)
            row = int(self._shown[place])
        return self._look(row)

    @property
    def looked_at(self) -> Entry | None:
        """The run that is looked at, None where it is no longer listed."""
        with self._lock:
            return self._entry(self.widget.looked) if self.widget.looked >= 0 else None

    def _look(self, row: int) -> Entry:
        with self._lock:
            entry = self._entry(row)
            self.widget.looked = row
            self._remember_place()
        self._go(entry)  # not under the lock: whoever is called may hold another, and call back
        return entry

    def _entry(self, row: int) -> Entry:
        run = self._errors.iloc[row]
        told: dict[str, Any] = {}
        for each in fields(Entry):
            told[each.name] = str(run[each.name]) if each.type is str else int(run[each.name])
        return Entry(**told)

    def _remember_place(self) -> None:
        at = np.flatnonzero(self._shown == self.widget.looked)
        self._place = int(at[0]) if len(at) else self._place

    # ---- saving ----------------------------------------------------------------------------------------------------
    def saved_errors(self) -> bytes:
        """The marked runs, or all that are shown, as CSV: one line per run."""
        with self._lock:
            return errors_csv(self._chosen(), self._attributes, self._in_sample)

    def saved_frames(self) -> bytes:
        """The marked runs, or all that are shown, as CSV: one line per frame. InputError where somebody is not estimated."""
        with self._lock:
            chosen = self._chosen()
        return selection_csv(chosen, self._estimated_of)

    def _chosen(self) -> pd.DataFrame:
        marked = self._shown[np.isin(self._shown, self.widget.marked)]
        return self._errors.iloc[marked if len(marked) else self._shown].astype(dict.fromkeys(_TEXTS, object))

    # ---- the browser -----------------------------------------------------------------------------------------------
    def _list(self, errors: pd.DataFrame) -> None:
        former = self._errors
        kept = {
            row: _same_run(former.iloc[row], errors) for row in {*self.widget.marked, self.widget.looked} if row >= 0
        }
        # Many runs share few texts: as categories, tens of thousands are compared and sorted by number.
        self._errors = errors.reset_index(drop=True).astype(dict.fromkeys(_TEXTS, "category"))
        who = self._errors["participant"].astype(object)
        self._known = who.map(lambda name: self._attributes.get(name, "")).astype(object).astype("category")
        self._tell(kept)

    def _tell(self, kept: Mapping[int, int] | None = None) -> None:
        errors, table, kept = self._errors, self.widget, kept or {}
        places = errors[["participant", "camera", "video"]]
        codes = {"place": places.groupby(list(places), sort=False, observed=True).ngroup()}
        codes |= {"kind": _codes(errors["kind"], KIND_SIGNS), "what": _codes(errors["what"], WHAT_SIGNS)}
        columns = [np.asarray(codes[name] if name in codes else errors[name], np.float32) for name in SENT]
        with table.hold_sync():
            table.numbers = np.concatenate(columns).tobytes()
            table.about = self._about(list(places.drop_duplicates().itertuples(index=False, name=None)))
            table.marked = sorted(kept[row] for row in table.marked if kept.get(row, -1) >= 0)
            table.looked = kept.get(table.looked, -1)
            self._arrange()

    def _about(self, places: list[tuple[str, ...]]) -> dict[str, Any]:
        """What the numbers mean, in words."""
        errors, status = self._errors, self._status
        numbers = sorted({int(number) for number in errors["au"]})
        cameras = {(participant, camera) for participant, camera, _ in places}
        seen = [participant for participant, _ in cameras]
        nobody_read = not status["read"]
        compared = not nobody_read and (errors.empty or bool((errors["what"] != "").any()))
        return {
            "generation": self.widget.about["generation"] + 1,
            "rows": len(errors),
            "places": [
                {
                    "who": participant if seen.count(participant) == 1 else f"{participant} · {camera}",
                    "where": f"{participant}, {camera} camera, video {video}",
                    "attributes": self._attributes.get(participant, ""),
                    "inSample": participant in self._in_sample,
                }
                for participant, camera, video in places
            ],
            "units": {str(number): unit_of(number).title for number in numbers},
            "kinds": [kind for kind in KIND_SIGNS if (errors["kind"] == kind).any()],
            "participants": sorted({participant for participant, _ in cameras}),
            "read": "" if status["read"] >= status["of"] else f"{status['read']} of {status['of']} people read",
            "notice": UNLABELLED if not status["labelled"] else "" if compared or nobody_read else UNCOMPARED,
            "none": NOBODY_READ if nobody_read else NO_ERROR if status["labelled"] else NO_PEAK,
            "labelled": status["labelled"],
            "compared": compared,
        }

    def _arrange(self) -> None:
        """Chooses and orders the rows anew."""
        with self._lock:
            said, errors, table = self.filter, self._errors, self.widget
            fitting, marked = self._fitting(), np.isin(np.arange(len(errors)), table.marked)
            counts = counts_by_what(errors[fitting])
            shown = fitting if not said.what else fitting & (errors["what"] == said.what).to_numpy()
            order = said.order(errors, self._known, marked)
            self._shown = order[shown[order]]
            self._remember_place()
            with table.hold_sync():
                table.filter = vars(said)
                table.counts = {"": int(fitting.sum()), **counts}
                table.order = self._shown.astype(np.int32).tobytes()

    def _fitting(self) -> Bool[np.ndarray, " R"]:
        return self.filter.chosen(self._errors, self._known)

    def _filter_in_browser(self, said: Mapping[str, Any]) -> None:
        if said != vars(self.filter):
            self.filter = DocketFilter(**said)

    def _heard(self, _: object, message: dict[str, Any], __: object) -> None:
        kind = message.get("type")
        if kind == "step":
            self.step(1 if message.get("by") == 1 else -1)
        elif kind in ("go", "why") and message.get("generation") == self.widget.about["generation"]:
            row = message.get("row")
            if isinstance(row, int) and 0 <= row < len(self._errors):
                entry = self._look(row)
                if kind == "why" and self._why is not None:
                    self._why(entry)
        elif kind in ("errors", "frames"):
            self._save(kind)

    def _save(self, kind: str) -> None:
        try:
            content = self.saved_errors() if kind == "errors" else self.saved_frames()
        except InputError as error:
            self.widget.send({"type": "said", "words": str(error)})
        else:
            self.widget.send({"type": "file", "name": f"csnviz_{kind}.csv"}, [content])


def _codes(texts: pd.Series, known: Collection[str]) -> pd.Series:
    return texts.astype(object).map({text: place for place, text in enumerate(known)})


def _same_run(run: pd.Series, errors: pd.DataFrame) -> int:
    """Where a run stands in another table, -1 where it does not; what calibration did to it may be another thing by now."""
    same = np.ones(len(errors), bool)
    for name in ("participant", "camera", "video", "kind", "au", "first", "last"):
        same = same & (errors[name] == run[name]).to_numpy()
    brought = (CREATED, LOST)
    same = same & (errors["what"].isin(brought).to_numpy() == (run["what"] in brought))
    found = np.flatnonzero(same)
    return int(found[0]) if len(found) else -1
