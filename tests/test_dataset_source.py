import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from csnviz.data.alignment import alignment_of
from csnviz.data.manifest import read_manifest
from csnviz.data.own_choices import OwnChoices
from csnviz.data.tables import FrameTable, ReferenceTable
from csnviz.dataset_source import dataset_source
from csnviz.errors import InputError
from csnviz.inference.predict import predict_with_reference, predict_without_reference
from csnviz.models.checkpoints import load_checkpoint
from csnviz.page_choices import FACES_HIDDEN, NOT_FOR_OTHERS, hides_faces, with_choices
from csnviz.recipes.splits import Study
from csnviz.views.latest_only import Watch
from csnviz.views.source import CANCELLED, WHY_NCG, Question
from tests import small_disfa

UNWATCHED = Watch(lambda: False, lambda share: None)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Everybody's frames, and the runs of folds 1 and 2: SN003 of fold 3 was trained on by both."""
    folder = tmp_path_factory.mktemp("disfa")
    manifest = read_manifest("disfa")
    study = Study(manifest, small_disfa.table(folder / "crops"), manifest.reference_table())
    return study, small_disfa.fold_runs(folder / "runs"), folder


def before(frames: FrameTable, who: str, camera: str) -> FrameTable:
    theirs = frames.of(who)
    return theirs.select((theirs.rows["camera"] == camera).to_numpy())


@pytest.fixture
def source(made):
    study, runs, folder = made
    return with_choices(dataset_source(study, [runs], folder), {}, folder)


@pytest.mark.parametrize(("who", "fold", "count"), [("SN010", "1", 2), ("SN012", "2", 3)])
def test_estimates_come_from_the_networks_of_the_fold_that_held_the_person_out(source, made, who, fold, count):
    frames = before(source.frames, who, "left")
    both = source.with_reference(frames, source.references, UNWATCHED)
    ncg, csn = (
        load_checkpoint(made[1] / f"disfa-fold{fold}-{kind}" / "checkpoint.safetensors") for kind in ("ncg", "stage4")
    )
    alone = predict_without_reference(ncg, frames, progress=False)
    beside = predict_with_reference(csn, frames, source.references, progress=False)
    np.testing.assert_allclose(source.without_reference(frames, UNWATCHED).estimate, alone.estimate, atol=1e-5)
    np.testing.assert_allclose(both.csn.estimate, beside.estimate, atol=1e-5)
    assert np.ptp(alone.estimate, axis=0).max() > 0.1, "the networks see something"
    assert source.standing(who).sentence == f"Networks trained on {count} people of DISFA, not this one (fold {fold})."
    for table in (both.bs, both.csn):
        assert who not in table.provenance["training_participants"]
        assert (table.provenance["fold"], table.provenance["in_sample"]) == (fold, False)


def test_people_whom_every_network_was_trained_on_are_hidden_and_the_page_says_why(source):
    assert source.frames.participants == ("SN010", "SN001", "SN012")
    assert source.cautions == (
        NOT_FOR_OTHERS,
        "1 of 4 people (fold 3) is hidden, because every network here was trained on them. Add runs that held them out, or open "
        "with --in-sample.",
    )


def test_asked_for_they_are_shown_and_marked_as_in_sample(made):
    study, runs, folder = made
    source = with_choices(dataset_source(study, [runs], folder, in_sample=True), {}, folder)
    assert source.frames.participants == study.table.participants
    standing = source.standing("SN003")
    assert standing.in_sample
    assert standing.sentence == "In-sample: networks trained on 2 people of DISFA, this one among them (fold 1)."
    assert source.cautions == (NOT_FOR_OTHERS,)
    table = source.without_reference(before(source.frames, "SN003", "left"), UNWATCHED)
    assert table.provenance["in_sample"] is True
    assert "SN003" in table.provenance["training_participants"]


