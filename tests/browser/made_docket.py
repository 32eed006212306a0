"""A page of a docket alone: 2000 made-up runs of four people, run i with frames i to i + 2; run by tests/browser/test_docket.py."""

from pathlib import Path

import ipywidgets
import numpy as np
import pandas as pd

import csnviz.views
from csnviz.data.tables import PredictionTable, make_rows
from csnviz.evaluation.error_runs import COLUMNS
from csnviz.facs import AUSet
from csnviz.views.docket import Docket
from csnviz.views.source import Calibrated, Estimated

RUNS, PEOPLE = 2000, ("P0", "P1", "P2", "P3")
AUS = AUSet((4, 9, 12, 25))

number = np.arange(RUNS)
errors = pd.DataFrame(
    {
        "kind": np.array(["false positive", "overestimate", "false positive", "false negative"])[number % 4],
        "what": np.array(["removed", "kept", "created", "lost"])[number % 4],
        "participant": np.array(PEOPLE)[number % 4], "camera": "front", "video": "v",
        "au": np.array(AUS.numbers)[number // 4 % 4], "first": number, "last": number + 2, "n": 3,
        "frame_id": [f"{PEOPLE[i % 4]}/{i}" for i in number], "frame_index": number, "seconds": number / 20,
        "label": np.where(number % 4 == 3, 4, 0), "ncg": 2.4, "bs": 1.1, "csn": number % 50 / 10, "still": 1, "cut": 2.0,
    }
)[list(COLUMNS)]  # fmt: skip


def estimated(participant: str, camera: str) -> Estimated:
    """Zeros for every frame of a person."""
    frames = np.arange(RUNS + 2)
    rows = make_rows(
        {
            "frame_id": [f"{participant}/{frame}" for frame in frames], "dataset": "made", "participant": participant,
            "camera": camera, "video": "v", "source": "", "frame_index": frames, "timestamp": frames / 20,
        }
    )  # fmt: skip
    zeros = np.zeros((len(rows), len(AUS)), np.float32)
    table = PredictionTable(rows, zeros, zeros, AUS, "intensity", "made", "NCG", {})
    return Estimated(table, Calibrated(table, table))


went = ipywidgets.Label()
went.add_class("went")
docket = Docket(lambda entry: setattr(went, "value", f"run {entry.frame_index}; AU{entry.au}"), estimated)
docket.offer(errors, {"P3": "eyeglasses, beard"}, 7, 12, labelled=True, in_sample=("P1",))
style = ipywidgets.HTML(f"<style>{(Path(csnviz.views.__path__[0]) / 'page.css').read_text(encoding='utf-8')}</style>")
style.add_class("csn-style")
card = ipywidgets.VBox([docket.widget])
card.add_class("csn-card")
page = ipywidgets.VBox([style, card, went])
page.add_class("csn-page")
