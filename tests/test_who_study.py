from dataclasses import replace

import pytest

from csnviz import who_study, workbench
from csnviz.cast.dataset import load_cast
from csnviz.views.page_state import PageState


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Two people of the demo, two frames each, as a saved table."""
    folder = tmp_path_factory.mktemp("drawn")
    table = load_cast(("C101", "C105"), 2, folder, workers=1, progress=False)
    table.save(folder / "frames.npz")
    return {"CSNVIZ_SOURCE": str(folder / "frames.npz"), "CSNVIZ_DATA_ROOT": str(folder)}


def test_the_demo_has_a_map_attributes_and_a_lab(drawn):
    study = who_study.open_study(drawn)
    assert study.page.networks.wait(120.0)
    assert study.page.misread.read == ("C101", "C105")
    assert "eyeglasses" in study.page.attribute.options
    assert study.page.lab is not None
    assert (study.people, study.stress) == (study.page.people, study.page.stress)


def test_nobody_but_the_people_of_the_demo_can_be_drawn_again(drawn):
    source = workbench.source_named(drawn)
    assert who_study.lab_for(source, drawn) is not None
    assert who_study.lab_for(replace(source, hidden_faces=True), drawn) is None
    rows = source.frames.rows.assign(dataset="recording")
    assert who_study.lab_for(replace(source, frames=replace(source.frames, rows=rows)), drawn) is None


def test_the_workbench_is_made_once_and_goes_on_from_frame_to_frame(drawn):
    bench = who_study._Bench(drawn)
    page = bench.opened(PageState(frame="cast/C105/front/0001", au=9, calibrated=True))
    assert bench.explorer.selection.participant == "C105"
    assert bench.opened(PageState(frame="cast/C101/front/0000", au=4)) is page
    assert (bench.explorer.selection.participant, bench.explorer.selection.au) == ("C101", 4)


def test_a_source_that_is_not_there_is_a_sentence(tmp_path):
    study = who_study.open_study({"CSNVIZ_SOURCE": str(tmp_path / "nothing.mp4"), "CSNVIZ_DATA_ROOT": str(tmp_path)})
    assert "nothing.mp4" in study.people.value
    assert study.page is None
