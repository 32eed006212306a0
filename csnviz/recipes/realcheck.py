"""How well the shipped networks tell real events from real neutral faces: NCG, BS and CSN on the clips of CSNVIZ_REALDATA.

The networks learned from drawings and no clip is ever trained on, so this says how far drawings carry. For each action unit with
events in EVENTS.csv it gives the area under the ROC curve (`csnviz.evaluation.separation`): pooled over the clips, with one cut
for all people, and clip by clip. Every clip's reference is chosen before any estimate is made (`reference_row`) and is never
judged.

Command  python -m csnviz.recipes.realcheck [--out realcheck.json] [--ncg FILE --csn FILE] [--data-root FOLDER]
Numbers  csnviz/models/weights/README.md
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float32

from csnviz.data.recording import read_recording
from csnviz.data.storage import replacing
from csnviz.data.tables import FrameTable, ReferenceTable, join_frames
from csnviz.errors import InputError
from csnviz.evaluation.separation import (
    CLIP,
    CLIPS_ALIKE,
    FEWEST_CLIPS,
    FEWEST_NEUTRAL,
    POOLED,
    clips_that_tell,
    separation,
    told_units,
)
from csnviz.evaluation.summary import MEAN_AU
from csnviz.facs import AUSet
from csnviz.inference.networks import Networks
from csnviz.recipes.cast_scores import estimates
from csnviz.recipes.seen_events import Clip, read_events, reference_row, shown_in

REALDATA = "CSNVIZ_REALDATA"

NOT_MEASURABLE = "not measurable here"

CAVEAT = (
    "A few clips of a few people. An interval is the least that is unsure: with three clips it is the range of their ten different "
    "draws and never leaves what they showed."
)

DIFFERENCES = (("CSN", "NCG"), ("CSN", "BS"))
_NAMES = ("NCG", "BS", "CSN", *(f"{one} - {other}" for one, other in DIFFERENCES))


@dataclass(frozen=True)
class RealFrames:
    """Frames of real clips of which something is known.

    table: the frames; references: one for each clip; shown: (N, A), 1 = an event of the unit, 0 = neutral, NaN = nobody can say.
    """

    table: FrameTable
    references: ReferenceTable
    shown: Float32[np.ndarray, "N A"]


def real_folder() -> Path:
    """The folder that CSNVIZ_REALDATA names; InputError when it names none."""
    named = os.environ.get(REALDATA)
    if not named or not Path(named).is_dir():
        found = f"it names {named}, which is no folder" if named else "it is not set"
        raise InputError(f"{REALDATA} has to name the folder with EVENTS.csv and its clips; {found}.")
    return Path(named)


def read_real_frames(folder: Path, clips: Sequence[Clip], aus: AUSet, data_root: Path) -> RealFrames:
    """The frames of these clips that are a reference, neutral or an event, cropped as `csnviz predict` crops them.

    A clip is read up to the last frame that EVENTS.csv calls neutral or an event, and is a participant of its own. InputError when
    a file is missing or ends before that, or no neutral frame of it has a usable face.
    """
    tables, shown, references = [], [], ReferenceTable.empty()
    for clip in clips:
        table = read_recording(folder / clip.file, data_root, frames=slice(0, clip.last + 1), participant=clip.file)
        if table.rows["frame_index"].iloc[-1] < clip.last:
            raise InputError(f"{clip.file}: it ends before frame {clip.last}, of which EVENTS.csv speaks.")
        reference = reference_row(clip, table)
        line = table.rows.iloc[reference]
        references = references.with_reference(line["participant"], line["camera"], line["frame_id"], "automatic")
        here = shown_in(clip, table, aus, reference)
        kept = ~np.isnan(here).all(axis=1)
        kept[reference] = True
        tables.append(table.select(kept))
        shown.append(here[kept])
    return RealFrames(join_frames(tables), references, np.concatenate(shown))


def check(folder: Path, networks: Networks, data_root: Path) -> dict[str, Any]:
    """What the command writes: `pooled` (the mean over the units that count), `aus` (each of them), `not_measurable`, `clips`."""
    aus = AUSet(networks.ncg.config.aus)
    clips = read_events(folder)
    asked = [clip for clip in clips if clip.tells_of(aus)]
    if not asked:
        raise InputError(
            f"{folder / 'EVENTS.csv'}: no clip has both a neutral face and an event seen by eye. Add some."
        )
    frames = read_real_frames(folder, asked, aus, data_root)
    methods = estimates(networks, frames.table, frames.references)
    units = told_units(methods, frames.shown)
    rows = separation(units, DIFFERENCES)
    return {
        "measure": "area under the ROC curve: event frames against neutral frames; 95 % intervals by drawing clips",
        "caveat": CAVEAT,
        "pooled": _methods(rows, MEAN_AU),
        "aus": {unit.au: _methods(rows, unit.au) | {"clips": _clips(rows, unit.au)} for unit in units},
        "not_measurable": _not_measurable(clips, frames, aus, [unit.au for unit in units]),
        "clips": _references(frames),
        "networks": {name: methods[name].provenance for name in ("NCG", "CSN")},
    }


def _methods(rows: pd.DataFrame, au: str) -> dict[str, Any]:
    """Of one unit, or the mean: by method its pooled area with interval, and the counts."""
    found = rows[(rows["au"] == au) & (rows["group"] == "all")].set_index(["group_by", "method"]).sort_index()
    if found.empty:
        return {name: {"auc": None} for name in _NAMES}
    words: dict[str, Any] = {}
    for name in _NAMES:
        line, alike = found.loc[(POOLED, name)], found.loc[(CLIPS_ALIKE, name)]
        value = "difference" if " - " in name else "auc"
        words[name] = {value: line["value"], **_interval(line)}
        words[name]["clips_alike"] = {value: alike["value"], **_interval(alike)}
    return words | {name: int(line[name]) for name in ("n_clips", "n_events", "n_neutral")}


def _interval(line: pd.Series) -> dict[str, Any]:
    return {"low": line["low"], "high": line["high"], "draws": int(line["draws"])}


def _clips(rows: pd.DataFrame, au: str) -> dict[str, Any]:
    """Of one unit: by clip the area of each method, and the counts."""
    found = rows[(rows["au"] == au) & (rows["group_by"] == CLIP)]
    return {
        clip: dict(zip(lines["method"], lines["value"], strict=True))
        | {name: int(lines[name].iloc[0]) for name in ("n_events", "n_neutral")}
        for clip, lines in found.groupby("group", sort=False)
    }


def _not_measurable(clips: Sequence[Clip], frames: RealFrames, aus: AUSet, told: Sequence[str]) -> dict[str, str]:
    """Every other unit with an event in EVENTS.csv, and why it does not count."""
    known = np.where(frames.table.usable[:, None], frames.shown, np.nan)
    clip_of = frames.table.rows["participant"].to_numpy()
    words = {}
    for number in sorted({number for clip in clips for event in clip.events for number in event.aus}):
        au = f"AU{number:02d}"
        if number not in aus.numbers:
            words[au] = "the networks do not estimate it"
        elif au not in told:
            count = len(clips_that_tell(known[:, aus.column_of(number)], clip_of))
            words[au] = (
                f"{count} of at least {FEWEST_CLIPS} clips with an event seen by eye and {FEWEST_NEUTRAL} neutral frames"
            )
    return words


def _references(frames: RealFrames) -> dict[str, Any]:
    """By clip its reference frame, the neutral frames beside it, and the frames left out because no face was found."""
    words = {}
    for line in frames.references.rows.itertuples():
        here = (frames.table.rows["participant"] == line.participant).to_numpy()
        neutral = (frames.shown == 0).any(axis=1) & here & frames.table.usable
        words[line.participant] = {
            "reference_frame": int(line.frame_id.rpartition("/")[2]),
            "n_neutral": int(neutral.sum()),
            "n_without_face": int((here & ~frames.table.usable).sum()),
        }
    return words


def table_lines(report: Mapping[str, Any]) -> list[str]:
    """The report as a Markdown table: the mean, then each unit pooled and clip by clip, then what is not measurable."""
    lines = [
        f"| area under the ROC curve | events / neutral | {' | '.join(_NAMES)} |",
        "|---|---|" + "---|" * len(_NAMES),
    ]
    if report["aus"]:
        lines += _pooled_lines(f"**mean over {', '.join(report['aus'])}**", report["pooled"])
    for au, found in report["aus"].items():
        lines += _pooled_lines(f"{au}, {found['n_clips']} clips pooled", found)
        for clip, values in found["clips"].items():
            cells = [f"{values[name]:+z.3f}" if " - " in name else f"{values[name]:.3f}" for name in _NAMES]
            lines.append(f"| {au}, {Path(clip).stem} alone | {_counts(values)} | {' | '.join(cells)} |")
    lines += [f"| {au} | {NOT_MEASURABLE}: {why} |{' |' * len(_NAMES)}" for au, why in report["not_measurable"].items()]
    return lines


def _pooled_lines(title: str, found: Mapping[str, Any]) -> list[str]:
    return [
        f"| {title} | {_counts(found)} | {' | '.join(_cell(found[name]) for name in _NAMES)} |",
        f"| the same, clips alike | | {' | '.join(_cell(found[name]['clips_alike']) for name in _NAMES)} |",
    ]


def _counts(found: Mapping[str, Any]) -> str:
    return f"{found['n_events']} / {found['n_neutral']}"


def _cell(found: Mapping[str, Any]) -> str:
    """A value with its interval, such as "0.812 [0.700, 1.000]"; differences carry a sign."""
    sign, value = ("+", found["difference"]) if "difference" in found else ("", found["auc"])
    return f"{value:{sign}z.3f} [{found['low']:{sign}z.3f}, {found['high']:{sign}z.3f}]"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: writes the report and prints the table; what it cannot use is one sentence, and exit code 2."""
    parser = argparse.ArgumentParser(prog="python -m csnviz.recipes.realcheck", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("realcheck.json"))
    parser.add_argument("--ncg", type=Path, help="another network without a reference than the one that ships")
    parser.add_argument("--csn", type=Path, help="another calibrated network")
    parser.add_argument("--data-root", type=Path, help="keeps the crops of the faces there (default: they are removed)")
    options = parser.parse_args(arguments)
    try:
        with ExitStack() as stack:
            root = options.data_root or Path(stack.enter_context(TemporaryDirectory(prefix="csnviz-")))
            report = check(real_folder(), Networks.load(options.ncg, options.csn), root)
    except InputError as error:
        print(f"csnviz: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    with replacing(options.out) as part:
        part.write_text(json.dumps(report, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    print("\n".join(table_lines(report)))
    print(f"\n{CAVEAT}\n{options.out}: written.")


if __name__ == "__main__":
    main()
