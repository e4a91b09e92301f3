# Everything a newcomer needs. `make repro` and `make test` do all their set-up themselves.
PYTHON ?= python3.11
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: help repro report test nightly lint format lock clean release

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

repro: $(VENV)/.runtime ## Run the pipeline: data in, a signed int8 release out
	@python -m palisade keys new --if-none
	@python -m palisade keys new --for image --if-none
	dvc repro
	@python -m palisade verify models/release

report: $(VENV)/.runtime ## Show what the run gave as one page; BASE=rev compares it with a revision
	dvc repro report
	@$(if $(BASE),python -m palisade report --base "$(BASE)",echo reports/report.html)

# How to sign (key, keyless-ambient, keyless-interactive), and the folder to make.
MODE ?= key
OUTPUT ?= dist

release: $(VENV)/.runtime ## Make a release of this checkout: images, signature, signed provenance
	@$(if $(filter key,$(MODE)),python -m palisade keys new --if-none)
	@python -m palisade keys new --for image --if-none
	@python -m palisade release --mode "$(MODE)" --output "$(OUTPUT)"

test: $(VENV)/.development ## Run every test
	python -m pytest

nightly: $(VENV)/.development ## Run the tests that repeat daily ones on further tasks
	python -m pytest -m nightly

lint: $(VENV)/.development ## Check style, types, and that dvc.yaml declares what the code uses
	ruff check .
	ruff format --check .
	mypy palisade stages
	python -m pytest -q tests/test_dag.py

format: $(VENV)/.development ## Put the code in the house style
	ruff check --fix-only .
	ruff format .

lock: ## Renew the lock files from pyproject.toml (needs uv)
	sh scripts/lock.sh

clean: ## Remove the environment; data, models and the DVC cache stay
	rm -rf $(VENV)

$(VENV)/.runtime: requirements.lock
	@sh scripts/environment.sh "$(PYTHON)" $(VENV) requirements.lock
	@touch $@

$(VENV)/.development: requirements-dev.lock
	@sh scripts/environment.sh "$(PYTHON)" $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/.runtime
