from dataclasses import replace

import ipywidgets
import pytest

from csnviz import places, why_story
from csnviz.errors import InputError
from csnviz.workbench import source_of
from tests import small_disfa


def test_a_source_that_is_not_there_is_one_sentence_and_three_empty_parts(tmp_path):
    told = why_story.open_story({"CSNVIZ_SOURCE": str(tmp_path / "nobody.npz"), "CSNVIZ_DATA_ROOT": str(tmp_path)})
    assert "role='alert'" in told.moment.value
    assert [part.value for part in (told.answers, told.changes, told.inside)] == [""] * 3
    assert isinstance(told.inside, ipywidgets.HTML)


def test_faces_that_are_hidden_tell_no_story_and_nor_does_a_source_without_networks(tmp_path):
    source = source_of(small_disfa.table(tmp_path), places.checkpoints())
    with pytest.raises(InputError, match="hidden"):
        why_story.story_of(replace(source, hidden_faces=True))
    with pytest.raises(InputError, match="no networks to look into"):
        why_story.story_of(replace(source, inside=None))
