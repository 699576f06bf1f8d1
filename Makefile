# make app: set up everything and start the page. make test: set up everything and test it.
# make docs: write the reference of what is public into dist/docs.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: app test lint docs clean

app: $(READY)
	$(BIN)/streamlit run app.py

test: $(READY)
	tools/system.sh
	$(MAKE) lint
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy

docs: $(READY)
	$(BIN)/python tools/reference.py dist/docs

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "riskmap needs Python 3.11 or newer: make PYTHON=python3.12 …" >&2; exit 2; }
	@$(PYTHON) -m venv .venv || \
	  { echo "cannot make .venv: on Debian or Ubuntu, apt-get install python3-venv" >&2; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
