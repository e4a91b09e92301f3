#!/bin/sh
# Get the devices' logs, and what they are held against, from the team's DVC remote.
set -eu
dvc pull --quiet logs.dvc
for folder in logs/*/; do
    dvc pull --quiet "models/$(basename "$folder")/calibration_log.jsonl"
done
