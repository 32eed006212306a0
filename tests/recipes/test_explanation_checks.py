from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from csnviz.recipes import explanation_checks
from csnviz.recipes.explanation_demo import Asked, Workers


@pytest.fixture
def here(small_demo, monkeypatch):
    """The work done in this process, on three numbers."""

    @contextmanager
    def one(workers):
        with ThreadPoolExecutor(1) as pool:
            yield Workers(pool, 1)

    monkeypatch.setattr(explanation_checks, "working", one)
    numbers = [Asked(row, 12, 0.0) for row in (1, 5, 9)]
    monkeypatch.setattr(explanation_checks, "raised_numbers", lambda demo, each: numbers)


def test_the_command_prints_one_table_and_keeps_every_number(here, tmp_path, capsys):
    explanation_checks.main(["--only", "agreement", "--out", str(tmp_path / "out"), "--data-root", str(tmp_path)])
    said = capsys.readouterr().out
    assert said.startswith("| check | asked for | found | of | borne out |")
    assert "3 numbers, 3 people" in said
    assert "no evidence about people" in said
    assert len((tmp_path / "out" / "agreement.csv").read_text().splitlines()) == 4
