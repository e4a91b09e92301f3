#!/bin/sh
# Train again on the data that the team's remote has by now, and open a pull request with the result.
# usage: retrain.sh BRANCH   (needs git, dvc and, to open the pull request, gh)
set -eu
branch=$1
[ -z "$(git status --porcelain)" ] || {
    echo "error: the checkout has changes: commit them, then run it again" >&2
    exit 1
}
dvc pull --quiet
dvc repro
if git diff --quiet HEAD -- dvc.lock; then
    echo "error: there is nothing new to train on: add data from the field with dvc add, or change" \
        "params.yaml, push it, then run it again" >&2
    exit 1
fi
git switch --quiet --create "$branch"
git add --all
git commit --quiet --message "Retrain, as the field drifted"
dvc push --quiet
git push --quiet --set-upstream origin "$branch"
gh pr create --title "Retrain, as the field drifted" --fill --head "$branch"
