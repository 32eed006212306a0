"""A researcher's way in a real browser: a dataset's folder is prepared, networks are trained for one epoch, the page opens."""

from functools import cache

import numpy as np
import pytest

from csnviz import places, servers
from csnviz.cast.dataset import draw_frame
from csnviz.cli import main
from tests.data.trees import disfa_tree, keep_manifest

pytestmark = pytest.mark.browser

PATIENCE = 120_000
PLAYED_BY = {"SN010": "C108", "SN012": "C109", "SN013": "C112", "SN024": "C104", "SN003": "C101"}
"""The people of the paper's Figure 2 and one of the third fold, and the drawn people who stand in for them."""

FOLD_OF = {"SN010": 1, "SN012": 2, "SN013": 2, "SN024": 2, "SN003": 3}


@cache
def drawn(who: str, index: int) -> np.ndarray:
    return draw_frame(PLAYED_BY[who], 16 * index)[0]


@pytest.fixture(scope="module")
def page(chromium, tmp_path_factory):
    """The page that `csnviz open disfa --run runs` serves, after preparing and one epoch of training for every fold."""
    folder = tmp_path_factory.mktemp("walk")
    tree = disfa_tree(folder / "DISFA", tuple(PLAYED_BY), 2, draw=lambda who, camera, video, index: drawn(who, index))
    root, runs = places.data_root(folder / "root"), folder / "runs"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CSNVIZ_MANIFEST", str(keep_manifest(tree.manifest, folder / "manifest")))
        patch.setenv("CSNVIZ_DATA_ROOT", str(root))
        assert main(["prepare", "disfa", "--root", str(tree.root), "--check", "--debug"]) == 0
        assert main(["prepare", "disfa", "--root", str(tree.root), "--workers", "1", "--debug"]) == 0
        quick = ("--start", "nothing", "--set", "epochs=1", "--set", "size=IR-small", "--set", "batch_size=8")
        for recipe in ("ir50_ncg", "csn_stage4"):
            assert main(["train", recipe, "--on", "disfa", *quick, "--out", str(runs), "--debug"]) == 0
        environment = {
            "CSNVIZ_SOURCE": "dataset:disfa",
            "CSNVIZ_RUNS": str(runs),
            "CSNVIZ_DATA_ROOT": str(root),
            "OMP_NUM_THREADS": "1",
        }
        with servers.start_voila(places.notebook("explore"), environment, root) as server:
            context = chromium.new_context(viewport={"width": 1440, "height": 900})
            opened = context.new_page()
            opened.set_default_timeout(PATIENCE)
            opened.goto(server.address, wait_until="commit")
            opened.wait_for_function("() => document.querySelectorAll('.csn-provenance section').length === 3")
            yield opened
            context.close()


def test_each_person_is_shown_with_the_network_of_the_fold_that_held_them_out(page):
    for who, fold in FOLD_OF.items():
        page.select_option(".csn-participant select", label=who)
        count = sum(theirs != fold for theirs in FOLD_OF.values())
        expected = f"Networks trained on {count} people of DISFA, not this one (fold {fold})."
        page.wait_for_function(
            "text => document.querySelector('.csn-numbers .csn-standing')?.textContent.includes(text)", arg=expected
        )


def test_the_four_cases_of_the_paper_s_figure_2_are_in_the_menu_and_lead_to_their_person_and_unit(page):
    menu = [name.replace("\xa0", " ") for name in page.locator(".csn-cases option").all_inner_texts()]
    assert [name[:10] for name in menu if name.startswith("Figure 2")] == [
        "Figure 2a:",
        "Figure 2b:",
        "Figure 2c:",
        "Figure 2d:",
    ]
    for name, who, unit in (
        ("Figure 2a", "SN024", "AU1 "),
        ("Figure 2b", "SN012", "AU4 "),
        ("Figure 2d", "SN013", "AU17 "),
    ):
        page.select_option(".csn-cases select", label=next(entry for entry in menu if entry.startswith(name)))
        page.wait_for_function(
            "([who, unit]) => document.querySelector('.csn-participant option:checked')?.textContent === who "
            "&& document.querySelector('.csn-sentence')?.textContent.includes(unit)",
            arg=[who, unit],
        )
