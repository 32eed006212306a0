import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from csnviz.data.tables import PredictionTable
from csnviz.evaluation.pooling import read_runs
from csnviz.evaluation.published import TABLES, printed_cells
from csnviz.evaluation.report import CELL_COLUMNS, report, text_tables
from csnviz.evaluation.summary import summarise
from csnviz.evaluation.table_words import CAVEAT, NOT_LIKE_FOR_LIKE
from csnviz.facs import DISFA, DISFA_OCCURRENCE, UNBC, UNBC_OCCURRENCE, AUSet
from tests.evaluation.made_runs import keep_folds, people_of

NCG, BS, CSN = "IR50 (NCG)", "IR50 w/ BS", "CSN-IR50-Stage4"
PEOPLE = people_of({"1": 1, "2": 1, "3": 1})
TWO = AUSet((4, 12))


class Section:
    """A table of the page: its rows by method and block, its text, and the cells that carry a mark."""

    def __init__(self, page, title):
        (found,) = [part for part in page.split("<section>")[1:] if title in part.split("</h2>")[0]]
        self.html = found.split("</section>")[0]
        self.text = text_of(self.html)

    def cells(self, method):
        """The cells of this method's rows, in every block."""
        return re.findall(r"<td.*?</td>", "".join(re.findall(rf'row">{re.escape(method)}</th>(.*?)</tr>', self.html)))


def text_of(html):
    words = []

    class Reader(HTMLParser):
        def handle_data(self, data):
            words.append(data)

    Reader().feed(html)
    return " ".join(words)


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A report on three methods, both tasks and the three datasets of the paper."""
    root = tmp_path_factory.mktemp("paper")
    runs = []
    for dataset, intensity, occurrence in (
        ("disfa", DISFA, DISFA_OCCURRENCE),
        ("disfa_plus", DISFA, DISFA),
        ("unbc_mcmaster", UNBC, UNBC_OCCURRENCE),
    ):
        for quantity, aus in (("intensity", intensity), ("occurrence", occurrence)):
            runs += keep_folds(root, PEOPLE, aus, [NCG, BS, CSN], dataset, quantity, loses_on=20)
    return report(runs, root / "out", draws=10).parent


@pytest.fixture(scope="module")
def disfa(tmp_path_factory):
    """A report on DISFA's intensities, on a unit of which the CSN loses."""
    root = tmp_path_factory.mktemp("disfa")
    methods = [NCG, BS, f"{BS}, re-centred", "CSN-IR50-Stage3", CSN, "IR-small (NCG)", "CSN-IR-small-Stage4"]
    runs = keep_folds(root, people_of({"1": 2, "2": 1, "3": 1}), TWO, methods, loses_on=12, frames=30)
    return runs, report(runs, root / "out", draws=20).parent


def test_every_number_that_the_paper_prints_stands_beside_ours(everything):
    cells = pd.read_csv(everything / "tables.csv")
    stated = cells.dropna(subset=["published"]).set_index("source")["published"].to_dict()
    assert stated == {cell.source: cell.value for cell in printed_cells()}
    page = (everything / "report.html").read_text()
    assert [title for title in re.findall(r"<h2><span>Table (\w+)", page)] == list(TABLES)


def test_a_printed_number_is_shown_small_with_our_distance_from_it(everything):
    cells = pd.read_csv(everything / "tables.csv").query("table == 'Table 2' and metric == 'icc31' and au == 'AU01'")
    row = cells.query("method == @CSN").iloc[0]
    assert (row["published"], row["source"]) == (0.75, "Table 2, ICC(3,1), CSN-IR50 (OFC), AU1")
    assert row["difference"] == pytest.approx(row["ours"] - 0.75)
    gap = f"{abs(row['difference']):.2f}".removeprefix("0")
    shown = Section((everything / "report.html").read_text(), "Table 2<").cells(CSN)[0]
    assert f"<small>.75 {'−' if row['difference'] < 0 else '+'}{gap}</small>" in shown


