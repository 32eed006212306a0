"""Trained on one dataset, judged on another: NCG, baseline subtraction and the CSN that merges before stage 4, side by side."""

from dataclasses import replace

from csnviz.inference.predict import predict_with_reference, predict_without_reference, subtract_neutral_output
from csnviz.recipes import csn_stage4, ir50_bs, ir50_ncg
from csnviz.recipes.rows import Order, keep_estimates, named, train_network
from csnviz.recipes.splits import Split
from csnviz.training.run_folder import RunFolder


def train_on_one_judge_on_another(split: Split, order: Order) -> RunFolder:
    """Trains both networks, in `ncg` and `csn` inside the run folder, and leaves three tables of the other dataset there."""
    ncg_order = replace(order, run_folder=order.run_folder / "ncg")
    csn_order = replace(order, run_folder=order.run_folder / "csn")
    _, ncg = train_network(split, None, ncg_order)
    _, csn = train_network(split, csn_stage4.MERGE_BEFORE, csn_order)
    run = RunFolder(order.run_folder)
    run.begin({"networks": ["ncg", "csn"], **split.words})
    faces, references, device = split.held_out, split.held_out_references, order.device
    without = predict_without_reference(ncg, faces, device=device, progress=order.progress)
    beside = predict_with_reference(csn, faces, references, device=device, progress=order.progress)
    tables = {
        "ncg": named(without, ir50_ncg.METHOD, order.settings),
        "bs": named(subtract_neutral_output(without, references), ir50_bs.METHOD, order.settings),
        "csn": named(beside, csn_stage4.METHOD, order.settings),
    }
    keep_estimates(run, split, tables)
    run.finish(0.0, 0)
    return run
