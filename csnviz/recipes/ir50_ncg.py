"""IR50 (NCG): the network that sees the image alone, what calibration is compared with (arXiv 2409.00240, section 3.1).

Row      "IR50 (NCG)" of Tables 2 to 5 and S1 to S7
Command  csnviz train ir50_ncg --on disfa --root DIR --start FILE --fold 1
Numbers  docs/results/cast.md, on drawn people; on the paper's datasets nothing was run, for want of their pictures
"""

from csnviz.inference.predict import predict_without_reference
from csnviz.recipes.rows import Order, keep_estimates, named, train_network
from csnviz.recipes.splits import Split
from csnviz.training.run_folder import RunFolder

METHOD = "IR50 (NCG)"


def train(split: Split, order: Order) -> RunFolder:
    """Trains on the split's training part and leaves the estimates for the people held out in the run folder."""
    run, trained = train_network(split, None, order)
    estimates = predict_without_reference(trained, split.held_out, device=order.device, progress=order.progress)
    keep_estimates(run, split, {"ncg": named(estimates, METHOD, order.settings)})
    return run
