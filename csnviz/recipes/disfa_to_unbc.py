"""From DISFA to the UNBC-McMaster Shoulder Pain Archive: three methods on people, rooms and cameras that training never saw.

Row      none of the paper's; what its section 4 leaves to ask. AUs 4, 6, 9, 12, 20, 25 and 26, which both datasets code
Command  csnviz train disfa_to_unbc --root DISFA_DIR --test-root UNBC_DIR --start FILE
Numbers  nothing was run, for want of both datasets' pictures
"""

from csnviz.recipes.cross import train_on_one_judge_on_another as train

TRAINED_ON, TESTED_ON = "disfa", "unbc_mcmaster"

__all__ = ["TESTED_ON", "TRAINED_ON", "train"]
