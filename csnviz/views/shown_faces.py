"""What the face viewer and its timeline show of a person: faces, or a drawing that is nobody's where faces are hidden."""

from dataclasses import replace

import numpy as np

from csnviz.faces.regions import region_polygons
from csnviz.views.people import Person
from csnviz.views.schematic import hidden_faces, reference_schematic
from csnviz.views.selection import Selection
from csnviz.views.viewer import Faces, FaceViewer

HIDDEN = "Faces are hidden on this page."


class ShownFaces:
    """Shows a person in the viewer, as the selection wants it. hidden: no picture of a face is ever asked for."""

    def __init__(self, viewer: FaceViewer, selection: Selection, hidden: bool) -> None:
        self._viewer, self._selection, self._hidden = viewer, selection, hidden

    def of(self, person: Person) -> Faces:
        """The person's faces as they may be shown; drawings are tinted by the best estimates that there are."""
        if not self._hidden:
            return Faces.of(person.frames)
        aus = person.frames.aus
        method = "label" if person.ncg is None else "ncg" if person.calibrated is None else "csn"
        tints = np.column_stack([person.column(method, au) for au in aus])
        return replace(hidden_faces(Faces.unseen(person.frames), aus, tints, self._selection.au), withheld=HIDDEN)

    def show(self, person: Person) -> None:
        """Another person: faces, timeline and reference."""
        self._viewer.show(self.of(person), self._selection.row)
        self._viewer.show_tracks(person.tracks(self._selection.cut))
        self.show_reference(person)
        self.show_unit(person)

    def show_estimates(self, person: Person) -> None:
        """The same person with other estimates, or another cut."""
        if self._hidden:
            self.show(person)  # drawn anew from the new numbers
        else:
            self._viewer.show_tracks(person.tracks(self._selection.cut))

    def show_calibrated(self, person: Person) -> None:
        """The same person compared with another reference."""
        if self._hidden:
            self.show(person)
        else:
            self._viewer.show_calibrated_tracks(person.tracks(self._selection.cut))

    def choose_unit(self, person: Person) -> None:
        """Another AU; a drawing marks it, and so is drawn anew."""
        if self._hidden:
            self.show(person)

    def show_unit(self, person: Person) -> None:
        """What the viewer marks of the AU looked at."""
        au, viewer = self._selection.au, self._viewer
        viewer.calibrated = self._selection.calibrated
        viewer.unit, viewer.region = person.frames.aus.column_of(au), list(region_polygons(au))
        viewer.strip = person.strip(au)

    def show_reference(self, person: Person) -> None:
        """The reference beside the face, marked when it is not fit; without one, what to do."""
        fitness = person.reference_fitness
        if fitness is None:
            self._viewer.show_reference(None, "No reference", reason="Choose a frame with a resting face.")
            return
        row = person.frames.row_of(person.reference)
        number = person.number(row)
        picture = reference_schematic(f"frame {number}") if self._hidden else person.frames.picture(row)
        caption = f"{'Reference' if fitness.fit else '⚠ Reference, not fit'}: frame {number}"
        self._viewer.show_reference(picture, caption, not fitness.fit, row=row)
