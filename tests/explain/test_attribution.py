import itertools
import threading
import time

import numpy as np
import pytest
import torch

from csnviz.errors import InputError
from csnviz.explain import walks
from csnviz.explain.attribution import (
    what_csn_does_not_see,
    what_moved,
    what_the_reference_cancelled,
    why_ncg,
)
from csnviz.explain.starts import Start
from csnviz.inference.features import WorkCancelled
from csnviz.models.images import images_of
from csnviz.models.stages import MERGE_POINTS


@pytest.fixture
def many_steps(monkeypatch):
    """So many steps that hardly anything of a kinked network's error remains, in few passes because the crops are small."""
    monkeypatch.setattr(walks, "STEPS", 800)
    monkeypatch.setattr(walks, "PASS", 200)


def without_reference(trained, crop, column):
    with torch.no_grad():
        return float(trained.network(images_of(crop[None]).double())[0, column])


def with_reference(trained, reference, crop, column):
    with torch.no_grad():
        return float(trained.csn(images_of(reference[None]).double(), images_of(crop[None]).double())[0, column])


def complete(found, expected):
    """The values add up to the difference, and the attribution knows by how much they do not."""
    assert found.output_difference == pytest.approx(expected, rel=1e-9)
    assert float(found.values.sum(dtype=float)) == pytest.approx(expected, rel=1e-3)
    assert found.gap == pytest.approx(float(found.values.sum(dtype=float)) - expected, abs=1e-5)
    assert abs(expected) > 0.1, "nothing to explain would prove nothing"


@pytest.mark.parametrize(("au", "column", "seed"), [(4, 0, 3), (12, 1, 1)])
def test_pixels_add_up_to_what_the_network_says_beyond_the_start(
    tiny, face, someone_else, many_steps, au, column, seed
):
    trained, image = tiny(None), face(seed)
    found = why_ncg(trained, image, someone_else, au)
    complete(found, without_reference(trained, image, column) - without_reference(trained, someone_else.crop, column))
    assert (found.au, found.about, found.start) == (au, "image", "a made face")


@pytest.mark.parametrize("merge_before", MERGE_POINTS)
def test_pixels_add_up_to_what_the_reference_changed(tiny, face, someone_else, merge_before, many_steps):
    trained, image, reference = tiny(merge_before), face(1), face(2)
    found = what_the_reference_cancelled(trained, image, reference, someone_else, 12)
    before, after = (with_reference(trained, neutral, image, 1) for neutral in (someone_else.crop, reference))
    complete(found, after - before)
    assert found.about == "reference"


@pytest.mark.parametrize("merge_before", MERGE_POINTS)
def test_pixels_add_up_to_what_moved_since_the_reference(tiny, face, merge_before, many_steps):
    trained, image, reference = tiny(merge_before), face(1), face(2)
    found = what_moved(trained, image, reference, 12)
    complete(found, with_reference(trained, reference, image, 1) - with_reference(trained, reference, reference, 1))
    assert (found.about, found.start) == ("image", "the person's own reference")


@pytest.mark.parametrize("merge_before", ["stage2", "stage4", "fc"])
def test_pixels_add_up_to_what_ncg_sees_and_the_csn_does_not(tiny, face, someone_else, merge_before, many_steps):
    ncg, csn, image, reference = tiny(None), tiny(merge_before), face(1), face(2)
    found = what_csn_does_not_see(ncg, csn, image, reference, someone_else, 12)
    here, there = (
        without_reference(ncg, crop, 1) - with_reference(csn, reference, crop, 1) for crop in (image, someone_else.crop)
    )
    complete(found, here - there)
    assert (found.about, found.start) == ("image", "a made face")


def test_the_difference_is_the_one_answer_less_the_other_where_both_walks_start_at_the_reference(linear, face):
    reference, image = face(2, 8), face(1, 8)
    ncg, csn, start = linear(None), linear("output"), Start(reference, "the reference")
    difference = what_csn_does_not_see(ncg, csn, image, reference, start, 12).values
    expected = why_ncg(ncg, image, start, 12).values - what_moved(csn, image, reference, 12).values
    assert np.allclose(difference, expected, atol=1e-6)


def test_glasses_that_are_on_the_reference_too_count_for_nothing_from_there_but_do_from_somebody_else(
    tiny, face, someone_else
):
    reference, image = face(2), face(2)
    image[10:, 3:13] = face(1)[10:, 3:13]
    glasses = (slice(2, 6), slice(0, 16))
    trained = tiny("stage4")
    assert not what_moved(trained, image, reference, 12).values[:, *glasses].any()
    assert np.abs(why_ncg(tiny(None), image, someone_else, 12).values[:, *glasses]).max() > 0


def test_what_did_not_move_since_the_reference_has_no_part_in_it(tiny, face):
    reference = face(2)
    image = reference.copy()
    image[10:, 3:13] = face(1)[10:, 3:13]
    values = what_moved(tiny("stage4"), image, reference, 12).values
    same = image == reference
    assert np.array_equal(values.transpose(1, 2, 0)[same], np.zeros(same.sum(), np.float32))
    assert np.abs(values).max() > 0


def test_where_the_reference_equals_the_start_it_cancels_nothing(tiny, face, someone_else):
    reference = someone_else.crop.copy()
    reference[:6] = face(2)[:6]
    values = what_the_reference_cancelled(tiny("stage4"), face(1), reference, someone_else, 12).values
    same = reference == someone_else.crop
    assert np.array_equal(values.transpose(1, 2, 0)[same], np.zeros(same.sum(), np.float32))
    assert np.abs(values).max() > 0


