# Everything a newcomer types. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
KIOSK_PORT ?= 8100
DISPLAY_PORT ?= 8200
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check
export PORT KIOSK_PORT DISPLAY_PORT
# What starts a hundred processes must not compile itself in each.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run demo test check bench lock clean

help: ## what can be typed
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(VENV)/.ready node_modules/.ready ## fill .venv from the lock and fetch the front-end packages

$(VENV)/.ready: requirements.lock pyproject.toml
	@echo "Setting up Python packages from requirements.lock ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(VENV)/.ready
	@echo "Setting up what tests and checks need from requirements-dev.lock ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

node_modules/.ready: package.json package-lock.json | $(VENV)/.ready
	@echo "Fetching the pages' packages from package-lock.json ..."
	@if command -v npm >/dev/null; then npm ci --silent; else PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --silent; fi
	@touch $@

run: setup ## the whole hall on this machine; prints the addresses
	@$(BIN)/hallcall run --port $(PORT) --kiosk-port $(KIOSK_PORT) --display-port $(DISPLAY_PORT) $(if $(REPLAY),--replay $(REPLAY)) $(if $(SPEED),--speed $(SPEED))

demo: setup ## one visit through every real part, with evidence
	@$(BIN)/hallcall demo

test: setup $(VENV)/.ready-dev ## everything that must pass; sets itself up
	@bash tests/prepare
	@$(BIN)/python -m pytest -n 4 --dist loadgroup -q

check: setup $(VENV)/.ready-dev ## lint, types, import laws, the lock, known faults of packages
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pip check
	@$(BIN)/python -m tests.advisories

bench: setup $(VENV)/.ready-dev ## what it costs, as ratios measured in one run
	@$(BIN)/python -m bench

LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate

lock: ## write both Python locks anew (needs uv)
	$(LOCK) --extra all --extra setup --extra dev pyproject.toml -o requirements-dev.lock
	$(LOCK) --extra all --extra setup --constraints requirements-dev.lock pyproject.toml -o requirements.lock

clean: ## forget everything that can be fetched or made again
	rm -rf $(VENV) node_modules .pytest_cache .mypy_cache .ruff_cache
