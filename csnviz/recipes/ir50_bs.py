"""IR50 (OFC w/ BS): the same network, its output on the person's neutral face subtracted (arXiv 2409.00240, section 3.1).

Row      "IR50 (OFC w/ BS)" of Tables 2 to 4 and S1 to S4
Command  csnviz train ir50_bs --on disfa --root DIR --start FILE --fold 1
Numbers  docs/results/cast.md, on drawn people; on the paper's datasets nothing was run, for want of their pictures

Nothing is trained here beyond `ir50_ncg`, whose run is used or made. Three tables come of one network:
- the paper's subtraction. For occurrence it cuts what is left of the logits at 0, so that every neutral face sits on the cut: a
  straw man by construction (the paper's footnote 1 says so);
- re-centred: what the network says about the training people's neutral faces on average is added back, so that the cut fits;
- with a tuned cut: subtracted, and present from the value that scores the best F1 on the training people.
# Differs from the paper: only the first table is the paper's.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float32

from csnviz.data.tables import PredictionTable
from csnviz.evaluation.cuts import tuned_cuts
from csnviz.inference.predict import predict_without_reference, subtract_and_recentre, subtract_neutral_output
from csnviz.models.checkpoints import TrainedNetwork
from csnviz.recipes.rows import Order, keep_estimates, named, train_network
from csnviz.recipes.splits import Split
from csnviz.training.run_folder import RunFolder

METHOD = "IR50 w/ BS"
RECENTRED = "IR50 w/ BS, re-centred"
TUNED = "IR50 w/ BS, tuned cut"


def train(split: Split, order: Order) -> RunFolder:
    """Takes the network of `ir50_ncg` (its run folder beside this one, by name) and leaves three tables in this run folder."""
    beside = order.run_folder.with_name(order.run_folder.name.replace("ir50_bs", "ir50_ncg"))
    _, trained = train_network(split, None, replace(order, run_folder=beside))
    run = RunFolder(order.run_folder)
    run.begin({"network": str(beside.name), **split.words})
    settings = order.settings
    ncg = predict_without_reference(trained, split.held_out, device=order.device, progress=order.progress)
    subtracted = subtract_neutral_output(ncg, split.held_out_references)
    recentred = subtract_and_recentre(ncg, split.held_out_references, mean_neutral_output(trained, split, order))
    tables = {"bs": named(subtracted, METHOD, settings), "bs_recentred": named(recentred, RECENTRED, settings)}
    if settings.quantity == "occurrence":
        tables["bs_tuned"] = named(subtracted, TUNED, settings, cuts=_cuts(trained, split, order))
    keep_estimates(run, split, tables)
    run.finish(0.0, 0)
    return run


def mean_neutral_output(trained: TrainedNetwork, split: Split, order: Order) -> Float32[np.ndarray, " A"]:
    """What the network says on average about the references of its training people, (A,)."""
    wanted = set(split.train_references.rows["frame_id"])
    references = split.train.select(split.train.rows["frame_id"].isin(wanted).to_numpy() & split.train.usable)
    estimates = predict_without_reference(trained, references, device=order.device, progress=False)
    return estimates.estimate.mean(axis=0)


def _cuts(trained: TrainedNetwork, split: Split, order: Order) -> dict[str, float]:
    """The cut per AU with the best F1 on the training people's frames, subtracted as the held-out ones are."""
    estimates = _some_training_estimates(trained, split, order)
    return tuned_cuts(subtract_neutral_output(estimates, split.train_references))


def _some_training_estimates(trained: TrainedNetwork, split: Split, order: Order) -> PredictionTable:
    """Estimates for evenly spaced frames of every training participant and camera, their references among them."""
    rows = split.train.rows
    keep = rows["frame_id"].isin(set(split.train_references.rows["frame_id"])).to_numpy() & split.train.usable
    for members in rows.groupby(["participant", "camera"], sort=False).indices.values():
        count = min(len(members), order.settings.tuning_frames)
        keep[members[np.linspace(0, len(members) - 1, count).astype(int)]] = True
    return predict_without_reference(trained, split.train.select(keep), device=order.device, progress=order.progress)
