# make run    sets up .venv and runs the Hunan scenario into results/hunan
# make test   sets up .venv and runs the tests
# make test-fast  those that take less than a minute together
# make check  style, types, floors, sentences of the docs
# make docs   the site, into docs/_build/html
# make calibrate  fits all blocks of calibration/ again
# Needs Python 3.11 to 3.14; uses uv where it is there.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2

.PHONY: run test test-fast check docs calibrate setup clean

run: $(READY)
	$(BIN)/demo-sim run scenarios/hunan.yaml --out results/hunan --overwrite

test: $(READY)
	$(BIN)/python -m pytest -n $(WORKERS)

test-fast: $(READY)
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow"

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/docs/sentences.py

calibrate: $(READY)
	$(BIN)/demo-sim calibrate calibration/*/*.spec.yaml

docs: $(VENV)/.docs
	$(BIN)/sphinx-build -E -W --keep-going -q -b html docs docs/_build/html
	@echo docs/_build/html/index.html

setup: $(READY)

# The first of these that is new enough, unless PYTHON names one.
$(READY): pyproject.toml constraints.txt
	@python=""; \
	for name in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	    if "$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; then \
	        python=$$name; break; \
	    fi; \
	done; \
	if [ -n "$$python" ] && "$$python" -m venv $(VENV); then :; \
	elif command -v uv >/dev/null 2>&1; then uv venv --allow-existing --seed --python '>=3.11,<3.15' $(VENV); \
	else echo "Python 3.11 to 3.14 with its venv module is needed (or uv)" >&2; exit 1; fi
	@if command -v uv >/dev/null 2>&1 && \
	    uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[test,dev]'; then :; \
	else $(BIN)/python -m pip install --quiet -c constraints.txt -e '.[test,dev]'; fi
	@touch $@

$(VENV)/.docs: $(READY)
	@if command -v uv >/dev/null 2>&1 && \
	    uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[docs]'; then :; \
	else $(BIN)/python -m pip install --quiet -c constraints.txt -e '.[docs]'; fi
	@touch $@

clean:
	rm -rf $(VENV) build dist docs/_build docs/reference .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
