# `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SPARK := .venv-spark
JAVA := $(if $(JAVA_HOME),$(JAVA_HOME)/bin/)java

.DEFAULT_GOAL := help
.PHONY: help demo demo-open test check bench spark java lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

demo: $(VENV)/run.stamp  ## the whole job on the real purchases of 23,570 people, on this machine only
	@$(BIN)/zaiseki demo

demo-open: $(VENV)/run.stamp  ## the same, and the pages of both platforms stay up until Ctrl-C
	@$(BIN)/zaiseki demo --open

test: $(VENV)/dev.stamp check  ## lint, types, import contracts, tests
	$(BIN)/python -m pytest

check: $(VENV)/dev.stamp  ## lint, types and import contracts only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/dev.stamp  ## time, memory and requests of real runs, with machine and method
	$(BIN)/python scripts/run_bench.py

spark: java $(SPARK)/spark.stamp  ## the tests of every metric on PySpark, which is installed apart; needs Java 17 or later
	$(SPARK)/bin/python -m pytest -rs --engine spark --hypothesis-profile=few $(sort $(wildcard tests/test_metrics_*.py))

java:
	@"$(JAVA)" -version 2>&1 | grep -Eq 'version "(1[7-9]|[2-9][0-9])' || { \
		echo "Spark needs Java 17 or later, and '$(JAVA) -version' shows none."; \
		echo "Install one (on Debian and Ubuntu: apt-get install openjdk-17-jre-headless) or set JAVA_HOME."; \
		exit 1; }

lock: $(VENV)/lock.stamp  ## make the lock files anew from pyproject.toml
	$(VENV)/lock/bin/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml requirements/build.in -o requirements/run.txt
	$(VENV)/lock/bin/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra dev -c requirements/run.txt pyproject.toml requirements/build.in -o requirements/dev.txt
	$(VENV)/lock/bin/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements/dev.txt requirements/spark.in -o requirements/spark.txt

clean:  ## remove the environments, the demo's folder and every cache
	rm -rf $(VENV) $(SPARK) demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: $(BIN)/python requirements/run.txt pyproject.toml
	@echo "Installing what Zaiseki needs into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	@echo "Installing what the tests need into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(SPARK)/bin/python:
	$(PYTHON) -m venv $(SPARK)

$(SPARK)/spark.stamp: $(SPARK)/bin/python requirements/dev.txt requirements/spark.txt pyproject.toml | java
	@echo "Installing what the tests need, and PySpark (450 MB), into $(SPARK) ..."
	@$< -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/dev.txt -r requirements/spark.txt
	@$< -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/lock.stamp: $(BIN)/python
	@$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/python -m pip install --quiet uv
	@touch $@
