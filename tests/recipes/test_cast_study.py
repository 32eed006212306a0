import json
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from csnviz.cast.attributes import Attributes, draw_attributes
from csnviz.cast.dataset import DEMO_PARTICIPANTS, TRAINING_PARTICIPANTS, VALIDATION_PARTICIPANTS
from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.tables import FrameTable, PredictionTable, ReferenceTable, make_rows
from csnviz.evaluation.summary import summarise
from csnviz.facs import DISFA, AUSet
from csnviz.inference.networks import Networks
from csnviz.inference.predict import predict_with_reference, predict_without_reference, subtract_neutral_output
from csnviz.models.iresnet import IResNetSize
from csnviz.recipes import cast_study
from csnviz.recipes.cast_settings import CastSettings
from csnviz.recipes.cast_study import coverage_alone, study
from csnviz.recipes.cast_study_pairs import (
    ACTIVE,
    NEUTRAL,
    Chosen,
    changes_with_reference,
    changes_without_reference,
    chosen_by_label,
    draw_portrait,
    pairs_of,
    portrait,
)
from csnviz.recipes.cast_study_plan import (
    StudySettings,
    full,
    main_runs,
    merge_points,
    merge_runs,
    small,
    tuning_runs,
)
from csnviz.recipes.cast_study_runs import Where, train_and_estimate
from csnviz.recipes.cast_study_scores import pooled, spread_between_people

PLAN = StudySettings()
FRAMES = 9
TINY = StudySettings(
    people=("C301", "C302", "C303", "C304", "C305", "C306"),
    frames=FRAMES,
    folds=2,
    validation=1,
    seeds=(1, 2),
    learning_rates=(1e-3, 3e-3),
    effect_frames=1,
    draws=5,
    pool=("C401", "C402", "C403"),
    cohort=4,
    cohorts=10,
    training=CastSettings(size=IResNetSize((1, 1, 1, 1), (2, 2, 2, 2)), frames=FRAMES, epochs=1, batch_size=6),
)


class AtOnce(Executor):
    """Does a job when it is asked for, in this process."""

    def submit(self, job, /, *arguments, **named):
        done = Future()
        done.set_result(job(*arguments, **named))
        return done


def picture(participant, frame, attributes):
    """A random crop of its own for each person, frame and set of attributes, the latter in its left upper corner alone."""
    crop = np.random.default_rng([int(participant[1:]), frame]).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    crop[:40, :40] = np.random.default_rng(abs(hash(attributes))).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    return crop


@pytest.fixture
def scribbles(monkeypatch, tmp_path):
    """Instead of drawn faces, scribbles that depend on person, frame and attributes; the study is tested, not what it finds."""
    drawn = []

    def draw_frames(participant, frames, attributes, *, non_additivity, device):
        for frame, carried in zip(frames, attributes, strict=True):
            drawn.append((participant, frame, carried, non_additivity))
            yield picture(participant, frame, carried), None

    def load(participants, n_frames, data_root, *, non_additivity=1.0, **_):
        folder = data_root / f"scribbles-{participants[0]}-{non_additivity}"
        names = [(name, frame) for name in participants for frame in range(n_frames)]
        with FaceImagesWriter(folder) as writer:
            for name, frame in names:
                writer.add(picture(name, frame, draw_attributes(name)), b"")
        who, index = zip(*names, strict=True)
        columns = {"participant": who, "frame_index": index, "image": np.arange(len(names)), "camera": "front"}
        columns |= {"frame_id": [f"cast/{name}/front/{frame:04d}" for name, frame in names], "eye_opening": 1.0}
        same = {"dataset": "cast", "video": "", "timestamp": np.nan, "source": ""}
        labels = np.random.default_rng(len(names)).integers(0, 6, (len(names), len(DISFA))).astype(np.float32)
        labels[np.array(index) % 3 == 0] = 0
        return FrameTable(make_rows({**columns, **same}), labels, DISFA, FaceImages.open(folder))

    monkeypatch.setattr("csnviz.cast.dataset.draw_frames", draw_frames)
    monkeypatch.setattr("csnviz.cast.dataset.load_cast", load)
    monkeypatch.setattr("csnviz.faces.crop.crop_face", lambda image, points: image)
    return tmp_path, drawn


@pytest.fixture
def trainings(monkeypatch):
    """Nothing is learned: a training ends with the network that it began with. Lists the learning rates that were asked for."""
    asked = []

    def fit(learner, table, references, settings, run, progress=True):
        asked.append(learner.optimisation.optimiser.param_groups[0]["max_lr"])
        run.keep(learner.stages, learner.config, [{"epoch": 1, "loss": 0.0}])
        run.finish(0.0, 0)

    monkeypatch.setattr("csnviz.recipes.cast_settings.fit", fit)
    return asked


