"""CSN-IR50-Stage4 subtracts the maps after stage 3, 256 x 14 x 14: the paper's main network.

Row      "CSN-IR50-Stage4" of Tables 2 to 6 and S1 to S9 (arXiv 2409.00240, there also "CSN-IR50 (OFC)")
Command  csnviz train csn_stage4 --on disfa --root DIR --start FILE --fold 1
Numbers  docs/results/cast.md, on drawn people; on the paper's datasets nothing was run, for want of their pictures
"""

from csnviz.recipes.rows import Order, train_csn
from csnviz.recipes.splits import Split
from csnviz.training.run_folder import RunFolder

METHOD = "CSN-IR50-Stage4"
MERGE_BEFORE = "stage4"


def train(split: Split, order: Order) -> RunFolder:
    """Trains on the split's training part and leaves the estimates for the people held out in the run folder."""
    return train_csn(split, MERGE_BEFORE, METHOD, order)
