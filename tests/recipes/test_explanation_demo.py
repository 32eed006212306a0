from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from csnviz.recipes.explanation_demo import Workers, any_numbers, estimates_of, raised_numbers


def test_numbers_drawn_at_random_are_all_different_and_the_same_every_time(small_demo):
    drawn = any_numbers(small_demo, 20)
    assert len({(each.row, each.au) for each in drawn}) == 20
    assert drawn == any_numbers(small_demo, 20)
    assert {each.au for each in drawn} == {4, 12}


def test_raised_numbers_are_as_many_of_each_person_and_each_as_high_as_was_asked(small_demo):
    estimate = estimates_of(small_demo)
    least = float(np.median(estimate))
    drawn = raised_numbers(small_demo, 2, least)
    people = [small_demo.participant(each.row) for each in drawn]
    assert len(drawn) >= 4
    assert max(people.count(name) for name in people) <= 2
    for each in drawn:
        assert each.estimate == estimate[each.row, (4, 12).index(each.au)] >= least


def test_the_reference_of_a_row_is_that_of_its_person(small_demo):
    assert np.array_equal(small_demo.reference(6), small_demo.crop(4))


def squared(asked, data_root):
    return pd.DataFrame({"square": [number**2 for number in asked]})


def test_work_that_is_shared_comes_back_in_order(tmp_path: Path):
    with ThreadPoolExecutor(2) as pool:
        for count in (1, 3, 10):
            found = Workers(pool, 4).lines(squared, list(range(count)), tmp_path)
            assert found["square"].tolist() == [number**2 for number in range(count)]