def test_methods_that_only_the_paper_has_are_rows_that_say_so(everything):
    page = (everything / "report.html").read_text()
    assert "JAA-Net, printed" in Section(page, "Table 3<").text
    assert "CSN-IR50-FC, printed" in Section(page, "Table S9<").text


def test_the_page_asks_no_other_machine_for_anything_and_shows_no_nan(everything):
    page = (everything / "report.html").read_text()
    assert not re.search(r"https?:|//\w|<script|<link|<img|@import|url\(", page)
    assert "nan" not in text_of(page).lower().split()
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
    assert not re.search(r"\bnan\b", (everything / "tables.md").read_text(), re.IGNORECASE)


def test_every_cell_is_a_line_of_the_csv_with_what_it_stands_on(disfa):
    runs, out = disfa
    cells = pd.read_csv(out / "tables.csv")
    assert list(cells.columns) == list(CELL_COLUMNS)
    ncg = next(method for (_, name), method in read_runs(runs).methods.items() if name == NCG)
    numbers = summarise(ncg.table)
    rows = cells.query("table == 'Table 2' and method == @NCG").set_index(["metric", "au"])
    assert len(rows) == 2 * 3
    for metric in ("icc31", "mae"):
        for au in ("AU04", "AU12", "mean"):
            assert rows.loc[(metric, au), "ours"] == pytest.approx(numbers.value(metric, au))
            assert rows.loc[(metric, au), "low"] <= rows.loc[(metric, au), "ours"] <= rows.loc[(metric, au), "high"]
    assert rows.loc[("mae", "AU12"), ["n_frames", "n_participants"]].tolist() == [4 * 30, 4]
    assert rows.loc[("mae", "AU12"), "n_positive"] == (ncg.table.label[:, 1] >= 2).sum()
    page = (out / "report.html").read_text()
    assert len(re.findall(r"<td(?![^>]*count)", page)) >= len(cells)


def test_every_metric_of_every_method_and_person_is_in_the_other_csv(disfa):
    runs, out = disfa
    rows = pd.read_csv(out / "metrics.csv")
    assert len(rows) == sum(len(summarise(method.table).rows) for method in read_runs(runs).methods.values())
    assert {"icc31", "pcc", "mae", "mse", "f1", "precision", "recall", "accuracy"} == set(rows["metric"])
    assert set(rows["dataset"] + rows["trained_on"] + rows["quantity"]) == {"disfadisfaintensity"}


def test_where_calibration_loses_the_cell_is_marked_and_the_sentence_names_the_unit(disfa):
    _, out = disfa
    table = Section((out / "report.html").read_text(), "Table 2<")
    icc_of_au4, icc_of_au12 = table.cells(CSN)[:2]
    assert "▼▽" in icc_of_au12
    assert 'class="worse"' in icc_of_au12
    assert "▼" not in icc_of_au4
    assert re.search(rf"ICC\(3,1\): {CSN} is worse than IR50 \(NCG\) on AU12 \(\.\d\d against \.\d\d\)", table.text)
    lost = pd.read_csv(out / "tables.csv").query("table == 'Table 2' and method == @CSN and au == 'AU12'")
    assert lost["worse_than"].str.contains("IR50 (NCG)", regex=False).all()


def test_where_calibration_loses_nowhere_that_is_said_too(tmp_path):
    runs = keep_folds(tmp_path, people_of({"1": 2, "2": 2}), TWO, [NCG, CSN], frames=40)
    page = report(runs, tmp_path / "out", draws=10).read_text()
    table = Section(page, "Table 2<")
    assert f"ICC(3,1): {CSN} is worse than {NCG} nowhere." in table.text
    assert "▼" not in "".join(table.cells(CSN))


def test_methods_that_need_no_reference_are_never_called_losers(disfa):
    _, out = disfa
    cells = pd.read_csv(out / "tables.csv")
    assert set(cells.dropna(subset=["worse_than"])["method"]) <= {CSN, "CSN-IR50-Stage3", "CSN-IR-small-Stage4"}


