# Everything a newcomer needs. `make repro` and `make test` do all their set-up themselves.
# A variable that a workflow sets, such as BASE, is only looked at by $(value ...), and reaches a command
# as "$$BASE" from the environment: $(BASE) would run what a branch may be called, `$(shell ...)`.
PYTHON ?= python3.11
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: help repro report audit release gate comment synced data logs drift retrain test nightly lint format lock clean

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

repro: $(VENV)/.runtime ## Run the pipeline: data in, a signed int8 release out
	@python -m palisade keys new --if-none
	@python -m palisade keys new --for image --if-none
	dvc repro
	@python -m palisade verify models/release

report: $(VENV)/.runtime ## Show what the run gave as one page; BASE=rev compares it with a revision
	dvc repro report
	@$(if $(value BASE),python -m palisade report --base "$$BASE",echo reports/report.html)

data: $(VENV)/.development ## Fetch the team's data sets, and no result of the pipeline
	@sh scripts/data.sh

gate: $(VENV)/.development ## Fail if a figure got worse than gate.yaml allows; BASE=rev
	@python -m palisade gate $(if $(value BASE),--base "$$BASE")

comment: $(VENV)/.development ## Write what a pull request's comment says to reports/comment; BASE=rev
	@python -m palisade comment --base "$${BASE:-HEAD}"

synced: $(VENV)/.development ## Fail if dvc.lock is stale or data was not pushed; LOCK_ONLY=1
	@python -m palisade synced $(if $(value LOCK_ONLY),--lock-only)

# How to sign (key, keyless-ambient, keyless-interactive), and the folder to make.
MODE ?= key
OUTPUT ?= dist

release: $(VENV)/.runtime ## Make a release of this checkout: images, signature, signed provenance
	@$(if $(filter key,$(MODE)),python -m palisade keys new --if-none)
	@python -m palisade keys new --for image --if-none
	@python -m palisade release --mode "$(MODE)" --output "$(OUTPUT)"

audit: $(VENV)/.runtime ## Attack the default models at full strength (hours)
	python -m palisade audit

logs: $(VENV)/.runtime ## Get devices' logs from the team's DVC remote
	@sh scripts/logs.sh

drift: $(VENV)/.runtime ## Say whether devices' logs, logs/TASK/*.jsonl, call for retraining
	@sh scripts/drift.sh

retrain: $(VENV)/.runtime ## Train on what data the team has by now, and open a pull request from BRANCH=name
	@python -m palisade keys new --if-none
	@sh scripts/retrain.sh "$(or $(BRANCH),retrain-$(shell date -u +%Y%m%d))"

test: $(VENV)/.development ## Run every test but the nightly ones
	python -m pytest

nightly: $(VENV)/.development ## Run long tests, and those that repeat daily ones on further tasks
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
