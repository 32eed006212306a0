import sys
import threading
from dataclasses import replace

import numpy as np
import pytest

from csnviz.data.tables import ReferenceTable
from csnviz.explain.starts import Start
from csnviz.facs import AUSet
from csnviz.inference.features import WorkCancelled
from csnviz.models.csn import CSN
from csnviz.page_estimates import ShownWith
from csnviz.page_networks import PageNetworks
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
    monkeypatch.setattr(features, "encode_faces", lambda *given: encoded.append(given))
    assert set(networks.with_reference(frames, chosen, UNWATCHED).csn.rows["ref_frame_id"]) == {
        frames.rows["frame_id"].iloc[5]
    }
    assert encoded == []


def test_what_is_kept_stays_within_its_bound_and_the_oldest_person_goes_first(made):
    table, shown, references = made
    places = [("SN010", "left"), ("SN012", "left"), ("SN010", "right")]
    free = PageNetworks(table, shown.__getitem__)
    unbounded = asked(free, references, *places)
    sizes = [kept.features.nbytes for kept in free.kept.people.values()]
    large = max(sizes)
    bounded = PageNetworks(table, shown.__getitem__, most_bytes=2 * large + 3 * min(sizes))
    for both, again in zip(unbounded, asked(bounded, references, *places), strict=True):
        np.testing.assert_allclose(both.csn.estimate, again.csn.estimate, atol=1e-5)
    kept = [kept for kept in bounded.kept.people.values() if kept.features.nbytes == large]
    assert [ids.frame_ids[0].split("/")[1:3] for ids in kept] == [["SN012", "left"], ["SN010", "right"]]
    assert sum(each.features.nbytes for each in bounded.kept.people.values()) <= bounded.most_bytes
    assert len(bounded.kept.people) == 5, "what a network without a reference says is small, and stays"


def test_another_reference_asks_only_for_what_follows_the_affine_beginning(made, monkeypatch):
    table, shown, references = made
    networks, frames = PageNetworks(table, shown.__getitem__), part(table, "SN010")
    asked(networks, references, ("SN010",))
    chosen = references.with_reference("SN010", "left", str(frames.rows["frame_id"].iloc[5]), "person")
    plain = PageNetworks(table, shown.__getitem__)
    monkeypatch.setattr(plain.kept, "affine_of", lambda csn, features: None)
    expected = plain.with_reference(frames, chosen, UNWATCHED).csn
    monkeypatch.setattr(CSN, "begin", lambda *given: pytest.fail("a face began again"))
    monkeypatch.setattr(CSN, "decode", lambda *given: pytest.fail("a difference was decoded from the merge on"))
    found = networks.with_reference(frames, chosen, UNWATCHED).csn
    np.testing.assert_allclose(found.estimate, expected.estimate, atol=1e-4 * expected.estimate.std())
    assert found.provenance == expected.provenance
    assert found.rows.equals(expected.rows)


def test_beginnings_are_kept_where_there_is_room_beside_all_features_and_go_before_them(made):
    table, shown, references = made
    free = PageNetworks(table, shown.__getitem__)
    asked(free, references, ("SN010",))
    features = sum(kept.features.nbytes for kept in free.kept.people.values())
    room = features + free.kept.affine.nbytes
    for most_bytes, there in ((room, True), (room - 1, False)):
        networks = PageNetworks(table, shown.__getitem__, most_bytes=most_bytes)
        asked(networks, references, ("SN010",))
        assert (networks.kept.affine is not None) == there
        assert len(networks.kept.people) == 2
    snug = PageNetworks(table, shown.__getitem__, most_bytes=room)
    asked(snug, references, ("SN010",), ("SN010", "right"))
    assert len(snug.kept.people) == 4, "nobody's features went for it"
    assert snug.kept.affine is None or snug.kept.affine.features.frame_ids[0].split("/")[2] == "right"


def test_a_person_too_long_to_be_kept_is_estimated_all_the_same(made):
    table, shown, references = made
    (free,) = asked(PageNetworks(table, shown.__getitem__), references, ("SN010",))
    nothing_kept = PageNetworks(table, shown.__getitem__, most_bytes=10)
    (streamed,) = asked(nothing_kept, references, ("SN010",))
    np.testing.assert_allclose(streamed.csn.estimate, free.csn.estimate, atol=1e-5)
    assert nothing_kept.kept.people == {}


def test_one_pair_of_networks_is_in_memory_at_a_time(made):
    table, shown, references = made
    networks = PageNetworks(table, shown.__getitem__)
    asked(networks, references, ("SN010",))
    first = networks.loaded.front[1]
    asked(networks, references, ("SN010", "right"))
    assert networks.loaded.front[1] is first
    asked(networks, references, ("SN012",))
    assert networks.loaded.front[0] == shown["SN012"].files
    assert networks.loaded.behind is None


