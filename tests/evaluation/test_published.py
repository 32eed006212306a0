from collections import Counter

import pytest

from csnviz.evaluation.published import DATASET_TITLES, TABLES, printed_cells, published

OWN_AVERAGES_OFF = {("3", "f1", "UGN-B"), ("3", "accuracy", "UGN-B")}
"""Rows whose printed average is not that of their printed values, in the paper itself."""


def rows_of_cells():
    rows = {}
    for cell in printed_cells():
        key = cell.table, cell.dataset, cell.quantity, cell.metric, cell.group_by, cell.method
        rows.setdefault(key, {})[cell.au] = cell.value
    return rows


def average_is_off(quantity, row):
    """Whether a printed average is none that values rounded like these can have."""
    values = [value for au, value in row.items() if au != "mean"]
    half_a_digit = 0.005 if quantity == "intensity" else 0.0005
    return bool(values) and abs(sum(values) / len(values) - row["mean"]) > 2 * half_a_digit


def test_every_printed_average_is_that_of_its_row_but_for_two_of_the_papers_own():
    off = {(key[0], key[3], key[5]) for key, row in rows_of_cells().items() if average_is_off(key[2], row)}
    assert off == OWN_AVERAGES_OFF


def test_a_row_has_every_unit_or_its_average_alone():
    for key, row in rows_of_cells().items():
        whole = {("disfa", "occurrence"): 8, ("unbc_mcmaster", "intensity"): 9, ("unbc_mcmaster", "occurrence"): 10}
        assert len(row) in (1, whole.get(key[1:3], 12) + 1), key
        assert "mean" in row


def test_a_number_that_the_paper_prints_twice_is_the_same_in_both_places():
    values = {}
    for cell in printed_cells():
        values.setdefault((cell.dataset, cell.quantity, *cell[3:7]), set()).add(cell.value)
    assert [key for key, found in values.items() if len(found) > 1] == []


def test_all_fourteen_tables_are_here_and_no_cell_is_named_twice():
    assert {cell.table for cell in printed_cells()} == set(TABLES)
    places = Counter((*cell[:7],) for cell in printed_cells())
    assert max(places.values()) == 1
    assert {cell.dataset for cell in printed_cells()} == set(DATASET_TITLES)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("Table 2, ICC(3,1), CSN-IR50 (OFC), average", 0.67),
        ("Table 2, MAE, SCC-Heatmap, average", 0.20),
        ("Table 3, F1 score, IR50 (OFC w/ BS), average", 0.287),
        ("Table 3, Recall, IR50 (NCG), AU26", 0.818),
        ("Table 5, within-participant ICC(3,1), CSN-IR50 (OFC), average", 0.85),
        ("Table 6, F1 score, CSN-IR50-Stage4, average", 0.67),
        ("Table S4, F1 score, CSN-IR50 (OFC), AU43", 0.29),
        ("Table S8, MAE, CSN-IR50-Output, AU26", 0.34),
        ("Table S9, Accuracy, CSN-IR50-FC, AU1", 0.691),
    ],
)
def test_a_cell_is_found_by_the_name_that_it_has_in_the_paper(source, value):
    assert value in [cell.value for cell in printed_cells() if cell.source == source]


def test_every_number_is_in_the_range_of_its_metric_and_nothing_is_missing():
    rows = published()
    assert rows["value"].between(0, 1).all()
    assert not rows.isna().any(axis=None)


def test_where_paper_and_notebook_disagree_the_note_says_so():
    notes = {cell.note for cell in printed_cells() if cell.method == "IR50 w/ BS" and cell.table == "3"}
    assert notes == {"the authors' notebook has an average of 28.0", "the authors' notebook has an average of 50.7"}


def test_values_that_cannot_be_read_are_absent_and_not_guessed():
    row = rows_of_cells()["S7", "unbc_mcmaster", "intensity", "icc31", "within", "IR50 (NCG)"]
    assert row == {"mean": 0.22}
    assert not [cell for cell in printed_cells() if cell.method == "2DC" and cell.metric == "mae"]
