# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
PYTHON ?= python3
ARGS ?=
BENCH_ARGS ?=
LOCK := requirements.lock
STAMP := .venv/.installed
BIN := .venv/bin
PY_ROOTS := proximity simulators benchmarks tests
PURE_TESTS := tests/kernels tests/geo tests/engine/test_twin.py tests/engine/test_twin_rules.py tests/engine/test_wanted.py tests/engine/test_situations_of_asking.py
PIP_TOOLS := pip-tools==7.6.2

.DEFAULT_GOAL := help
.PHONY: help setup run test test-modes check bench lock clean

help: ## say what each target does
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | sort | while IFS='	' read -r name what; do \
	  printf '  make %-10s %s\n' "$$name" "$$what"; done

setup: $(STAMP) ## make .venv with the locked packages and the project itself

$(STAMP): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "make setup: $(PYTHON) is not Python 3.11 or newer: make setup PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r $(LOCK)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: $(STAMP) ## the demo: make run ARGS=--once
	@$(BIN)/proximity demo $(ARGS)

test: $(STAMP) ## the whole test suite, kernels also checked for bounds and interpreted: make test ARGS='-k zones'
	$(BIN)/python -m pytest $(ARGS)
ifeq ($(strip $(ARGS)),)
	NUMBA_BOUNDSCHECK=1 $(BIN)/python -m pytest -q $(PURE_TESTS)
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m coverage run -m pytest -q $(PURE_TESTS)
	$(BIN)/python -m coverage report --fail-under=100
endif

test-modes: $(STAMP) ## the whole suite in the two other modes of numba: long
	NUMBA_BOUNDSCHECK=1 $(BIN)/python -m pytest -q $(ARGS)
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -q $(ARGS)

check: $(STAMP) ## formatting, lint, types, import contracts, house rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(PY_ROOTS) tools
	$(BIN)/lint-imports
	$(BIN)/python tools/house_rules.py

bench: $(STAMP) ## the benchmarks: make bench BENCH_ARGS='--seconds 60'
	$(BIN)/python -m pytest benchmarks/test_probability.py --benchmark-only $(ARGS)
	$(BIN)/python -m benchmarks.geometry
	$(BIN)/python -m benchmarks.engine
	$(BIN)/python -m benchmarks.end_to_end $(BENCH_ARGS)

lock: ## write the lock file anew, with the newest versions and their hashes
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet '$(PIP_TOOLS)'
	.venv-lock/bin/pip-compile --quiet --upgrade --extra dev --generate-hashes --allow-unsafe --strip-extras \
	  --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file $(LOCK) pyproject.toml

clean: ## remove the environments and every cache
	rm -rf .venv .venv-lock build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks \
	  .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
