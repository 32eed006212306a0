"""The same drawn face without one of its attributes: what no photograph can show, drawn when the page asks for it.

A twin is only worth something where everything else is the same. So the face is drawn both ways, and the drawing with the attribute
has to be the crop that the page shows.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, UInt8

from csnviz.data.manifest import DRAWN
from csnviz.data.tables import FrameTable
from csnviz.errors import InputError

if TYPE_CHECKING:
    from csnviz.cast.attributes import Attributes
    from csnviz.cast.pairs import Pair
    from csnviz.cast.play import Play

DRAWN_HERE = "drawn"
"""The source of frames that csnviz drew itself, as against pictures of drawn people that were read from a folder."""
VISIBLE = 0.05
"""Of the light on skin: a change of less, such as a faint reflection or shadow, is not taken for the glasses."""
_SAME = 0.1
"""Shades by which two drawings of the same face may differ on average. Frames that are drawn together are rounded otherwise than
one drawn alone, and the camera's JPEG makes up to 5 shades of it in a few pixels: .016 on average was the most that was seen."""


@dataclass(frozen=True)
class Twins:
    """Frames of drawn people. play: what they were drawn to play, None = as the demo's people do."""

    frames: FrameTable
    play: "Play | None" = None

    def attributes(self, frame_id: str) -> dict[str, str]:
        """What the person in this frame carries: the attribute's name, and words for it ("the eyeglasses"); none of the undrawn."""
        from csnviz.cast.attributes import NAMES, draw_attributes

        row = self.frames.rows.iloc[self.frames.row_of(frame_id)]
        if row["dataset"] not in DRAWN or row["source"] != DRAWN_HERE or row["reason"]:
            return {}
        try:
            worn = draw_attributes(str(row["participant"]))
        except InputError:  # nobody is drawn under that name
            return {}
        return {name: _in_words(worn, name) for name in NAMES if getattr(worn, name)}

    def without(self, frame_id: str, attribute: str) -> UInt8[np.ndarray, "S S 3"]:
        """The crop of a frame as it is without the attribute, all else as it was, down to the noise of the camera.

        InputError where the person does not carry it, and where a drawing of the frame is not the crop that the table has: then the
        frame was drawn from another script, by another version, or is no drawing.
        """
        return self._drawn(frame_id, attribute).off.crops()[0]

    def glasses(self, frame_id: str) -> Bool[np.ndarray, "S S"] | None:
        """The pixels of a crop that eyeglasses darken or brighten by more than VISIBLE, with their shadow and what they reflect.

        None where there are none, or where the face is not the one that is drawn here.
        """
        try:
            return self._drawn(frame_id, "eyeglasses").crop_mask(VISIBLE)[0]
        except InputError:
            return None

    def _drawn(self, frame_id: str, attribute: str) -> "Pair":
        """The face with and without the attribute, as the page shows it."""
        from csnviz.cast.attributes import draw_attributes
        from csnviz.cast.pairs import draw_pair
        from csnviz.cast.play import Play
        from csnviz.cast.scripts import SCRIPTS

        row = self.frames.row_of(frame_id)
        who, frame = str(self.frames.rows["participant"].iloc[row]), int(self.frames.rows["frame_index"].iloc[row])
        if attribute not in self.attributes(frame_id):
            raise InputError(f"{who} was not drawn with {attribute}. Choose an attribute that the face has.")
        play, dose = self.play or Play(), getattr(draw_attributes(who), attribute)
        script, dial = SCRIPTS[play.script], play.non_additivity
        pair = draw_pair(who, [frame], attribute, dose, script=script, non_additivity=dial)
        if np.abs(pair.on.crops()[0].astype(int) - self.frames.crops([row])[0]).mean() > _SAME:
            raise InputError(
                f"{frame_id} is not the face that csnviz draws under that name here, so it cannot be drawn without {attribute}. "
                "Draw these people anew, or fill a part of the face instead."
            )
        return pair


def _in_words(worn: "Attributes", name: str) -> str:
    """ "the wide brow-eye distance"."""
    from csnviz.cast.attributes import WORDS

    strength = getattr(worn, name)
    words = next(words for words, (which, sign) in WORDS.items() if which == name and sign * strength > 0)
    return f"the {words}"
