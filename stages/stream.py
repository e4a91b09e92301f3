"""stream@task: decide over hours of continuous input, and count what is wrong.

The input is drawn block by block by the voices of a split and forgotten again. What confirms a
command is fitted to the training and validation splits', thresholds are set on the calibration
split's, and figures are of the test split's. All windows run on LiteRT, and those that an accept
can hang on once more on TFLM, which has the last word. Writes stream.json, which firmware needs;
its figures; and the curve of false accepts against false rejects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from palisade import edge, stage, tasks
from palisade.device import measured as m4
from palisade.device import work
from palisade.edge import Edge
from palisade.files import write_json
from palisade.seeds import derive
from palisade.stream import figures, fitting, hearing, thresholds
from palisade.stream.confirmer import Confirmer
from palisade.stream.decision import Params
from palisade.stream.figures import Confirmation, Material
from palisade.stream.hearing import Heard, Listener
from palisade.stream.listening import Listening, check
from palisade.tables import write_csv

FITTED = ("train", "validation")  # splits that a confirmer is fitted to
CURVE_LSB = 40  # by which thresholds are raised and lowered for the curve


@dataclass(frozen=True)
class Task:
    """A task's stream as this stage uses it.

    Attributes:
        session: draws what there is to hear.
        device: the model and its guard.
        labels: of the model.
    """

    session: Any
    device: Edge
    labels: tuple[str, ...]

    @property
    def decision(self) -> Params:
        """How windows become decisions."""
        params: Params = self.session.params.decision
        return params

    def listener(self, split: str) -> Listener:
        """Who hears the blocks of a split."""
        return Listener(
            record=self.session.recorder(split),
            content=self.device.artefact.content,
            guard=self.device.guard,
            actions=tuple(self.labels.index(label) for label in self.session.commands),
        )

    def hear(self, split: str) -> list[Heard]:
        """All of a split on LiteRT."""
        return self.listener(split).all_of(self.session.blocks(split), f"{split} blocks")

    def material(
        self, heard: Sequence[Heard], confirmer: Confirmation | None, *, guarded: bool = True
    ) -> Material:
        """Scores of what was heard."""
        return figures.material(
            heard,
            self.session.commands,
            self.decision,
            clip_ms=self.session.clip_ms,
            guarded=guarded,
            confirmation=confirmer,
        )

    def confirmer(self, seed: int) -> Confirmer | None:
        """Fitted to voices of its own, where there is one."""
        if self.decision.confirm is None:
            return None
        heard = [one for split in FITTED for one in self.hear(split)]
        session = self.session
        return fitting.fit(
            heard, session.commands, self.decision, clip_ms=session.clip_ms, seed=seed
        )

    def chosen(
        self, calibration: Sequence[Heard], confirmer: Confirmer | None, *, guarded: bool = True
    ) -> Rules:
        """Thresholds, set on the calibration split."""
        params, confirmation, met = self.decision, None, True
        if confirmer is not None and params.confirm is not None:
            margins = self.material(calibration, None, guarded=guarded)
            first = thresholds.choose(margins, params.confirm.false_reject_target)
            confirmation, met = Confirmation(confirmer, first.lsb), first.met
        scores = self.material(calibration, confirmation, guarded=guarded)
        last = thresholds.choose(scores, params.false_reject_target)
        return Rules(confirmation, last.lsb, met and last.met)


@dataclass(frozen=True)
class Rules:
    """When a command is accepted.

    Attributes:
        confirmation: of margins, where there is one.
        last_lsb: ``[actions]`` thresholds of its scores, or of mean margins where there is none.
        met: whether calibration keeps the targets of false rejects.
    """

    confirmation: Confirmation | None
    last_lsb: tuple[int, ...]
    met: bool

    @property
    def margins_lsb(self) -> tuple[int, ...]:
        """``[actions]`` thresholds of mean margins."""
        return self.confirmation.thresholds_lsb if self.confirmation else self.last_lsb


def main(this: stage.Stage) -> None:
    """Run the stage."""
    labels = tuple(this.dep("models/{key}/labels.txt").read_text().split())
    device = edge.of(this, "models/{key}/model.tflite", "models/{key}/guard.json")
    source = tasks.load(this.key, "streaming.session")
    task = Task(source.of(this, labels, device.artefact), device, labels)
    confirm = task.decision.confirm
    context = confirm.context_windows if confirm else None
    check(len(task.session.commands), len(labels), context)
    calibration = task.hear("calibration")
    rules = task.chosen(calibration, task.confirmer(derive(this.seed, "stream", "confirmer")))
    firmware = rules_of_firmware(task, rules)
    firmware.write(this.out("models/{key}/stream.json"))
    heard = task.hear("test")
    cost = on_device(firmware, m4.load(this.dep("device/measured.json").parent))
    found = {**measured(task, calibration, heard, rules), "device": cost}
    write_json(this.out("metrics/{key}/stream.json"), found)
    stream = task.material(heard, rules.confirmation)
    curve = figures.curve(stream, rules.last_lsb, range(-CURVE_LSB, CURVE_LSB + 1))
    write_csv(this.out("metrics/{key}/detail/stream.csv"), curve)


def rules_of_firmware(task: Task, rules: Rules) -> Listening:
    """What a device needs to decide alike, all of it whole numbers."""
    params, confirmation = task.decision, rules.confirmation
    return Listening(
        actions=[task.labels.index(label) for label in task.session.commands],
        thresholds_lsb=list(rules.margins_lsb),
        confirmed_lsb=list(rules.last_lsb) if confirmation else None,
        confirmer=confirmation.confirmer if confirmation else None,
        classes=len(task.labels),
        hop_ms=params.hop_ms,
        smoothed_windows=params.smoothed_windows,
        context_windows=params.context_windows,
        refractory_windows=params.refractory_windows,
    )


def on_device(rules: Listening, found: m4.Measured) -> dict[str, int]:
    """What it takes beside the model and its guard; instructions are those of one window."""
    structs = found.struct_bytes
    confirmer = structs["pal_confirmer"] if rules.confirmer else 0
    return {
        "instructions": round(found.price(work.LISTEN, work.listen(rules))),
        "state_bytes": structs["pal_heard"],
        "table_bytes": rules.table_bytes + structs["pal_listener"] + confirmer,
    }


def measured(
    task: Task, calibration: Sequence[Heard], heard: Sequence[Heard], rules: Rules
) -> dict[str, Any]:
    """Figures: the device's by TFLM; those of calibration and with less to decide by LiteRT."""
    listener, confirmation = task.listener("test"), rules.confirmation
    settled = hearing.settle(listener, heard, rules.margins_lsb, task.decision)
    stream = task.material(settled.heard, confirmation)
    known = figures.outcome(task.material(calibration, confirmation), rules.last_lsb)
    confirmer = confirmation.confirmer if confirmation else None
    less = {"without_guard": without(task, calibration, heard, confirmer, guarded=False)}
    if confirmer is not None:
        less["without_confirmer"] = without(task, calibration, heard, None, guarded=True)
    return {
        **figures.outcome(stream, rules.last_lsb).figures(),
        **figures.by_kind(stream, rules.last_lsb),
        "calibration": known.brief(),
        "target_met": rules.met,
        "tflm": {"windows": settled.windows, "difference_lsb": settled.difference_lsb},
        **less,
    }


def without(
    task: Task,
    calibration: Sequence[Heard],
    heard: Sequence[Heard],
    confirmer: Confirmer | None,
    *,
    guarded: bool,
) -> dict[str, float]:
    """Figures without a part, thresholds set anew."""
    rules = task.chosen(calibration, confirmer, guarded=guarded)
    stream = task.material(heard, rules.confirmation, guarded=guarded)
    return figures.outcome(stream, rules.last_lsb).brief()


if __name__ == "__main__":
    stage.run("stream", main)
