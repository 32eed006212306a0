"""Why did the network see a movement that is not there? The story of one false positive, for the cells of a notebook."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import ipywidgets

from csnviz import workbench
from csnviz.errors import InputError
from csnviz.views.source import Source
from csnviz.views.why_story import WhyStory, refused

HIDDEN = "Faces are hidden here, and this story is drawn on faces. Open it where faces may be shown."


@dataclass(frozen=True)
class Refused:
    """A sentence where the story would begin, and nothing where it would go on."""

    moment: ipywidgets.Widget
    answers: ipywidgets.Widget
    changes: ipywidgets.Widget
    inside: ipywidgets.Widget


def open_story(environment: Mapping[str, str] = os.environ) -> WhyStory | Refused:
    """The story of what the environment names (see `workbench.open_page`), in four parts.

    What cannot be used becomes a sentence in place of the first.
    """
    try:
        return story_of(workbench.source_named(environment))
    except InputError as error:
        return Refused(refused(str(error)), *(ipywidgets.HTML() for _ in range(3)))


def story_of(source: Source) -> WhyStory:
    """The story of a source that was made by hand; InputError where its faces are hidden, or nothing looks inside its networks."""
    if source.hidden_faces:
        raise InputError(HIDDEN)
    if source.inside is None:
        raise InputError("This source has no networks to look into. Open the demo, a recording or a dataset.")
    return WhyStory(source, source.inside)