def test_a_fold_whose_csn_is_missing_is_named_in_the_refusal(made, tmp_path):
    study, _, folder = made
    runs = small_disfa.fold_runs(tmp_path, ("1", "2"))
    (runs / "disfa-fold2-stage4" / "finished.json").unlink()
    source = with_choices(dataset_source(study, [runs], folder), {}, folder)
    assert source.frames.participants == ("SN010", "SN001")
    assert "2 of 4 people (fold 2 and 3) are hidden" in source.cautions[1]
    assert "fold 2 has no finished CSN" in source.cautions[1]


def test_with_networks_that_know_everybody_there_is_no_page(made):
    study, runs, folder = made
    known = study.table.select((study.table.rows["participant"] == "SN003").to_numpy())
    with pytest.raises(
        InputError, match=r"1 of 1 people \(fold 3\) is hidden, because every network here was trained on"
    ):
        dataset_source(replace(study, table=known), [runs], folder)


def test_a_fold_of_half_a_pair_alone_says_what_is_missing(made):
    study, runs, folder = made
    with pytest.raises(InputError, match=r"DISFA needs two networks of one fold.* fold 1 has no finished CSN"):
        dataset_source(study, [runs / "disfa-fold1-ncg"], folder)


def test_the_authors_references_come_first_before_both_cameras(source):
    for who in source.frames.participants:
        for camera in ("left", "right"):
            index = small_disfa.first_index(who) + small_disfa.BEFORE
            assert source.references.frame_id_for(who, camera) == f"disfa/{who}/{camera}/{who}/{index:04d}"
    assert set(source.references.rows["chosen_by"]) == {"authors"}


def test_a_reference_without_a_usable_face_makes_way_for_the_first_fit_frame(made):
    study, runs, folder = made
    rows = study.table.rows.copy()
    lost = study.references.frame_id_for("SN010", "left")
    rows.loc[rows["frame_id"] == lost, "reason"] = "no face found"
    source = dataset_source(replace(study, table=replace(study.table, rows=rows)), [runs], folder)
    index = small_disfa.first_index("SN010")
    assert source.references.frame_id_for("SN010", "left") == f"disfa/SN010/left/SN010/{index:04d}"
    chosen = source.references.rows.set_index(["participant", "camera"])["chosen_by"]
    assert (chosen["SN010", "left"], chosen["SN010", "right"]) == ("labels", "authors")


def test_a_dataset_whose_references_nobody_has_chosen_starts_with_fit_frames(made):
    study, runs, folder = made
    source = dataset_source(replace(study, references=ReferenceTable.empty()), [runs], folder)
    assert len(source.references.rows) == 6
    assert set(source.references.rows["chosen_by"]) == {"labels"}


def test_the_cases_are_those_of_the_people_who_are_here_and_the_first_one_opens_the_page(source):
    found = [(case.name, case.participant, case.camera, case.au) for case in source.cases]
    assert found == [
        ("Figure 2b: nose-root wrinkle", "SN012", "left", 4),
        ("Figure 2c: bridge of the eyeglasses", "SN010", "left", 9),
    ]
    assert source.opening == ("SN012", 4)


def test_the_page_says_whose_faces_these_are_and_under_which_licence(source):
    assert source.title.endswith("3 people of DISFA")
    assert source.about.startswith("Real people, with the human labels of DISFA; networks trained on people of DISFA.")
    assert "no redistribution of pictures" in source.about
    assert "drawing" not in source.about


