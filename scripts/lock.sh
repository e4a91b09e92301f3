#!/bin/sh
# Renew the lock files. They hold hashes and name no index, so that any mirror serves.
set -eu
compile() {
    uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-header --quiet "$@"
}
compile --upgrade --output-file requirements.lock
compile --extra dev --constraints requirements.lock --output-file requirements-dev.lock
# The verifier alone: none of the pipeline's own dependencies.
python3 - <<'PYTHON' |
import tomllib
with open("pyproject.toml", "rb") as file:
    print("\n".join(tomllib.load(file)["project"]["optional-dependencies"]["verify"]))
PYTHON
    uv pip compile - --python-version 3.11 --constraints requirements.lock --generate-hashes \
        --no-emit-index-url --no-header --quiet --output-file requirements-verify.lock
