"""Fills the tables of README.md and docs/ from metrics/: ``python -m scripts.figures``.

Those on real data come from benchmarks/results/.

A table stands between ``<!-- figures: NAME -->`` and ``<!-- end -->``; what is between is replaced.
With ``--check`` nothing is written, and a table that does not say what metrics/ says is an error:
so no figure of the default run is ever copied by hand.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from palisade.tables import read_csv

PAGES = (
    "README.md",
    "docs/figures.md",
    "docs/real-data.md",
    "docs/monitoring.md",
    "docs/experiments.md",
)
TASKS = ("voice", "vision", "motion")
# Names of the budgets that the pages show: half of it, the reference, and the hopeless one.
BUDGETS = {
    "voice": ("snr_36db", "snr_30db", "snr_0db"),
    "vision": ("linf_2_255", "linf_4_255", "linf_64_255"),
    "motion": ("acc_25mg", "acc_50mg", "acc_500mg"),
}
HOPELESS = {"voice": "0 dB", "vision": "64/255", "motion": "500 mg and 50 %"}
REFERENCES = {"voice": "30 dB", "vision": "4/255", "motion": "50 mg and 5 % of the PIR"}
# Results of benchmarks on public data: the file, what it was tested and trained on, the names of
# half the reference budget and of all of it.
VOICE_BUDGETS = (("snr_36db", "36 dB"), ("snr_30db", "30 dB"))
VISION_BUDGETS = (("linf_2_255", "2/255"), ("linf_4_255", "4/255"))
REAL: tuple[tuple[Any, ...], ...] = (
    ("real_voice", "Speech Commands", "recordings", *VOICE_BUDGETS),
    ("sim_to_real_voice", "Speech Commands", "synthetic speech", *VOICE_BUDGETS),
    ("inria_person", "INRIA Person", "photographs", *VISION_BUDGETS),
    ("sim_to_real_inria_person", "INRIA Person", "drawn scenes", *VISION_BUDGETS),
    ("cifar10", "CIFAR-10, a JPEG copy", "photographs", *VISION_BUDGETS),
    ("pirvision", "PIRvision", "traces", ("acc_1mg", "0.1 %"), ("acc_2mg", "0.2 %")),
)
# Kinds of sound in the benchmark of streams that have a row of their own.
HEARD = {
    "gsc": "people saying other words, one a second",
    "gsc_noise": "background noises of Speech Commands",
    "esc10/dog": "dogs barking (ESC-10)",
}
MARKED = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

Rows = list[dict[str, str]]


class Metrics:
    """What a run left in metrics/."""

    def __init__(self, root: Path) -> None:
        self._folder, self._results = root / "metrics", root / "benchmarks/results"

    def figures(self, name: str) -> dict[str, Any]:
        """A JSON file: ``voice/evaluate``."""
        found: dict[str, Any] = json.loads((self._folder / f"{name}.json").read_text())
        return found

    def benchmark(self, name: str) -> dict[str, Any]:
        """What a benchmark wrote: ``real_voice``."""
        found: dict[str, Any] = json.loads((self._results / f"{name}.json").read_text())
        return found

    def rows(self, name: str) -> Rows:
        """A table: ``voice/detail/curve``."""
        return read_csv(self._folder / f"{name}.csv")

    def verdicts(self, task: str) -> tuple[dict[tuple[str, str, str], str], list[int]]:
        """A sign an example, by model, attack and budget; and which examples the subset holds."""
        rows = {
            (row["model"], row["attack"], row["budget"]): row["right"]
            for row in self.rows(f"{task}/detail/verdicts")
        }
        subset = rows.pop(("", "subset", ""))
        return rows, [place for place, one in enumerate(subset) if one == "1"]

    def evaluated(self) -> dict[str, dict[str, Any]]:
        """``evaluate.json`` of each task."""
        return {task: self.figures(f"{task}/evaluate") for task in TASKS}


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def share(value: Any) -> str:
    """A share to three places."""
    return f"{float(value):.3f}"


def across(rows: dict[str, Callable[[str], str]]) -> str:
    """A table with a column a task and a row a figure."""
    head = ["", *(f"`{task}`" for task in TASKS)]
    return table(head, ([name, *map(value, TASKS)] for name, value in rows.items()))


def headline(metrics: Metrics) -> str:
    """The int8 models: clean, in the field, attacked; without and with the guard."""
    found = metrics.evaluated()

    def worst(task: str, place: int, model: str = "int8") -> str:
        return share(found[task][model]["worst_case_accuracy"][BUDGETS[task][place]])

    def interval(task: str) -> str:
        (row,) = (
            row
            for row in metrics.rows(f"{task}/detail/robustness")
            if (row["model"], row["among"], row["budget"]) == ("int8", "all", BUDGETS[task][1])
        )
        low, high = share(row["low"]), share(row["high"])
        return f"**{share(row['worst_case_accuracy'])}** ({low} to {high})"

    def audited(task: str, figure: str) -> str:
        checks = {row["check"] for row in metrics.rows(f"{task}/detail/checks")}
        if "an_audit_finds_little_more" not in checks:  # of another model, or of too little
            return "not audited"
        return share(metrics.figures(f"{task}/audit")["audit"][figure])

    def wrong(task: str, name: str) -> str:
        return share(found[task]["guard"]["accepted_and_wrong"][name])

    return across(
        {
            "budget": lambda task: REFERENCES[task],
            "test examples": lambda task: f"{found[task]['int8']['n']:,}",
            "clean accuracy": lambda task: share(found[task]["int8"]["clean_accuracy"]),
            "in the field": lambda task: share(found[task]["int8"]["field_accuracy"]),
            "worst case at half the budget": lambda task: worst(task, 0),
            "worst case at the budget": interval,
            "worst case where nothing can stand": lambda task: (
                f"{worst(task, 2)} at {HOPELESS[task]}"
            ),
            "worst case at the budget, of examples that ask for an action": lambda task: share(
                found[task]["int8"]["worst_case_accuracy_actions"][BUDGETS[task][1]]
            ),
            "undefended, clean": lambda task: share(found[task]["undefended"]["clean_accuracy"]),
            "undefended at the budget": lambda task: worst(task, 1, "undefended"),
            "with the guard: clean rejected": lambda task: share(
                found[task]["guard"]["clean_reject_rate"]
            ),
            "accepted and wrong, clean": lambda task: wrong(task, "clean"),
            "accepted and wrong at the budget": lambda task: wrong(task, BUDGETS[task][1]),
            "audited at full strength: worst case": lambda task: audited(
                task, "worst_case_accuracy"
            ),
            "accepted and wrong in the audit": lambda task: audited(task, "accepted_and_wrong"),
            "unfamiliar input, worst kind, AUROC": lambda task: share(
                found[task]["guard"]["ood_auroc"]
            ),
            "checks of the measurement passed": lambda task: (
                f"{found[task]['checks']['passed']} of {found[task]['checks']['total']}"
            ),
        }
    )


def physical(metrics: Metrics) -> str:
    """Attacks through the world, each at its reference severity."""
    body = []
    for task in TASKS:
        found = metrics.figures(f"{task}/physical")
        rows = {
            row["attack"]: row
            for row in metrics.rows(f"{task}/detail/physical")
            if row["reference"] == "1"
        }
        for attack, accuracy in found["physical"].items():
            row = rows[attack]
            body.append(
                [
                    f"`{task}`",
                    attack.replace("_", " "),
                    row["severity"],
                    row["n"],
                    f"{share(accuracy)} ({share(row['low'])} to {share(row['high'])})",
                    share(row["undefended_accuracy"]),
                    share(found["accepted_and_wrong"][attack]),
                ]
            )
    head = ["", "attack", "severity", "of", "right", "undefended: right", "accepted and wrong"]
    return table(head, body)


def door(metrics: Metrics) -> str:
    """The decision that needs all sensors to agree, with how many events say so."""
    found = {row["figure"]: row for row in metrics.rows("detail/fusion")}

    def row(name: str, figure: str) -> list[str]:
        return [name, *counted(found[figure])]

    others = {
        "false_accept_rate": "another sensor has no reason to agree",
        "bystander_false_accept_rate": "the others truly agree",
    }
    body = [
        row("the door stays shut where it should open", "action.false_reject_rate"),
        row("it opens where it should not", "action.false_accept_rate"),
        *(
            row(f"`{task}` in the attacker's hands, {how}", f"controlled.{task}.{figure}")
            for figure, how in others.items()
            for task in TASKS
        ),
        *(
            [f"inputs of {reach} crafted within the budget", *counted(row)]
            for reach, row in crafted_by_number(metrics).items()
        ),
    ]
    return table(["events", "how many", "share"], body)


def counted(row: dict[str, str]) -> list[str]:
    """How many events a rate is of, and the rate with its interval."""
    if not int(row["n"]):
        return ["0", "not measured"]
    interval = f"({share(row['low'])} to {share(row['high'])})"
    return [f"{int(row['n']):,}", f"{share(row['rate'])} {interval}"]


def crafted_by_number(metrics: Metrics) -> dict[str, dict[str, str]]:
    """Rows of false accepts with the inputs of so many sensors crafted, whichever serve best."""
    forced = {
        row["reached"]: row
        for row in metrics.rows("detail/fusion_attack")
        if (row["goal"], row["among"]) == ("forced", "all")
    }
    everyone = "_".join(sorted(TASKS))
    names = {"any one sensor": "any_1", "any two sensors": "any_2", "all three sensors": everyone}
    return {reach: forced[name] for reach, name in names.items()}


def crafted(metrics: Metrics) -> str:
    """The door under inputs crafted for it, by whose inputs they are."""
    rows = {
        (row["goal"], row["reached"], row["among"]): row
        for row in metrics.rows("detail/fusion_attack")
    }

    def interval(row: dict[str, str]) -> str:
        return f"{share(row['rate'])} ({share(row['low'])} to {share(row['high'])})"

    body = []
    for goal, reached, among in rows:
        if goal == "forced" and among == "all":
            row = rows["forced", reached, "all"]
            strangers = rows.get(("forced", reached, "bystander"), {"n": "0"})
            body.append(
                [
                    reached.replace("any_", "the best of any ").replace("_", ", "),
                    share(row["noise"]) if row["noise"] else "",
                    interval(row),
                    share(row["bound"]),
                    interval(strangers) if int(strangers["n"]) else "",
                    interval(rows["denied", reached, "all"]),
                ]
            )
    clean = [share(rows[goal, "any_1", "all"]["clean"]) for goal in ("forced", "denied")]
    first = ["nobody's", "", clean[0], clean[0], "", clean[1]]
    head = ["crafted", "noise opens", "opens", "full control opens", "opens for bystanders"]
    return table([*head, "stays shut"], [first, *body])


def listening(metrics: Metrics) -> str:
    """Hours of continuous sound."""
    found = metrics.figures("voice/stream")
    kinds = {
        "all": found,
        "running speech": found["speech"],
        "household": found["background"],
        "all, by mean margins alone": found["without_confirmer"],
    }
    body = [
        [
            name,
            f"{row['hours']:.1f}",
            f"{row['false_accepts_per_hour']:.1f}",
            f"{row['false_accepts_per_hour_high']:.1f}"
            if "false_accepts_per_hour_high" in row
            else "",
            share(row["false_reject_rate"]) if "false_reject_rate" in row else "",
        ]
        for name, row in kinds.items()
    ]
    head = ["sound", "hours", "false accepts an hour", "their upper limit", "false rejects"]
    return table(head, body)


def device(metrics: Metrics) -> str:
    """What one inference takes on a microcontroller."""
    found = {task: metrics.figures(f"{task}/cost") for task in TASKS}

    def spread(task: str, name: str, unit: float) -> str:
        low, high = (found[task][name][end] / unit for end in ("low", "high"))
        return f"{low:.3g} to {high:.3g}"

    return across(
        {
            "flash in all, kB": lambda task: f"{found[task]['flash_bytes'] / 1000:.1f}",
            "RAM at its peak, kB": lambda task: f"{found[task]['peak_ram_bytes'] / 1000:.1f}",
            "MACs, millions": lambda task: f"{found[task]['macs'] / 1e6:.2f}",
            "front end and guard, share of the model's cycles": lambda task: share(
                found[task]["share_of_model_cycles"]
            ),
            "latency on a Cortex-M4, ms": lambda task: spread(task, "latency_ms_m4", 1),
            "energy on a Cortex-M4, mJ": lambda task: spread(task, "energy_uj_m4", 1000),
        }
    )


def real(metrics: Metrics) -> str:
    """Public data sets: clean, and in the worst case at half the reference budget and at it."""
    body = []
    for name, data, trained, *budgets in REAL:
        result = metrics.benchmark(name)
        # One result, or one of each seed; of the int8 model alone, where there is no evaluation.
        for found in [result] if "int8" in result else result.values():
            int8 = found.get("int8", found)
            worst = int8["worst_case_accuracy"]
            undefended = found.get("undefended", {}).get("worst_case_accuracy", {})
            body.append(
                [
                    data,
                    trained,
                    f"{int8['n']:,}",
                    share(int8["clean_accuracy"]),
                    *(f"{share(worst[key])} at {told}" for key, told in budgets),
                    *(share(undefended[key]) if undefended else "" for key, _ in budgets[1:]),
                    _failures(found),
                ]
            )
    head = ["data", "trained on", "tested", "clean", "half the budget", "the budget"]
    return table([*head, "undefended", "checks that failed"], body)


def _failures(found: dict[str, Any]) -> str:
    if "failed_checks" not in found:
        return "not run"
    return ", ".join(f"`{one}`" for one in found["failed_checks"]) or "none"


def heard(metrics: Metrics) -> str:
    """The default keyword model on recordings in which nobody says a command."""
    found: dict[str, list[tuple[float, float]]] = {}
    for kind, row in metrics.benchmark("stream")["kinds"].items():
        name = HEARD.get(kind.split(" at ")[0], "nine other kinds of ESC-10")
        accepts = row["false_accepts_per_hour"] * row["hours"]
        found.setdefault(name, []).append((accepts, row["hours"]))
    body = []
    for name, rows in found.items():
        accepts, hours = (sum(one) for one in zip(*rows, strict=True))
        body.append([name, f"{hours:.2f}", f"{accepts:.0f}", f"{accepts / hours:.0f}"])
    return table(["sound", "hours", "false accepts", "an hour"], body)


def drift(metrics: Metrics) -> str:
    """Logs without drift that raised an alarm, and how soon corrupted ones did, by severity."""
    rows = [row for row in metrics.benchmark("drift")["kinds"] if "task" in row]
    body = []
    for task in TASKS:
        mine = [row for row in rows if row["task"] == task]
        undrifted = next(row for row in mine if row["kind"] == "calibration")
        for severity in ("1", "2", "3"):
            found = [row["at_once"] for row in mine if row["kind"].endswith(f"/{severity}")]
            sure = [row["median"] for row in found if row["alarms"] == 1.0]
            reached = f"{min(sure):.0f} to {max(sure):.0f}" if sure else ""
            seen = f"{len(sure)} of {len(found)}"
            body.append([f"`{task}`", share(undrifted["alarms"]), severity, seen, reached])
    head = ["", "false alarms", "severity", "kinds that every log told", "after so many answers"]
    return table(head, body)


def epsilon(metrics: Metrics) -> str:
    """`motion` trained at several epsilons, on the validation split."""
    found = metrics.benchmark("epsilon")

    def row(name: str, figures: dict[str, Any]) -> list[str]:
        worst = figures["worst_case_accuracy"]
        half, reference, _ = BUDGETS["motion"]
        return [name, share(figures["clean_accuracy"]), share(worst[half]), share(worst[reference])]

    trained = [
        row(f"{point['epsilon']['pretrain.motion.epsilon_mg']:g} mg", point)
        for point in found["points"]
    ]
    head = ["trained at", "clean", "worst case at 25 mg", "at 50 mg"]
    return table(head, [row("nothing", found["undefended"]), *trained])


def failed(metrics: Metrics) -> str:
    """Checks of the measurement that failed, or that none did."""
    body = [
        [f"`{task}`", f"`{row['check']}`", row["figure"], f"{row['relation']} {row['limit']}"]
        for task in TASKS
        for row in metrics.rows(f"{task}/detail/checks")
        if row["passed"] != "True"
    ]
    return table(["", "check", "figure", "limit"], body or [["all tasks", "none failed", "", ""]])


def decision(metrics: Metrics) -> str:
    """The decision to act, by a bare argmax and with the guard."""
    found = metrics.evaluated()
    return across(
        {
            "false accepts": lambda task: share(found[task]["int8"]["false_accept_rate"]),
            "false rejects": lambda task: share(found[task]["int8"]["false_reject_rate"]),
            "false accepts with the guard": lambda task: share(
                found[task]["guard"]["false_accept_rate"]
            ),
            "false rejects with the guard": lambda task: share(
                found[task]["guard"]["false_reject_rate"]
            ),
            "equal error rate": lambda task: share(found[task]["int8"]["equal_error_rate"]),
            "accepted and wrong at half the budget": lambda task: share(
                found[task]["guard"]["accepted_and_wrong"][BUDGETS[task][0]]
            ),
            "accepted and wrong at the hopeless one": lambda task: share(
                found[task]["guard"]["accepted_and_wrong"][BUDGETS[task][2]]
            ),
        }
    )


def unfamiliar(metrics: Metrics) -> str:
    """How well each kind of unfamiliar input is told from clean ones."""
    body = [
        [f"`{task}`", row["kind"], share(row["auroc"])]
        for task in TASKS
        for row in metrics.rows(f"{task}/detail/unfamiliar")
    ]
    return table(["", "kind", "AUROC"], body)


def sequences(metrics: Metrics) -> str:
    """Events window by window: by the guard alone / with agreement over time."""

    def pair(task: str, how: str, when: str, verdict: str, *, missed: bool = False) -> str:
        rates = [
            float(row["rate"])
            for row in metrics.rows(f"{task}/detail/sequences")
            if (row["input"], row["when"], row["verdict"]) == (how, when, verdict)
        ]
        return " / ".join(share(1 - rate if missed else rate) for rate in rates)

    return across(
        {
            "right action never accepted": lambda task: pair(
                task, "clean", "any", "right_action", missed=True
            ),
            **{
                f"wrong action accepted, {how}": lambda task, how=how: pair(  # type: ignore[misc]
                    task, how, "any", "wrong_action"
                )
                for how in ("clean", "flicker", "sustained")
            },
            'last verdict is "verify again", clean': lambda task: pair(
                task, "clean", "last", "verify_again"
            ),
        }
    )


def transfer(metrics: Metrics) -> str:
    """Examples that fool network or companion tree, and how many fool the other too."""
    body = [
        [
            f"`{task}`",
            row["direction"].replace("_", " "),
            *(row[name] for name in ("attacked", "fooled", "transferred")),
            share(row["control"]),
        ]
        for task in TASKS
        for row in metrics.rows(f"{task}/detail/transfer")
    ]
    head = ["", "direction", "attacked", "fooled", "of those, the other too", "share by noise"]
    return table(head, body)


def evidence(metrics: Metrics) -> str:
    """The door by which windows count, thresholds set anew for each row."""
    names = [
        "action.false_reject_rate",
        "action.false_accept_rate",
        *(f"controlled.{task}.false_accept_rate" for task in TASKS),
    ]
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for row in metrics.rows("detail/fusion_evidence"):
        found.setdefault(tuple(row[task] for task in TASKS), {})[row["figure"]] = row["rate"]
    body = [[*key, *(share(rates[name]) for name in names)] for key, rates in found.items()]
    windows = [f"`{task}`: windows" for task in TASKS]
    controlled = [f"controlled {task}" for task in TASKS]
    return table([*windows, "misses", "false accepts", *controlled], body)


def attacks(metrics: Metrics) -> str:
    """Each attack alone on the fixed subset at the reference budget: share still right."""
    found: dict[str, dict[str, str]] = {}
    for task in TASKS:
        rows, chosen = metrics.verdicts(task)
        for (model, attack, budget), right in rows.items():
            if model in ("int8", "int8_guarded") and budget == BUDGETS[task][1]:
                known = [right[place] for place in chosen if right[place] in "01"]
                value = share(known.count("1") / len(known)) if len(known) == len(chosen) else ""
                found.setdefault(attack, {})[f"{task}/{model}"] = value
    models = [(task, model) for task in TASKS for model in ("int8", "int8_guarded")]
    head = ["attack", *(f"`{task}`{', guard' * ('guard' in model)}" for task, model in models)]
    body = [
        [f"`{attack}`", *(values.get(f"{task}/{model}", "") for task, model in models)]
        for attack, values in found.items()
    ]
    return table(head, body)


def queried(metrics: Metrics) -> str:
    """How the fixed subset stands after so many queries, with the guard where there is one."""
    body = []
    for task in TASKS:
        found: dict[tuple[str, str], dict[int, dict[str, str]]] = {}
        for row in metrics.rows(f"{task}/detail/queries"):
            asked = found.setdefault((row["model"], row["attack"]), {})
            asked[int(row["queries"])] = row
        for (model, attack), rows in found.items():
            model_name = "undefended" if model == "undefended" else "defended"
            soon = max(number for number in rows if number <= 100)
            shown = [rows[number] for number in (0, soon, max(rows))]
            body.append(
                [
                    f"`{task}`, {model_name}",
                    f"`{attack}`",
                    *(share(row["robust_accuracy"]) for row in shown),
                    f"{max(rows):,}",
                    "" if model == "undefended" else share(shown[-1]["harmless"]),
                ]
            )
    head = ["", "attack", "right when clean", "after 100", "after all", "that many"]
    return table([*head, "right or refused then"], body)


def sampled(metrics: Metrics) -> str:
    """How many examples of the subset only attacks break that run nowhere else."""
    verdicts = {task: metrics.verdicts(task) for task in TASKS}

    def only(task: str, model: str) -> str:
        rows, chosen = verdicts[task]
        everywhere: set[int] = set()
        here: set[int] = set()
        for (one, _, budget), right in rows.items():
            if (one, budget) == (model, BUDGETS[task][1]):
                run = {place for place, sign in enumerate(right) if sign != "-"}
                broken = {place for place in chosen if right[place] == "0"}
                (here if run <= set(chosen) else everywhere).update(broken)
        return f"{len(here - everywhere)}"

    return across(
        {
            "examples of the subset": lambda task: f"{len(verdicts[task][1])}",
            "broken by those attacks alone": lambda task: only(task, "int8"),
            "the same, past the guard": lambda task: only(task, "int8_guarded"),
        }
    )


TABLES: dict[str, Callable[[Metrics], str]] = {
    one.__name__: one
    for one in (
        *(headline, physical, door, listening, device, real, heard, drift, epsilon, failed),
        *(decision, unfamiliar, sequences, transfer, evidence, crafted, attacks, queried, sampled),
    )
}


def filled(text: str, metrics: Metrics) -> str:
    """A page with its tables made anew."""
    return MARKED.sub(lambda found: found[1] + TABLES[found[2]](metrics) + found[3], text)


def main() -> int:
    """Fill the pages, or check them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if one is stale")
    check = parser.parse_args().check
    stale = []
    for name in PAGES:
        page = Path(name)
        text = page.read_text()
        made = filled(text, Metrics(Path()))
        if made != text:
            stale.append(name)
            if not check:
                page.write_text(made)
    if check and stale:
        print(f"error: stale tables in {', '.join(stale)}: run python -m scripts.figures")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
