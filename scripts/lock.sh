#!/bin/sh
# Renew the lock files. They hold hashes and name no index, so that any mirror serves.
set -eu
compile() {
    uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-header --quiet "$@"
}
compile --upgrade --output-file requirements.lock
compile --extra dev --constraints requirements.lock --output-file requirements-dev.lock
# Some extras alone, without the pipeline's own dependencies.
extra() {
    python3 - "$1" <<'PYTHON' |
import sys
import tomllib
with open("pyproject.toml", "rb") as file:
    print("\n".join(tomllib.load(file)["project"]["optional-dependencies"][sys.argv[1]]))
PYTHON
        uv pip compile - --python-version 3.11 --constraints requirements.lock --generate-hashes \
            --no-emit-index-url --no-header --quiet --output-file "$2"
}
extra verify requirements-verify.lock
extra peers benchmarks/requirements-peers.lock