def test_explanations_start_from_the_mean_reference_of_the_people_trained_on_and_say_so(source, made, monkeypatch):
    from csnviz.explain import attribution

    starts, real = [], attribution.why_ncg

    def heard(ncg, image, start, *given):
        starts.append(start)
        return real(ncg, image, start, *given)

    monkeypatch.setattr(attribution, "why_ncg", heard)
    frame = str(before(source.frames, "SN012", "left").rows["frame_id"].iloc[0])
    assert source.explain(Question(WHY_NCG.key, 4, frame, ""), UNWATCHED).start == starts[0].words
    table, trained = made[0].table, ("SN010", "SN001", "SN003")
    ids = [made[0].references.frame_id_for(who, camera) for who in trained for camera in ("left", "right")]
    expected = table.crops([table.row_of(frame_id) for frame_id in ids]).mean(axis=0)
    np.testing.assert_allclose(starts[0].crop, expected, atol=0.51)
    assert starts[0].words == "the mean resting face of the 3 people of DISFA that the networks were trained on"


def test_people_of_another_dataset_are_shown_with_disfas_networks_and_an_honest_start(made, tmp_path):
    study, runs, _ = made
    unbc = read_manifest("unbc_mcmaster")
    who = unbc.participants["participant"].iloc[0]
    theirs = before(study.table, "SN012", "left")
    rows = theirs.rows.assign(dataset="unbc_mcmaster", participant=who, camera="front")
    table = replace(theirs, rows=rows)
    one_fold = [runs / f"disfa-fold2-{kind}" for kind in ("ncg", "stage4")]
    source = dataset_source(Study(unbc, table, ReferenceTable.empty()), one_fold, tmp_path)
    assert source.standing(who).sentence == "Networks trained on 3 people of DISFA, not this one (fold 2)."
    assert "human labels of UNBC-McMaster; networks trained on people of DISFA" in source.about
    frames = source.frames.of(who)
    reference = source.references.frame_id_for(who, "front")
    frame = str(frames.rows["frame_id"].iloc[5])
    explained = source.explain(Question(CANCELLED.key, 12, frame, reference), UNWATCHED)
    assert explained.start == "a drawn face, because DISFA is not prepared here"


def test_whom_the_networks_were_trained_on_is_said_for_a_stranger(source, made):
    assert source.trained_on == (
        "The networks were trained on 2 or 3 people of DISFA, and each person here is seen by networks that were not trained on "
        "them."
    )
    study, runs, folder = made
    known = dataset_source(study, [runs], folder, in_sample=True).trained_on
    assert known.endswith("; 1 of those here is among the people whom theirs were trained on.")


@pytest.mark.parametrize(
    ("dataset", "wish", "for_others", "hidden"),
    [
        ("disfa", "", True, True),
        ("disfa", "shown", True, True),
        ("disfa", "hidden", False, True),
        ("disfa", "", False, False),
        ("disfa", "shown", False, False),
        ("cast", "", True, False),
        ("cast", "hidden", True, True),
    ],
)
def test_a_licence_that_forbids_showing_hides_faces_from_others_whatever_is_wished(dataset, wish, for_others, hidden):
    assert hides_faces(read_manifest(dataset), wish, for_others) is hidden


def test_an_unknown_wish_about_faces_is_refused():
    with pytest.raises(InputError, match="'shown' or 'hidden'; found 'maybe'"):
        hides_faces(read_manifest("disfa"), "maybe", for_others=True)


def test_hidden_faces_are_hidden_and_said_to_be(made):
    study, runs, folder = made
    source = with_choices(dataset_source(study, [runs], folder), {"CSNVIZ_FACES": "hidden"}, folder)
    assert source.hidden_faces
    assert source.cautions[0] == FACES_HIDDEN
    assert NOT_FOR_OTHERS not in source.cautions


def test_the_attributes_are_those_of_the_people_who_are_here_and_the_users_own_win(made, tmp_path):
    study, runs, _ = made
    OwnChoices("disfa", tmp_path).keep_attribute("SN010", "eyeglasses", "present")
    found = with_choices(dataset_source(study, [runs], tmp_path), {}, tmp_path).attributes
    assert set(found["participant"]) == {"SN010", "SN001", "SN012"}
    glasses = found[(found["participant"] == "SN010") & (found["attribute"] == "eyeglasses")]
    assert list(glasses["value"]) == ["present"]


