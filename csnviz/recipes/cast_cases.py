"""Whose attribute makes the network without a reference see what is not there: the people of the demo, with it and without it.

For everybody who carries an attribute of the paper's Figure 2: the frames with label 0 that NCG estimates at 1 or more, and the
same frames drawn again with that attribute taken off and all else as it was. The cases of `data_manifest/cast/cases.csv` were
chosen from this table.

Command  python -m csnviz.recipes.cast_cases [--data-root FOLDER]
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float32

from csnviz import places
from csnviz.data.tables import FrameTable
from csnviz.evaluation.table_words import CAVEAT
from csnviz.inference.features import encode_faces
from csnviz.inference.networks import Networks
from csnviz.inference.predict import (
    estimates_in,
    predict_with_reference,
    predict_without_reference,
    subtract_neutral_output,
)
from csnviz.models.images import images_of

if TYPE_CHECKING:
    from csnviz.models.checkpoints import TrainedNetwork

FIGURE_2: tuple[tuple[str, int], ...] = (
    ("brow_eye_distance", 1),
    ("nose_root_wrinkle", 4),
    ("eyeglasses", 9),
    ("chin_hair", 17),
)
"""Attribute and the unit for which it is taken (arXiv 2409.00240, Figure 2)."""


@dataclass(frozen=True)
class Case:
    """One person, attribute and unit: how many of the frames with label 0 NCG estimates at 1 or more, and the mean estimates there.

    ncg_without: NCG's mean on the same frames with the attribute taken off.
    """

    participant: str
    attribute: str
    au: int
    dose: float
    overestimated: int
    label_0: int
    ncg: float
    bs: float
    csn: float
    ncg_without: float

    @property
    def line(self) -> str:
        """A line of Markdown."""
        numbers = " | ".join(f"{value:.2f}" for value in (self.ncg, self.bs, self.csn, self.ncg_without))
        about = f"{self.participant} | {self.attribute} {self.dose:.1f} | AU{self.au}"
        return f"| {about} | {self.overestimated} of {self.label_0} | {numbers} |"


def find_cases(networks: Networks, participants: Sequence[str], frames: int, root: Path) -> list[Case]:
    """Every participant who carries one of the attributes, in order."""
    from csnviz.cast.attributes import draw_attributes
    from csnviz.cast.dataset import cast_references, load_cast

    cases = []
    for participant in participants:
        own = draw_attributes(participant)
        carried = [(name, au) for name, au in FIGURE_2 if getattr(own, name) > 0]
        if not carried:
            continue
        table = load_cast((participant,), frames, root, progress=False)
        references = cast_references(table)
        ncg = predict_without_reference(networks.ncg, table, progress=False)
        bs = subtract_neutral_output(ncg, references)
        csn = predict_with_reference(networks.csn, table, references, progress=False)
        for name, au in carried:
            column = table.aus.column_of(au)
            seen = _overestimated(table, ncg.estimate[:, column], column)
            bare = _without(networks.ncg, participant, table.rows["frame_index"][seen], name)
            estimates = (*(each.estimate[seen] for each in (ncg, bs, csn)), bare)
            means = (float(each[:, column].mean()) if seen.any() else np.nan for each in estimates)
            at_rest = int((table.intensity[:, column] == 0).sum())
            cases.append(Case(participant, name, au, getattr(own, name), int(seen.sum()), at_rest, *means))
    return cases


def _without(
    ncg: "TrainedNetwork", participant: str, frames: Iterable[int], attribute: str
) -> Float32[np.ndarray, "N A"]:
    """NCG's estimates for some of a participant's frames, drawn again without an attribute."""
    from csnviz.cast.attributes import dosed, draw_attributes
    from csnviz.cast.dataset import draw_frames
    from csnviz.faces.crop import crop_face

    numbers = [int(number) for number in frames]
    if not numbers:
        return np.zeros((0, len(ncg.config.aus)), np.float32)
    worn = dosed(draw_attributes(participant), attribute, 0.0)
    crops = np.stack([crop_face(*drawn) for drawn in draw_frames(participant, numbers, [worn] * len(numbers))])
    return estimates_in(ncg, encode_faces(ncg, images_of(crops, ncg.device)))


def _overestimated(table: FrameTable, estimate: np.ndarray, column: int) -> Bool[np.ndarray, " N"]:
    return (table.intensity[:, column] == 0) & (estimate >= 1)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command: prints the table."""
    from csnviz.cast.dataset import DEMO_FRAMES, DEMO_PARTICIPANTS

    parser = argparse.ArgumentParser(prog="python -m csnviz.recipes.cast_cases", description=__doc__)
    parser.add_argument("--data-root", type=Path)
    root = places.data_root(parser.parse_args(arguments).data_root)
    print(f"{CAVEAT}\n")
    print("| who | attribute | unit | label 0 and NCG >= 1 | NCG there | BS | CSN | NCG with the attribute taken off |")
    print("|---|---|---|---|---|---|---|---|")
    for case in find_cases(Networks.load(), DEMO_PARTICIPANTS, DEMO_FRAMES, root):
        print(case.line)


if __name__ == "__main__":
    main()
