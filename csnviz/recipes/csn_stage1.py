"""CSN-IR50-Stage1 subtracts the stem's maps, 64 x 112 x 112: faces are compared almost as pixels.

Row      "CSN-IR50-Stage1" of Tables 6, S8 and S9 (arXiv 2409.00240, section 4.3.3)
Command  csnviz train csn_stage1 --on disfa --root DIR --start FILE --fold 1
Numbers  docs/results/cast.md, on drawn people; on the paper's datasets nothing was run, for want of their pictures
"""

from csnviz.recipes.rows import Order, train_csn
from csnviz.recipes.splits import Split
from csnviz.training.run_folder import RunFolder

METHOD = "CSN-IR50-Stage1"
MERGE_BEFORE = "stage1"


def train(split: Split, order: Order) -> RunFolder:
    """Trains on the split's training part and leaves the estimates for the people held out in the run folder."""
    return train_csn(split, MERGE_BEFORE, METHOD, order)
