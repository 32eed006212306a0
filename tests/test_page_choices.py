from dataclasses import replace

import numpy as np
import pytest

from csnviz.data.own_choices import OwnChoices
from csnviz.data.saved_views import SavedViews
from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable, make_rows
from csnviz.errors import InputError
from csnviz.facs import DISFA
from csnviz.page_choices import kept_under, with_choices
from csnviz.views.source import Source


def frames_of(dataset: str, prefix: str) -> FrameTable:
    number = np.arange(4)
    rows = make_rows(
        {
            "frame_id": [f"{prefix}/{i}" for i in number], "dataset": dataset, "participant": "SN001", "camera": "left",
            "video": "v", "source": "", "frame_index": number, "timestamp": number / 20, "reason": "",
        }
    )  # fmt: skip
    return FrameTable(rows, np.zeros((4, len(DISFA)), np.float32), DISFA)


def nothing(*_) -> PredictionTable:
    raise AssertionError("nobody asks the networks here")


def source_of(dataset: str, prefix: str) -> Source:
    references = ReferenceTable.empty().with_reference("SN001", "left", f"{prefix}/1", "authors")
    return Source("A page", "About it.", frames_of(dataset, prefix), references, nothing, nothing, nothing)


def test_what_somebody_kept_wins_over_what_the_page_began_with(tmp_path):
    OwnChoices("disfa", tmp_path).keep_reference("SN001", "left", "disfa/SN001/left/2", "person", "calmer")
    OwnChoices("disfa", tmp_path).keep_attribute("SN001", "eyeglasses", "present")
    source = with_choices(source_of("disfa", "disfa/SN001/left"), {}, tmp_path)
    assert source.references.frame_id_for("SN001", "left") == "disfa/SN001/left/2"
    row = source.attributes[
        (source.attributes["participant"] == "SN001") & (source.attributes["attribute"] == "eyeglasses")
    ]
    assert row["value"].tolist() == ["present"]
    assert source.keeper == OwnChoices("disfa", tmp_path)
    assert source.views == SavedViews.of("disfa", tmp_path)


def test_a_page_that_is_read_only_keeps_nothing(tmp_path):
    source = with_choices(source_of("disfa", "disfa/SN001/left"), {"CSNVIZ_READ_ONLY": "1"}, tmp_path)
    assert (source.keeper, source.views) == (None, None)


@pytest.mark.parametrize(
    ("dataset", "environment", "hidden"),
    [
        ("disfa", {}, False),
        ("disfa", {"CSNVIZ_DASHBOARD": "1"}, True),
        ("disfa", {"CSNVIZ_DASHBOARD": "1", "CSNVIZ_FACES": "shown"}, True),
        ("disfa", {"CSNVIZ_FACES": "hidden"}, True),
        ("cast", {"CSNVIZ_DASHBOARD": "1"}, False),
        ("cast", {"CSNVIZ_FACES": "hidden"}, True),
        ("recording", {"CSNVIZ_DASHBOARD": "1"}, False),
        ("recording", {"CSNVIZ_FACES": "hidden"}, True),
    ],
)
def test_others_see_no_face_that_the_licence_keeps_from_them(dataset, environment, hidden, tmp_path):
    assert with_choices(source_of(dataset, "film.mp4-1a2b"), environment, tmp_path).hidden_faces is hidden


def test_faces_of_a_dataset_that_forbids_it_never_go_into_a_file(tmp_path):
    licensed = with_choices(source_of("disfa", "disfa/SN001/left"), {}, tmp_path)
    assert not licensed.may_show_faces
    assert licensed.licence
    drawn = with_choices(source_of("cast", "cast/C101/front"), {}, tmp_path)
    assert drawn.may_show_faces
    assert drawn.invented


def test_two_recordings_of_one_name_keep_their_choices_apart():
    assert kept_under(frames_of("recording", "film.mp4-1a2b")) == "film.mp4-1a2b"
    assert kept_under(frames_of("disfa", "disfa/SN001/left")) == "disfa"


def test_a_wish_that_is_none_is_refused(tmp_path):
    with pytest.raises(InputError, match="'perhaps'"):
        with_choices(source_of("disfa", "a"), {"CSNVIZ_FACES": "perhaps"}, tmp_path)


def test_a_hidden_page_stays_hidden_whatever_the_environment_says(tmp_path):
    source = replace(source_of("cast", "cast/C101/front"), hidden_faces=True)
    assert with_choices(source, {"CSNVIZ_FACES": "shown"}, tmp_path).hidden_faces