@pytest.fixture
def in_one_process(monkeypatch):
    @contextmanager
    def pool(where):
        yield AtOnce()

    monkeypatch.setattr(cast_study, "_pool", pool)


def test_everybody_is_tested_once_and_never_by_a_network_that_saw_them():
    folds = [1, 2, 3]
    assert sorted(name for fold in folds for name in PLAN.tested(fold)) == sorted(PLAN.people)
    for fold in folds:
        parts = [set(PLAN.tested(fold)), set(PLAN.validating(fold)), set(PLAN.training_people(fold))]
        assert [len(part) for part in parts] == [18, 6, 30]
        assert len(set.union(*parts)) == 54


def test_nobody_of_the_shipped_networks_or_the_demo_takes_part():
    others = {*TRAINING_PARTICIPANTS, *VALIDATION_PARTICIPANTS, *DEMO_PARTICIPANTS}
    assert not others & {*PLAN.people, *PLAN.pool}
    assert not {*PLAN.people} & {*PLAN.pool}
    assert len(PLAN.pool) >= 300


@pytest.mark.parametrize(("settings", "runs"), [(PLAN, 55), (full(), 85), (small(), 12), (merge_points(), 21)])
def test_the_plan_has_as_many_trainings_as_it_says(settings, runs):
    rates = dict.fromkeys(("NCG", "CSN-Stage4"), 3e-3)
    every = [*tuning_runs(settings), *main_runs(settings, rates), *merge_runs(settings, rates)]
    assert len({run.name for run in every}) == runs


def test_frames_are_chosen_by_their_labels_and_never_the_reference(scribbles):
    from csnviz.cast.dataset import cast_references, load_cast

    table = load_cast(("C301", "C302"), FRAMES, scribbles[0])
    for person in chosen_by_label(table, cast_references(table), 2):
        mine = table.of(person.participant)
        assert person.reference == 0
        assert len(person.frames[0]) == 2
        assert all((mine.intensity[frame] == 0).all() for frame in person.frames[0])
        assert 0 not in person.frames[0]
        for au in (1, 4, 5, 9, 15, 17):
            assert len(person.frames[au]) == 2
            assert (mine.intensity[list(person.frames[au]), DISFA.column_of(au)] >= 2).all()


def test_on_and_off_differ_in_one_attribute_and_a_face_is_drawn_once(scribbles):
    root, drawn = scribbles
    asked = portrait(Chosen("C301", 0, {0: (3, 6), 9: (4,)}))
    draw_portrait(asked, root, 1.0, "cpu")
    assert len(drawn) == len(set(drawn))
    own = draw_attributes("C301")
    pairs = pairs_of([asked], root, 1.0, DISFA)
    place = dict(zip(pairs.table.rows["frame_id"], drawn, strict=True))
    for line in pairs.asked.itertuples():
        off, on, reference_off, reference_on = (
            place[getattr(line, name)] for name in ("image_off", "image_on", "reference_off", "reference_on")
        )
        assert on[:2] == off[:2]
        assert (reference_on[1], reference_off[1]) == (0, 0)
        assert on[2] == reference_on[2] == replace(own, **{line.attribute: 1.0})
        assert off[2] == reference_off[2] == replace(own, **{line.attribute: 0.0})
    counts = pairs.asked.groupby(["attribute", "au", "frames"]).size()
    assert counts["eyeglasses", "AU09", NEUTRAL] == 2
    assert counts["eyeglasses", "AU09", ACTIVE] == 1
    assert ("chin_hair", "AU17", ACTIVE) not in counts.index


def test_the_changes_are_those_of_whole_predictions_made_with_the_attribute_and_without(scribbles):
    root, _ = scribbles
    asked = portrait(Chosen("C302", 0, {0: (3,)}))
    draw_portrait(asked, root, 1.0, "cpu")
    pairs = pairs_of([asked], root, 1.0, DISFA)
    networks = Networks.load()
    changes = pd.concat([changes_without_reference(networks.ncg, pairs), changes_with_reference(networks.csn, pairs)])
    line = pairs.asked[(pairs.asked["attribute"] == "chin_hair")].iloc[0]
    found = changes[changes["attribute"] == "chin_hair"].set_index(["method", "changed"])["change"]

    def estimate(method, image, reference):
        references = ReferenceTable.empty().with_reference("C302", "front", line[reference], "labels")
        if method == "CSN-Stage4":
            table = predict_with_reference(networks.csn, pairs.table, references, progress=False)
        else:
            table = predict_without_reference(networks.ncg, pairs.table, progress=False)
            table = subtract_neutral_output(table, references) if method == "BS" else table
        return table.estimate[table.row_of(line[image]), DISFA.column_of(17)]

    switched = {
        "image": ("image_on", "reference_off"),
        "reference": ("image_off", "reference_on"),
        "both": ("image_on", "reference_on"),
    }
    assert set(found.index) == {("NCG", "image"), *((name, on) for name in ("BS", "CSN-Stage4") for on in switched)}
    for method, changed in found.index:
        moved = estimate(method, *switched[changed]) - estimate(method, "image_off", "reference_off")
        assert found[method, changed] == pytest.approx(moved, abs=1e-4)


