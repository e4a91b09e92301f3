#!/bin/sh
# Let this clone into the team's DVC remote, which .dvc/config names. Secrets come from the
# environment and go where git never looks:
#   DVC_CONFIG_LOCAL  the content of .dvc/config.local, such as a password or the path of a key
#   DVC_SSH_KEY       a private key, written to .dvc/tmp/remote_key for `keyfile` to name
# Where neither is set nothing is done, as for a remote that anybody may read.
set -eu
cd "$(dirname "$0")/.."
umask 077
mkdir -p .dvc/tmp
if [ -n "${DVC_CONFIG_LOCAL:-}" ]; then
    printf '%s\n' "$DVC_CONFIG_LOCAL" >.dvc/config.local
fi
if [ -n "${DVC_SSH_KEY:-}" ]; then
    printf '%s\n' "$DVC_SSH_KEY" >.dvc/tmp/remote_key
fi