def test_somebody_without_any_face_has_no_estimate_and_is_no_error(made):
    table, shown, _ = made
    rows = table.rows.assign(reason="no face found")
    frames = part(replace(table, rows=rows), "SN010")
    assert np.isnan(PageNetworks(frames, shown.__getitem__).without_reference(frames, UNWATCHED).estimate).all()


def counting(monkeypatch):
    """The number of faces in each pass up to the merge, from now on."""
    from csnviz.inference import features

    passes, real = [], features.encode_faces
    monkeypatch.setattr(
        features, "encode_faces", lambda trained, images: passes.append(len(images)) or real(trained, images)
    )
    return passes


def test_one_frame_at_once_says_what_the_tables_say_of_it(made):
    table, shown, references = made
    frames, networks = part(table, "SN010"), PageNetworks(table, shown.__getitem__)
    reference = references.frame_id_for("SN010", "left")
    before = networks.at_once(frames, 4, reference)
    ncg = networks.without_reference(frames, UNWATCHED)
    both = networks.with_reference(frames, references, UNWATCHED)
    after = networks.at_once(frames, 4, reference)
    assert list(before) == ["ncg", "bs", "csn"]
    for values in (before, after):
        for key, said in (("ncg", ncg), ("bs", both.bs), ("csn", both.csn)):
            np.testing.assert_allclose(values[key], said.estimate[4], atol=1e-4)
    assert np.ptp(ncg.estimate, axis=0).max() > 0.1, "the frames differ"


def test_one_frame_at_once_needs_no_pass_up_to_the_merge_where_its_features_are_kept(made, monkeypatch):
    from csnviz.inference import one_frame

    table, shown, references = made
    frames, networks = part(table, "SN010"), PageNetworks(table, shown.__getitem__)
    networks.with_reference(frames, references, UNWATCHED)
    monkeypatch.setattr(one_frame, "encode_faces", lambda *given: pytest.fail("a face was encoded again"))
    networks.at_once(frames, 4, references.frame_id_for("SN010", "left"))


def test_at_once_follows_the_order_of_the_frames_units_and_leaves_out_what_the_network_cannot_say(made):
    table, shown, references = made
    frames, networks = part(table, "SN010"), PageNetworks(table, shown.__getitem__)
    reference = references.frame_id_for("SN010", "left")
    straight = networks.at_once(frames, 4, reference)["csn"]
    turned = frames.coding(AUSet(tuple(reversed(frames.aus.numbers))))
    np.testing.assert_array_equal(networks.at_once(turned, 4, reference)["csn"], straight[::-1])
    unknown = replace(frames, aus=AUSet((7, *frames.aus.numbers[1:])))
    np.testing.assert_array_equal(
        networks.at_once(unknown, 4, reference)["csn"], np.concatenate([[np.nan], straight[1:]]).astype(np.float32)
    )


def test_without_a_reference_or_a_face_what_cannot_be_said_at_once_is_nan(made):
    table, shown, references = made
    frames, networks = part(table, "SN010"), PageNetworks(table, shown.__getitem__)
    alone = networks.at_once(frames, 4, "")
    assert np.isfinite(alone["ncg"]).all()
    assert np.isnan(alone["bs"]).all()
    assert np.isnan(alone["csn"]).all()
    rows = frames.rows.assign(reason=np.where(np.arange(len(frames)) == 4, "no face found", ""))
    nobody = networks.at_once(replace(frames, rows=rows), 4, references.frame_id_for("SN010", "left"))
    assert all(np.isnan(values).all() for values in nobody.values())


