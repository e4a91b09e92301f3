#!/bin/sh
# Hold every device's log, logs/TASK/*.jsonl, against calibration of the model that is here.
# Ends with 0 whatever the verdict, which is its last line and, in a workflow, the output `verdict`.
set -eu
worst=ok
for folder in logs/*/; do
    [ -d "$folder" ] || {
        echo "error: there is no folder in logs: put logs at logs/TASK/DEVICE.jsonl" >&2
        exit 1
    }
    task=$(basename "$folder")
    status=0
    mkdir -p reports
    python -m palisade monitor "$folder"*.jsonl --task "$task" --output "reports/drift-$task.json" ||
        status=$?
    case $status in
        0) ;;
        95) worst=retrain ;;
        96) [ "$worst" = retrain ] || worst=watch ;;
        *) exit 1 ;;
    esac
done
[ -z "${GITHUB_OUTPUT:-}" ] || echo "verdict=$worst" >>"$GITHUB_OUTPUT"
echo "$worst"
