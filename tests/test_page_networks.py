from dataclasses import replace

import numpy as np
import pytest

from csnviz.explain.starts import Start
from csnviz.page_networks import PageNetworks, ShownWith
from csnviz.page_starts import starting_references
from csnviz.views.latest_only import Watch
from tests import small_disfa

UNWATCHED = Watch(lambda: False, lambda share: None)
WHO = ("SN010", "SN012")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("disfa")
    runs, table = small_disfa.fold_runs(folder / "runs"), small_disfa.table(folder / "crops")
    start = Start(np.zeros((112, 112, 3), np.uint8), "darkness")
    shown = {
        who: ShownWith(
            *(runs / f"disfa-fold{fold}-{kind}" / "checkpoint.safetensors" for kind in ("ncg", "stage4")),
            lambda: start,
            {"fold": fold},
        )
        for who, fold in small_disfa.FOLD_OF.items()
        if who in WHO
    }
    return table, shown, starting_references(table)


def part(table, who, camera="left"):
    return table.select(((table.rows["participant"] == who) & (table.rows["camera"] == camera)).to_numpy())


def asked(networks, references, *places):
    return [networks.with_reference(part(networks.frames, *place), references, UNWATCHED) for place in places]


def test_two_people_are_asked_by_their_own_networks_and_both_tables_say_so(made):
    table, shown, references = made
    one, other = asked(PageNetworks(table, shown.__getitem__), references, ("SN010",), ("SN012",))
    assert [both.csn.provenance["fold"] for both in (one, other)] == ["1", "2"]
    assert one.bs.provenance["network"]["sha256"] != other.bs.provenance["network"]["sha256"]


def test_another_reference_encodes_no_face_again(made, monkeypatch):
    from csnviz.inference import features

    table, shown, references = made
    networks = PageNetworks(table, shown.__getitem__)
    asked(networks, references, ("SN010",))
    frames = part(table, "SN010")
    chosen = references.with_reference("SN010", "left", str(frames.rows["frame_id"].iloc[5]), "person")
    encoded = []
    monkeypatch.setattr(features, "_encode", lambda *given: encoded.append(given))
    assert set(networks.with_reference(frames, chosen, UNWATCHED).csn.rows["ref_frame_id"]) == {
        frames.rows["frame_id"].iloc[5]
    }
    assert encoded == []


def test_what_is_kept_stays_within_its_bound_and_the_oldest_person_goes_first(made):
    table, shown, references = made
    places = [("SN010", "left"), ("SN012", "left"), ("SN010", "right")]
    free = PageNetworks(table, shown.__getitem__)
    unbounded = asked(free, references, *places)
    sizes = [kept.features.nbytes for kept in free._kept.values()]
    large = max(sizes)
    bounded = PageNetworks(table, shown.__getitem__, most_bytes=2 * large + 3 * min(sizes))
    for both, again in zip(unbounded, asked(bounded, references, *places), strict=True):
        np.testing.assert_array_equal(both.csn.estimate, again.csn.estimate)
    kept = [kept for kept in bounded._kept.values() if kept.features.nbytes == large]
    assert [ids.frame_ids[0].split("/")[1:3] for ids in kept] == [["SN012", "left"], ["SN010", "right"]]
    assert sum(each.features.nbytes for each in bounded._kept.values()) <= bounded.most_bytes
    assert len(bounded._kept) == 5, "what a network without a reference says is small, and stays"


def test_a_person_too_long_to_be_kept_is_estimated_all_the_same(made):
    table, shown, references = made
    (free,) = asked(PageNetworks(table, shown.__getitem__), references, ("SN010",))
    nothing_kept = PageNetworks(table, shown.__getitem__, most_bytes=10)
    (streamed,) = asked(nothing_kept, references, ("SN010",))
    np.testing.assert_allclose(streamed.csn.estimate, free.csn.estimate, atol=1e-5)
    assert nothing_kept._kept == {}


def test_one_pair_of_networks_is_in_memory_at_a_time(made):
    table, shown, references = made
    networks = PageNetworks(table, shown.__getitem__)
    asked(networks, references, ("SN010",))
    first = networks._loaded[1]
    asked(networks, references, ("SN010", "right"))
    assert networks._loaded[1] is first
    asked(networks, references, ("SN012",))
    assert networks._loaded[0] == shown["SN012"]


def test_somebody_without_any_face_has_no_estimate_and_is_no_error(made):
    table, shown, _ = made
    rows = table.rows.assign(reason="no face found")
    frames = part(replace(table, rows=rows), "SN010")
    assert np.isnan(PageNetworks(frames, shown.__getitem__).without_reference(frames, UNWATCHED).estimate).all()
