# make demo and make test are all that a newcomer needs: each makes .venv when there is none, installs the project and runs.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint format bench bench-ui realcheck check-explanations sheets clean

demo: .venv/.installed
	$(BIN)/csnviz demo

# What opens no page is tested on all cores, a file to each in turn; pages one after the other, because they are timed.
test: .venv/.installed-test
	@$(BIN)/python tests/setup_browser.py
	@failed=0; \
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --ignore tests/browser --numprocesses auto --dist loadfile || failed=1; \
	$(BIN)/python -m pytest tests/browser || failed=1; \
	exit $$failed

lint: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: .venv/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Trains both networks with three seeds and prints how NCG, BS and CSN compare; more than an hour on two cores.
bench: .venv/.installed
	$(BIN)/python -m csnviz.recipes.cast_comparison

# Measures steps, references and long recordings in a real browser, in Voila and in JupyterLab; about five minutes.
bench-ui: .venv/.installed-test
	@$(BIN)/python tests/setup_browser.py
	$(BIN)/python tests/browser/bench_ui.py

# How well the shipped networks tell real events from neutral faces, on the clips of the folder that CSNVIZ_REALDATA names; two minutes.
realcheck: .venv/.installed
	$(BIN)/python -m csnviz.recipes.realcheck

# Whether the explanations of the shipped networks can be believed, on drawn people; a quarter of an hour on two idle cores.
check-explanations: .venv/.installed
	$(BIN)/python -m csnviz.recipes.explanation_checks

# The invented people on sheets to look at, in docs/cast: who they are, action units, attributes, poses, lights; two minutes.
sheets: .venv/.installed
	$(BIN)/python -m csnviz.recipes.cast_sheets

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "csnviz needs Python 3.11 or later; $(PYTHON) is older. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) comes without venv here. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/.installed-test: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ .venv/.installed

.venv/.installed-dev: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ .venv/.installed-test .venv/.installed

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