def test_the_best_of_ours_in_a_column_is_bold_and_printed_numbers_never_are(disfa):
    _, out = disfa
    cells = pd.read_csv(out / "tables.csv").query("table == 'Table 2' and metric == 'mae' and au == 'AU04'")
    own = cells.dropna(subset=["ours"]).set_index("method")["ours"].round(2)
    table = Section((out / "report.html").read_text(), "Table 2<")
    for method in own.index:
        assert ("<b>" in table.cells(method)[3]) == (own[method] == own.min()), method
    assert "<b>" not in "".join(table.cells("iARL, printed"))


def test_another_backbone_is_not_held_beside_the_papers(disfa):
    _, out = disfa
    cells = pd.read_csv(out / "tables.csv")
    small = cells[cells["method"].str.contains("IR-small")]
    assert len(small) > 0
    assert small["published"].isna().all()
    assert not small["worse_than"].fillna("").str.contains("IR50", regex=False).any()


def test_merge_points_have_a_table_of_their_own_and_the_main_one_stands_elsewhere(disfa):
    _, out = disfa
    cells = pd.read_csv(out / "tables.csv").dropna(subset=["ours"])
    assert "CSN-IR50-Stage3" not in set(cells.query("table == 'Table 2'")["method"])
    assert set(cells.query("table == 'Table S8'")["method"]) == {"CSN-IR50-Stage3", CSN, "CSN-IR-small-Stage4"}


def test_under_a_table_stands_what_its_numbers_stand_on(disfa):
    _, out = disfa
    text = Section((out / "report.html").read_text(), "Table 2<").text
    assert NOT_LIKE_FOR_LIKE in text
    assert "Networks trained on DISFA, 2–3 participants in each fold. Folds: 1, 2, 3 of 3." in text
    assert "Alignment: the authors' (MobileFaceNet). References chosen by the authors of the paper." in text
    assert "Read in the authors' notebook" in text
    assert CAVEAT not in text
    assert re.search(rf"average: {CSN} less IR50 \(NCG\): [+−]?\.\d\d \[[+−]?\.\d\d, [+−]?\.\d\d\]", text)


def test_missing_folds_are_said_plainly(tmp_path):
    runs = keep_folds(tmp_path, people_of({"1": 1, "2": 1, "3": 1}), TWO, [NCG, CSN])
    page = report(runs[:2], tmp_path / "out", draws=10).read_text()
    assert f"{NCG} and {CSN}: 2 of 3 folds (1, 2); the other folds are missing" in Section(page, "Table 2<").text
    assert "folds 2 of 3" in text_of(page)


def test_methods_that_saw_different_frames_are_not_called_better_or_worse(tmp_path):
    people = people_of({"1": 1, "2": 1, "3": 1})
    runs = (
        keep_folds(tmp_path / "a", people, TWO, [NCG]) + keep_folds(tmp_path / "b", people, TWO, [CSN], loses_on=12)[:2]
    )
    table = Section(report(runs, tmp_path / "out", draws=10).read_text(), "Table 2<")
    assert "did not see the same frames" in table.text
    assert "<b>" not in "".join(table.cells(NCG) + table.cells(CSN))
    assert "is worse" not in table.text


def test_drawn_people_have_the_same_tables_without_printed_numbers_and_are_called_drawings(tmp_path):
    small = ["IR-small (NCG)", "IR-small w/ BS", "CSN-IR-small-Stage2", "CSN-IR-small-Stage4"]
    runs = keep_folds(tmp_path, people_of({"1": 2, "2": 1}), TWO, small, dataset="cast")
    for run in runs:
        path = run / "predictions" / "m3.npz"
        table = PredictionTable.load(path)
        replace(table, provenance={**table.provenance, "chosen_by": ["labels"]}).save(path)
    out = report(runs, tmp_path / "out", draws=10).parent
    page = (out / "report.html").read_text()
    titles = [text_of(title) for title in re.findall(r"<h2>(.*?)</h2>", page)]
    assert titles == [
        "AU intensity estimation: the cast (drawn people)",
        "Across and within participants: the cast (drawn people)",
        "Merge points, AU intensity estimation: the cast (drawn people)",
    ]
    assert page.count(CAVEAT) == 3
    assert "the labels (allowed here" in page
    assert pd.read_csv(out / "tables.csv")["published"].isna().all()


