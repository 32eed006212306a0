"""What the page is looking at: the one shared state that every panel reads and writes."""

import traitlets

from csnviz.facs import PAPER_CUT


class Selection(traitlets.HasTraits):
    """Participant, camera, frame, reference, action unit, whether the reference is used, and what is shown of it.

    `row` is the frame's place among the frames of this participant before this camera, from 0. `reference` is a frame_id, ""
    where none is named. `au` is a FACS number. `cut` is the intensity from which an action unit counts as present. `tab` is what
    the lower half shows, `errors` which errors are listed (a text that the docket reads), `guest` whether the page is kept to one
    case. Panels observe what they show and set what they change; none calls another.
    """

    participant = traitlets.Unicode()
    camera = traitlets.Unicode()
    row = traitlets.Int(0)
    reference = traitlets.Unicode()
    au = traitlets.Int()
    calibrated = traitlets.Bool(False)
    cut = traitlets.Float(PAPER_CUT)
    tab = traitlets.Unicode("curves")
    errors = traitlets.Unicode()
    guest = traitlets.Bool(False)
