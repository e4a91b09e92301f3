"""stream@task: decide over hours of continuous input, and count what is wrong.

The input is drawn block by block by the voices of a split and forgotten again. Thresholds are
set on the calibration split's; figures are of the test split's. All windows run on LiteRT, and
those that an accept can hang on once more on TFLM, which has the last word. Writes stream.json,
which firmware needs; its figures; and the curve of false accepts against false rejects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from palisade import edge, stage, tasks
from palisade.edge import Edge
from palisade.files import write_json
from palisade.fusion.scores import LOWEST_LSB
from palisade.stream import figures, hearing, thresholds
from palisade.stream.decision import Params
from palisade.stream.figures import Material
from palisade.stream.hearing import Heard, Listener
from palisade.stream.thresholds import Thresholds
from palisade.tables import write_csv

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

    def material(self, heard: Sequence[Heard], *, guarded: bool = True) -> Material:
        """Scores of what was heard."""
        session = self.session
        return figures.material(
            heard, session.commands, self.decision, clip_ms=session.clip_ms, guarded=guarded
        )


def main(this: stage.Stage) -> None:
    """Run the stage."""
    labels = tuple(this.dep("models/{key}/labels.txt").read_text().split())
    device = edge.of(this, "models/{key}/model.tflite", "models/{key}/guard.json")
    source = tasks.load(this.key, "streaming.session")
    task = Task(source.of(this, labels, device.artefact), device, labels)
    calibration = task.hear("calibration")
    chosen = thresholds.choose(task.material(calibration), task.decision.false_reject_target)
    write_json(this.out("models/{key}/stream.json"), firmware(task, chosen))
    heard = task.hear("test")
    write_json(this.out("metrics/{key}/stream.json"), measured(task, calibration, heard, chosen))
    curve = figures.curve(task.material(heard), chosen.lsb, range(-CURVE_LSB, CURVE_LSB + 1))
    write_csv(this.out("metrics/{key}/detail/stream.csv"), curve)


def firmware(task: Task, chosen: Thresholds) -> dict[str, Any]:
    """What a device needs to decide alike, all of it whole numbers."""
    params, commands = task.decision, task.session.commands
    return {
        "actions": {
            label: {"index": task.labels.index(label), "threshold_lsb": lsb}
            for label, lsb in zip(commands, chosen.lsb, strict=True)
        },
        "hop_ms": params.hop_ms,
        "refractory_ms": params.refractory_ms,
        "rejected_lsb": LOWEST_LSB,
        "smoothed_windows": params.smoothed_windows,
    }


def measured(
    task: Task, calibration: Sequence[Heard], heard: Sequence[Heard], chosen: Thresholds
) -> dict[str, Any]:
    """Figures: the device's by TFLM; those of calibration and without a guard by LiteRT."""
    params = task.decision
    settled = hearing.settle(task.listener("test"), heard, chosen.lsb, params.smoothed_windows)
    stream = task.material(settled.heard)
    bare = thresholds.choose(task.material(calibration, guarded=False), params.false_reject_target)
    unguarded = figures.outcome(task.material(heard, guarded=False), bare.lsb)
    return {
        **figures.outcome(stream, chosen.lsb).figures(),
        **figures.by_kind(stream, chosen.lsb),
        "calibration": figures.outcome(task.material(calibration), chosen.lsb).brief(),
        "target_met": chosen.met,
        "tflm": {"windows": settled.windows, "difference_lsb": settled.difference_lsb},
        "without_guard": unguarded.brief(),
    }


if __name__ == "__main__":
    stage.run("stream", main)
