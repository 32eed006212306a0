"""What the page is looking at: the one shared state that every panel reads and writes."""

import traitlets


class Selection(traitlets.HasTraits):
    """Participant, camera, frame, reference, action unit, and whether the reference is used.

    `row` is the frame's place among the frames of this participant before this camera, from 0. `reference` is a frame_id, ""
    where none is named. `au` is a FACS number. Panels observe what they show and set what they change; none calls another.
    """

    participant = traitlets.Unicode()
    camera = traitlets.Unicode()
    row = traitlets.Int(0)
    reference = traitlets.Unicode()
    au = traitlets.Int()
    calibrated = traitlets.Bool(False)