def test_a_face_that_is_its_own_reference_has_nothing_to_explain(tiny, face):
    found = what_moved(tiny("stage4"), face(1), face(1), 12)
    assert not found.values.any()
    assert found.output_difference == found.gap == found.relative_gap == 0


@pytest.mark.parametrize(("merge_before", "sign"), [("fc", -1), ("output", 1)])
def test_a_linear_network_is_explained_by_weight_times_change(linear, face, merge_before, sign):
    image, reference, start = face(1, 8), face(2, 8), Start(face(3, 8), "a made face")
    trained = linear(merge_before)
    weight = trained.network.get_submodule("fc").weight[1].detach().numpy().reshape(3, 8, 8)
    moved = weight * (image.astype(float) - reference).transpose(2, 0, 1) / 255
    cancelled = weight * (reference.astype(float) - start.crop).transpose(2, 0, 1) / 255
    assert np.allclose(what_moved(trained, image, reference, 12).values, sign * moved, atol=1e-6)
    found = what_the_reference_cancelled(trained, image, reference, start, 12)
    # Whatever raises the estimate in the image lowers it in the reference.
    assert np.allclose(found.values, -sign * cancelled, atol=1e-6)


def test_a_linear_network_without_a_reference_is_explained_by_weight_times_change(linear, face):
    image, start = face(1, 8), Start(face(3, 8), "a made face")
    trained = linear(None)
    weight = trained.network.get_submodule("fc").weight[0].detach().numpy().reshape(3, 8, 8)
    expected = weight * (image.astype(float) - start.crop).transpose(2, 0, 1) / 255
    found = why_ncg(trained, image, start, 4)
    assert np.allclose(found.values, expected, atol=1e-6)
    assert found.algorithm == "integrated gradients, 50 steps", "a straight line needs no more"


def test_the_network_is_left_as_it_was(tiny, face, someone_else):
    trained = tiny("stage4")
    first, *_ = trained.network.parameters()
    first.requires_grad_(False)
    before = [(p.requires_grad, p.grad, p.detach().clone()) for p in trained.network.parameters()]
    what_moved(trained, face(1), face(2), 12)
    after = [(p.requires_grad, p.grad, p.detach()) for p in trained.network.parameters()]
    for (flag, grad, numbers), (flag_now, grad_now, numbers_now) in zip(before, after, strict=True):
        assert (flag, grad) == (flag_now, grad_now)
        assert torch.equal(numbers, numbers_now)
    assert not trained.network.training


def test_two_threads_asking_one_network_get_the_answers_of_one(tiny, face, someone_else):
    trained = tiny("stage4")
    alone = [what_moved(trained, face(seed), face(9), 12).values for seed in range(2)]
    found: dict[int, np.ndarray] = {}
    workers = [
        threading.Thread(target=lambda s=seed: found.update({s: what_moved(trained, face(s), face(9), 12).values}))
        for seed in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert all(np.array_equal(found[seed], alone[seed]) for seed in range(2))


def test_one_network_answers_one_thread_after_the_other(linear, face):
    trained, asking = linear("output"), []

    def hook(module, given, gave):
        asking.append(threading.get_ident())
        time.sleep(0.002)  # long enough for the other thread to come in between, were it let

    trained.network.get_submodule("fc").register_forward_hook(hook)
    workers = [threading.Thread(target=what_moved, args=(trained, face(s, 8), face(9, 8), 12)) for s in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    switches = sum(one != next_one for one, next_one in itertools.pairwise(asking))
    assert switches == 1


def test_a_caller_in_inference_mode_gets_gradients_all_the_same(linear, face):
    trained = linear("output")
    with torch.inference_mode():
        found = what_moved(trained, face(1, 8), face(2, 8), 12)
    assert np.abs(found.values).max() > 0


def test_an_explanation_stops_once_it_is_cancelled(tiny, face, someone_else):
    asked = iter(range(1000))
    with pytest.raises(WorkCancelled):
        why_ncg(tiny(None), face(1), someone_else, 12, cancelled=lambda: next(asked) >= 2)
    assert next(asked) == 3, "no further face went through"


def test_the_question_is_put_in_facs_words(linear, face):
    start = Start(face(3, 8), "a made face")
    asked = [
        why_ncg(linear(None), face(1, 8), start, 4),
        what_the_reference_cancelled(linear("fc"), face(1, 8), face(2, 8), start, 4),
        what_moved(linear("fc"), face(1, 8), face(2, 8), 4),
        what_csn_does_not_see(linear(None), linear("fc"), face(1, 8), face(2, 8), start, 4),
    ]
    assert [found.question for found in asked] == [
        "AU4 brow lowerer: why does the network see it without a reference?",
        "AU4 brow lowerer: what did the reference cancel?",
        "AU4 brow lowerer: what moved since neutral?",
        "AU4 brow lowerer: what does NCG see that the CSN does not?",
    ]


def test_a_unit_that_the_network_does_not_estimate_is_refused(tiny, face, someone_else):
    with pytest.raises(InputError, match="AU9 is not coded here"):
        why_ncg(tiny(None), face(1), someone_else, 9)


def test_occurrence_is_not_explained_as_if_it_were_intensity(tiny, face, someone_else):
    with pytest.raises(InputError, match="Choose a network that estimates intensity"):
        why_ncg(tiny(None, quantity="occurrence"), face(1), someone_else, 12)


def test_a_network_without_a_reference_has_nothing_that_one_could_cancel(tiny, face, someone_else):
    with pytest.raises(InputError, match="trained without a reference"):
        what_the_reference_cancelled(tiny(None), face(1), face(2), someone_else, 12)