def test_from_one_dataset_to_another_is_a_section_of_its_own_and_not_the_papers(tmp_path):
    runs = keep_folds(tmp_path, {"all": ["U01", "U02", "U03"]}, TWO, [NCG, CSN], "unbc_mcmaster", trained_on="disfa")
    out = report(runs, tmp_path / "out", draws=10).parent
    page = (out / "report.html").read_text()
    table = Section(page, "AU intensity estimation: trained on DISFA, tested on UNBC-McMaster, common AUs")
    assert "Networks trained on DISFA" in table.text
    cells = pd.read_csv(out / "tables.csv")
    assert cells["table"].isna().all()
    assert cells["published"].isna().all()


def test_what_was_left_out_stands_in_the_head_with_its_reason(tmp_path):
    runs = keep_folds(tmp_path, people_of({"1": 1, "2": 1}), TWO, [NCG, CSN])
    path = runs[0] / "predictions" / "m1.npz"
    table = PredictionTable.load(path)
    replace(table, provenance={**table.provenance, "chosen_by": "labels"}).save(path)
    head = text_of(report(runs, tmp_path / "out", draws=10).read_text().split("</header>")[0])
    assert "disfa-intensity-fold1, m1.npz: its references were chosen by the labels" in head
    assert "torch 2.10.0" in head


def test_a_number_that_is_undefined_is_a_dash(tmp_path):
    runs = keep_folds(tmp_path, people_of({"1": 1, "2": 1, "3": 1}), TWO, [NCG, CSN], quantity="occurrence")
    for path in (path for run in runs for path in (run / "predictions").glob("*.npz")):
        table = PredictionTable.load(path)
        table.label[:, 0], table.estimate[:, 0] = 0, -1
        table.save(path)
    out = report(runs, tmp_path / "out", draws=10).parent
    first = Section((out / "report.html").read_text(), "Table 3<").cells(NCG)[0]
    assert first == "<td>–<small>64.4</small></td>"
    row = pd.read_csv(out / "tables.csv").query("metric == 'f1' and method == @NCG and au == 'AU04'").iloc[0]
    assert np.isnan([row["ours"], row["low"], row["difference"]]).all()


def test_the_markdown_holds_the_same_numbers_in_pipes_that_line_up(disfa):
    runs, out = disfa
    text = text_tables(runs, draws=20)
    assert text == (out / "tables.md").read_text()
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    assert all(len({len(line) for line in block}) == 1 for block in blocks)
    (line,) = [line for block in blocks[:1] for line in block if line.startswith(f"| {CSN} ")]
    row = pd.read_csv(out / "tables.csv").query("table == 'Table 2' and metric == 'icc31' and method == @CSN")
    shown = [f"{value:.2f}".removeprefix("0") for value in row["ours"]]
    assert [re.search(r"\.\d\d", cell)[0] for cell in line.split("|")[2:-1]] == shown
    assert "▼▽" in line
    assert "(.80)" in line, "the paper's AU4"


def test_every_file_is_whole_and_nothing_half_written_stays(disfa):
    _, out = disfa
    assert sorted(path.name for path in out.iterdir()) == ["metrics.csv", "report.html", "tables.csv", "tables.md"]


def test_the_same_runs_give_the_same_page(disfa, tmp_path):
    runs, out = disfa
    again = report(runs, tmp_path, draws=20)
    assert again.read_text() == (out / "report.html").read_text()