def test_the_spread_between_people_is_that_of_their_mean_estimates_on_frames_at_rest():
    who = ["A", "A", "B", "B", "C", "C", "D", "D"]
    ids = [f"{name}/{place}" for place, name in enumerate(who)]
    same = {"dataset": "made", "camera": "front", "video": "", "timestamp": np.nan, "source": ""}
    rows = make_rows({"frame_id": ids, "participant": who, "frame_index": np.arange(8), **same})
    estimate = np.array([1, 9, 3, 9, 10, 9, 14, 14], np.float32)[:, None]
    label = np.array([0, 2, 0, 1, 0, 5, 0, 0], np.float32)[:, None]
    table = PredictionTable(rows, label, estimate, AUSet((12,)), "intensity", "made", "NCG", {})
    # A and B of one network lie at 1 and 3, C and D of another at 10 and 14: variances 2 and 8, their mean 5.
    spread = spread_between_people(table, {"A": 1, "B": 1, "C": 2, "D": 2})
    assert spread == pytest.approx([np.sqrt(5.0)])


def test_a_study_trains_its_grid_says_what_it_found_and_trains_nothing_twice(
    scribbles, in_one_process, trainings, monkeypatch
):
    monkeypatch.setattr("csnviz.recipes.cast_study_plan.MERGE_POINTS", ("stage4", "fc", "output"))
    root, _ = scribbles
    where = Where(root / "out", root, "cpu", 1)
    found = study(TINY, where)
    report = json.loads((where.out / "study.json").read_text())
    # 2 methods x 2 dials x 2 seeds x 2 folds, the other two rates of the choice, and 2 merge points x 2 folds.
    assert len(trainings) == len(list((where.out / "runs").iterdir())) == 16 + 2 + 4
    assert trainings[:4] == [1e-3, 3e-3, 1e-3, 3e-3]
    for method, rate in report["learning_rates"].items():
        named = "ncg" if method == "NCG" else "csn_stage4"
        tried = {name: score for name, score in report["validation_icc31"].items() if name.startswith(named)}
        assert max(tried, key=tried.get).endswith(f"lr{rate:g}")
    scores = found.tables["scores"]
    assert set(scores["method"]) == {"NCG", "BS", "BS re-centred"} | {
        f"CSN-{name}" for name in ("Stage4", "FC", "Output")
    }
    mine = scores.query("dial == 1.0 and method == 'BS' and metric == 'mae' and au == 'mean' and group_by == 'across'")
    runs = [run for run in main_runs(TINY, report["learning_rates"]) if run.merge_before is None and run.dial == 1.0]
    by_hand = [summarise(table).value("mae") for table in pooled("BS", runs, where)]
    assert mine["value"].iloc[0] == pytest.approx(np.mean(by_hand))
    effects = found.tables["effects"]
    assert set(effects["changed"]) == {"image", "reference", "both"}
    assert len(report["coverage"]) == 7 * (1 + 3 + 3)
    assert report["coverage_networks"].startswith("the study's")
    text = (where.out / "study.md").read_text()
    assert "no evidence about people" in text
    assert "CSN-Stage4 - BS re-centred" in text
    for run in runs:
        train_and_estimate(run, TINY, where)
    assert len(trainings) == 22


def test_the_planted_bias_check_alone_takes_the_networks_that_ship_and_leaves_the_study_as_it_is(
    scribbles, in_one_process
):
    root, drawn = scribbles
    where = Where(root / "out", root, "cpu", 1)
    found = coverage_alone(TINY, where)
    assert found.words["coverage_networks"] == "the pair that ships with csnviz"
    rows = found.tables["coverage"]
    assert set(rows["people"]) == {3}
    assert rows["covered"].between(0, 1).all()
    assert {name for name, *_ in drawn} == set(TINY.pool)
    assert not (where.out / "study.json").exists()
    assert (where.out / "coverage" / "coverage.csv").is_file()


def test_attributes_that_a_face_carries_travel_whole_through_a_portrait():
    asked = portrait(Chosen("C305", 0, {0: (1,)}))
    on = Attributes(*asked.looks["eyeglasses=1"][0])
    assert on == replace(draw_attributes("C305"), eyeglasses=1.0)
