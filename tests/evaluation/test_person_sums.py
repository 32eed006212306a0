import numpy as np
import pytest

from csnviz.evaluation.person_sums import PersonSums
from csnviz.evaluation.summary import summarise


@pytest.mark.parametrize("quantity", ["intensity", "occurrence"])
def test_with_everybody_once_the_sums_give_what_the_frames_give(crowd, make, quantity):
    label = crowd.label if quantity == "intensity" else np.where(np.isnan(crowd.label), np.nan, crowd.label >= 2)
    table = make(crowd.estimate - 1, label, list(crowd.rows["participant"]), quantity=quantity)
    people = PersonSums.of(table)
    values = people.values(np.ones((1, 6), np.int64))
    numbers = summarise(table)
    assert len(values) == (8 if quantity == "intensity" else 4) * 3 * 2
    for (metric, au, group_by), found in values.items():
        assert found[0] == pytest.approx(numbers.value(metric, au, group_by), abs=1e-9, nan_ok=True), (metric, au)


def test_only_people_with_a_value_of_their_own_stand_behind_a_mean_of_people(crowd):
    behind = PersonSums.of(crowd).people_behind()
    assert behind["recall", "AU12", "within"] == 5, "P3 never smiles"
    assert behind["recall", "AU12", "across"] == 6
    assert behind["recall", "mean", "within"] == 6