def aligned(runs, tmp_path, alignment):
    """The runs with what they say about the alignment of their training faces."""
    copied = shutil.copytree(runs, tmp_path / "runs")
    for file in copied.rglob("run.json"):
        words = json.loads(file.read_text())
        words["settings"]["training_alignment"] = alignment
        file.write_text(json.dumps(words))
    return copied


def test_networks_trained_on_faces_that_were_aligned_otherwise_are_warned_of_once(made, tmp_path):
    study, runs, folder = made
    other = aligned(runs, tmp_path, "crops 0123456789ab: the authors' own")
    (_, _, caution) = with_choices(dataset_source(study, [other], folder), {}, folder).cautions
    assert caution.startswith(
        f"These faces were aligned by {alignment_of(study.table)}, those that networks here were trained on by crops 0123456789ab"
    )


def test_networks_trained_on_faces_aligned_as_these_are_not_warned_of(made, tmp_path):
    study, runs, folder = made
    same = aligned(runs, tmp_path, alignment_of(study.table))
    assert len(with_choices(dataset_source(study, [same], folder), {}, folder).cautions) == 2


@pytest.fixture
def with_estimates(made, tmp_path):
    """Runs that left their networks' estimates of everybody, shifted by 100 so that it can be told where a number comes from."""
    study, runs, folder = made
    copied = shutil.copytree(runs, tmp_path / "runs")
    references = dataset_source(study, [runs], folder, in_sample=True).references
    for fold in ("1", "2"):
        for kind in ("ncg", "stage4"):
            trained = load_checkpoint(copied / f"disfa-fold{fold}-{kind}" / "checkpoint.safetensors")
            table = (
                predict_without_reference(trained, study.table, progress=False)
                if kind == "ncg"
                else predict_with_reference(trained, study.table, references, progress=False)
            )
            shifted = replace(table, estimate=table.estimate + 100)
            shifted.save(copied / f"disfa-fold{fold}-{kind}" / "predictions" / "some_name.npz")
    return dataset_source(study, [copied], folder)


def test_what_the_runs_left_behind_is_read_and_the_small_print_says_where(with_estimates, monkeypatch):
    from csnviz.inference.networks import Networks

    monkeypatch.setattr(Networks, "load", lambda *files: pytest.fail("no network is needed"))
    source = with_estimates
    for who, fold in (("SN010", "1"), ("SN012", "2")):
        frames = before(source.frames, who, "right")
        ncg = source.without_reference(frames, UNWATCHED)
        both = source.with_reference(frames, source.references, UNWATCHED)
        read = source.everyone(frames, source.references, UNWATCHED)
        assert ncg.estimate.min() > 50
        assert both.csn.estimate.min() > 50
        assert ncg.provenance["read_from"] == f"disfa-fold{fold}-ncg/predictions/some_name.npz"
        assert both.csn.provenance["read_from"] == f"disfa-fold{fold}-stage4/predictions/some_name.npz"
        assert both.csn.provenance["in_sample"] is False
        np.testing.assert_array_equal(read.calibrated.csn.estimate, both.csn.estimate)
        np.testing.assert_array_equal(both.csn.rows["ref_frame_id"], source.references.frame_id_for(who, "right"))
        np.testing.assert_allclose(both.bs.estimate[small_disfa.BEFORE], 0, atol=1e-5)


def test_another_reference_is_computed_and_not_read(with_estimates):
    source, frames = with_estimates, before(with_estimates.frames, "SN010", "left")
    chosen = source.references.with_reference("SN010", "left", str(frames.rows["frame_id"].iloc[5]), "person")
    both = source.with_reference(frames, chosen, UNWATCHED)
    assert "read_from" not in both.csn.provenance
    assert np.abs(both.csn.estimate).max() < 50
    assert "read_from" in both.bs.provenance, "what is subtracted is still the stored NCG's"
