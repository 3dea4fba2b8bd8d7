# `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
INSTALLED := $(VENV)/.installed

# Nothing phones home.
export DVC_NO_ANALYTICS := true
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := true
export NO_ALBUMENTATIONS_UPDATE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: help setup repro studio unit test ui lock

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED)  ## create .venv and install the pinned dependencies

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "sketch2color needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --require-hashes --requirement requirements.lock
	$(VENV)/bin/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

repro: setup  ## run the pipeline; the result is reports/evaluate/report.html
	dvc repro
	@echo "Report: reports/evaluate/report.html; MLflow runs: make ui"

# The studio's page, built again when its sources changed. npm ci installs what package-lock.json pins.
PAGE := src/sketch2color/studio/site/index.html
MODULES := studio/node_modules/.installed

studio: setup $(PAGE)  ## open the page in which a designer colours sketches
	sketch2color studio

$(PAGE): $(MODULES) $(wildcard studio/*.mjs studio/*.json) $(shell find studio/src studio/public -type f)
	cd studio && npm run --silent build

$(MODULES): studio/package-lock.json studio/package.json $(INSTALLED)
	cd studio && npm ci --loglevel=error
	@touch $@

# Two test processes; the tests of one file run in one process, files with slow tests first.
PYTEST := pytest -n 2 --dist loadfile --no-loadscope-reorder

unit: setup  ## run the unit tests, under a minute
	$(PYTEST) -m "not slow"

test: setup $(PAGE)  ## run ruff, mypy, tsc and all tests
	ruff check .
	ruff format --check .
	mypy
	cd studio && npm run --silent check
	$(PYTEST)

ui: setup  ## serve the MLflow runs
	mlflow ui --backend-store-uri "$${MLFLOW_TRACKING_URI:-sqlite:///$(CURDIR)/mlflow.db}"

lock:  ## update requirements.lock (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-annotate --quiet --output-file requirements.lock
