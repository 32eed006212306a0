"""From the UNBC-McMaster Shoulder Pain Archive to DISFA: three methods on people, rooms and cameras that training never saw.

Row      none of the paper's; what its section 4 leaves to ask. AUs 4, 6, 9, 12, 20, 25 and 26, which both datasets code
Command  csnviz train unbc_to_disfa --root UNBC_DIR --test-root DISFA_DIR --start FILE
Numbers  nothing was run, for want of both datasets' pictures
"""

from csnviz.recipes.cross import train_on_one_judge_on_another as train

TRAINED_ON, TESTED_ON = "unbc_mcmaster", "disfa"

__all__ = ["TESTED_ON", "TRAINED_ON", "train"]
