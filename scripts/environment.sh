#!/bin/sh
# Make a virtual environment and install one lock file into it, or say in one line why not.
# usage: environment.sh PYTHON VENV LOCK
set -eu
python=$1 venv=$2 lock=$3
needed_mb=4000

fail() {
    echo "error: $*" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 ||
    fail "$python is not there: install Python 3.11, or run make PYTHON=/path/to/python3.11"
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' ||
    fail "$python is $("$python" -V 2>&1), not Python 3.11: run make PYTHON=/path/to/python3.11"
if [ ! -x "$venv/bin/python" ]; then
    free_mb=$(df -Pm . | awk 'NR == 2 { print $4 }')
    [ "$free_mb" -ge "$needed_mb" ] ||
        fail "$free_mb MB free here, and the environment takes $needed_mb MB: free some space"
    "$python" -m venv "$venv" || {
        rm -rf "$venv"
        fail "$python cannot make a virtual environment: install its venv module"
    }
fi
echo "Installing $lock into $venv (a few minutes the first time)" >&2
# The lock is complete. To resolve it again would fail, as pip meets `pydantic[email]` in a package's
# metadata and takes the newest release for it, which has no hash here.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
    -r "$lock" ||
    fail "$lock could not be installed: see pip's message above, then run make again"