def test_frames_are_answered_at_once_from_several_threads_while_the_network_thread_works(made):
    table, shown, references = made
    frames, networks = part(table, "SN010"), PageNetworks(table, shown.__getitem__)
    reference = references.frame_id_for("SN010", "left")
    expected = PageNetworks(table, shown.__getitem__).with_reference(frames, references, UNWATCHED).csn.estimate
    found, stop, loud = {}, threading.Event(), sys.stderr

    def work():
        while not stop.is_set():
            for who in WHO:
                networks.everyone(part(table, who), references, UNWATCHED)

    def ask(row):
        found[row] = networks.at_once(frames, row, reference)["csn"]

    worker = threading.Thread(target=work)
    worker.start()
    threads = [threading.Thread(target=ask, args=(row,)) for row in range(len(frames))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    worker.join()
    np.testing.assert_allclose(np.stack([found[row] for row in range(len(frames))]), expected, atol=1e-4)
    assert sys.stderr is loud, "the error stream is back"


def test_everyone_is_estimated_as_when_looked_at_and_nothing_of_them_is_kept(made):
    table, shown, references = made
    networks, looked_at = (PageNetworks(table, shown.__getitem__) for _ in range(2))
    for who in WHO:
        frames = part(table, who)
        read = networks.everyone(frames, references, UNWATCHED)
        both = looked_at.with_reference(frames, references, UNWATCHED)
        np.testing.assert_allclose(read.calibrated.csn.estimate, both.csn.estimate, atol=1e-4)
        np.testing.assert_allclose(read.calibrated.bs.estimate, both.bs.estimate, atol=1e-4)
    assert networks.kept.people == {}


def test_reading_people_of_another_fold_leaves_the_networks_of_the_person_looked_at_where_they_are(made):
    table, shown, references = made
    networks = PageNetworks(table, shown.__getitem__)
    asked(networks, references, ("SN010",))
    front = networks.loaded.front[1]
    networks.everyone(part(table, "SN012"), references, UNWATCHED)
    assert networks.loaded.front[1] is front
    behind = networks.loaded.behind[1]
    asked(networks, references, ("SN012",))
    assert networks.loaded.front[1] is behind, "what is loaded already is not loaded again"


def test_somebody_without_a_reference_is_read_without_calibration(made):
    table, shown, _ = made
    read = PageNetworks(table, shown.__getitem__).everyone(part(table, "SN010"), ReferenceTable.empty(), UNWATCHED)
    assert read.calibrated is None
    assert np.isfinite(read.ncg.estimate).all()


class StopsAfter(Watch):
    """A watch that says stop after so many questions, and hears of every step."""

    def __init__(self, questions: int) -> None:
        super().__init__(lambda: next(left) < 0, lambda share: None)
        left = iter(range(questions - 1, -1_000_000, -1))
        self.shares = []

    def progress(self, share: float) -> None:
        self.shares.append(share)


def until_done(ask):
    """Asks again and again, each time stopped after four passes; how often that took."""
    for turn in range(1, 20):
        try:
            return ask(StopsAfter(4)), turn
        except WorkCancelled:
            pass
    raise AssertionError("it never gets anywhere")


@pytest.mark.parametrize("looked_at", [True, False])
def test_whoever_is_interrupted_again_and_again_still_sees_every_face_only_once(made, monkeypatch, looked_at):
    from csnviz.inference import affine, features

    table, shown, references = made
    for room in (features, affine):
        monkeypatch.setattr(room, "batches", lambda rows, batch, stop, real=features.batches: real(rows, 1, stop))
    networks, frames = PageNetworks(table, shown.__getitem__), part(table, "SN010")
    expected = PageNetworks(table, shown.__getitem__).with_reference(frames, references, UNWATCHED)
    networks.loaded.in_front(shown["SN010"].files)
    passes = counting(monkeypatch)
    if looked_at:
        found, turns = until_done(lambda watch: networks.with_reference(frames, references, watch))
    else:
        read, turns = until_done(lambda watch: networks.everyone(frames, references, watch))
        found = read.calibrated
    assert turns > 2
    np.testing.assert_allclose(found.csn.estimate, expected.csn.estimate, atol=1e-4)
    np.testing.assert_allclose(found.bs.estimate, expected.bs.estimate, atol=1e-4)
    extra = 4 * turns  # one face tells how large features are, and the reference is seen with each turn
    assert 12 <= sum(passes) <= 12 + extra


def test_how_far_work_is_never_goes_back(made):
    table, shown, references = made
    watch = StopsAfter(1000)
    networks, frames = PageNetworks(table, shown.__getitem__), part(table, "SN010")
    networks.without_reference(frames, UNWATCHED)
    networks.with_reference(frames, references, watch)
    shares = watch.shares
    assert shares == sorted(shares)
    assert shares[0] >= 0
    assert shares[-1] < 1


def test_likeness_is_asked_about_features_that_are_kept(made, monkeypatch):
    table, shown, references = made
    networks, frames = PageNetworks(table, shown.__getitem__), part(table, "SN010")
    networks.with_reference(frames, references, UNWATCHED)
    passes = counting(monkeypatch)
    found = networks.likeness(frames, UNWATCHED)
    assert (found.shape, found.dtype, passes) == ((6,), np.float32, [])
    assert np.nanmax(found) == 1


def test_of_a_recording_too_long_to_be_kept_some_frames_are_compared(made):
    table, shown, _ = made
    frames = part(table, "SN010")
    whole = PageNetworks(table, shown.__getitem__)
    whole.likeness(frames, UNWATCHED)
    (size,) = (kept.features.nbytes for kept in whole.kept.people.values())
    found = PageNetworks(table, shown.__getitem__, most_bytes=size // 2).likeness(frames, UNWATCHED)
    np.testing.assert_array_equal(np.isnan(found), [False, True] * 3)
