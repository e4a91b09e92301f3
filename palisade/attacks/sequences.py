"""Short sequences under attack: one crafted window among clean ones, or all of them crafted.

The attacker picks one action that the event does not ask for, the one that the device is
nearest to, and crafts each window towards it: answers that have to agree over time are no
hurdle to one who says the same thing again and again, and should be none in the figures.

Windows of sound and of a trace overlap, so that what is added to one would be heard in its
neighbours too. Here each window is its own: a flicker leaves them clean, and a sustained attack
suits each one's samples anew. In the open, the one would reach further and the other less far.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade import edge, sequence, tasks, whitebox
from palisade.attacks import shares, targeted
from palisade.attacks.ascent import Threat
from palisade.attacks.grid import Grid
from palisade.attacks.target import Target
from palisade.device.replay import Answers
from palisade.edge import Edge
from palisade.errors import PalisadeError
from palisade.evaluation.sequences import CLEAN, FLICKER, SUSTAINED, Played, signs
from palisade.scenes import windows
from palisade.scenes.windows import Windows, owners
from palisade.seeds import generator
from palisade.stage import Stage

SHORTEST = 2  # windows; of fewer none can agree with another


@dataclass(frozen=True)
class Film:
    """One event in order of time.

    Attributes:
        scene: the event.
        y: what the sensor witnesses of it.
        raw: ``[k, ...]`` its windows.
    """

    scene: str
    y: int
    raw: NDArray[Any]


def play(this: Stage) -> list[Played]:
    """What the device says of test events in order of time, clean and under attack.

    Args:
        this: the stage ``attack``.
    """
    held = windows.load(this.dep("data/prepared/{key}/scenes.npz"))
    grid, box = shares.budgets(this), whitebox.of(this)
    seen = films(
        held, tasks.load(this.key, "sequence"), box.threat, grid.sequences.events, this.seed
    )
    wanted = goals(grid.sequences.goals, held.labels, this.key)
    target = shares.target(this, box, shares.DEFENDED, len(held.labels))
    device = edge.of(this, "models/{key}/model.tflite", "models/{key}/guard.json")
    return measure(seen, wanted, device, target, box.threat, grid, this.seed)


def films(held: Windows, task: Any, threat: Threat, count: int, seed: int) -> list[Film]:
    """Some test events, drawn at random, of those that have windows enough.

    Args:
        held: windows of all events.
        task: the task's part ``sequence``.
        threat: the task's attacker.
        count: how many, if there are as many.
        seed: the root seed.
    """
    owner, first = owners(held)
    test = np.flatnonzero(held.splits[first] == "test")
    found: list[Film] = []
    for event in generator(seed, "sequences").permutation(test):
        if len(found) < count:
            raw = task.in_time(held.x[owner == event], threat)
            if len(raw) >= SHORTEST:
                found.append(Film(str(held.scenes[first[event]]), int(held.y[first[event]]), raw))
    return found


def goals(names: Sequence[str], labels: tuple[str, ...], task: str) -> NDArray[np.int64]:
    """The labels that the attacker may want.

    Raises:
        PalisadeError: One of them is no class.
    """
    if unknown := sorted(set(names) - set(labels)):
        raise PalisadeError(
            f"params.yaml: attack.{task}.sequences.goals names {', '.join(unknown)}",
            f"classes: {', '.join(labels)}",
        )
    return np.flatnonzero(np.isin(labels, names)).astype(np.int64)


def measure(
    seen: Sequence[Film],
    wanted: NDArray[np.int64],
    device: Edge,
    target: Target,
    threat: Threat,
    grid: Grid,
    seed: int,
) -> list[Played]:
    """Clean sequences, and the first ``grid.sequences.attacked`` that can be attacked under attack.

    Args:
        seen: the events.
        wanted: labels that the attacker may want.
        device: the path with its guard.
        target: whose white box the attack climbs.
        threat, grid: of the task.
        seed: the root seed.
    """
    if not seen:
        return []
    said = _answers(device, seen, [film.raw for film in seen])
    aims = [_aim(film.y, one, wanted) for film, one in zip(seen, said, strict=True)]
    attacked = [place for place, aim in enumerate(aims) if aim >= 0][: grid.sequences.attacked]
    cases = [
        _Case(film, CLEAN, -1, aims[place] if place in attacked else -1, said[place])
        for place, film in enumerate(seen)
    ]
    if attacked:
        some, goal = [seen[place] for place in attacked], [aims[place] for place in attacked]
        raw = _craft(some, goal, target, threat, grid, seed)
        forged = _answers(device, some, raw)
        for place, one in zip(attacked, forged, strict=True):
            cases += _attacks(seen[place], aims[place], said[place], one)
    return _play(device, cases)


@dataclass(frozen=True)
class _Case:
    film: Film
    input: str
    place: int
    goal: int
    said: Answers


def _answers(device: Edge, seen: Sequence[Film], raw: Sequence[NDArray[Any]]) -> list[Answers]:
    """What the model says of each event's windows ``[k, ...]``, clean or not."""
    said = sequence.answers(device, np.concatenate(raw))
    return [said.at(places) for places in _split(np.arange(len(said)), seen)]


def _split(array: NDArray[Any], seen: Sequence[Film]) -> list[NDArray[Any]]:
    return np.split(array, np.cumsum([len(film.raw) for film in seen])[:-1])


def _craft(
    seen: Sequence[Film],
    goal: Sequence[int],
    target: Target,
    threat: Threat,
    grid: Grid,
    seed: int,
) -> list[NDArray[Any]]:
    """``[k, ...]`` crafted windows of each event."""
    crafted = targeted.craft(
        np.concatenate([film.raw for film in seen]),
        np.repeat(goal, [len(film.raw) for film in seen]),
        logits=target.logits,
        threat=threat,
        budget=grid.reference,
        steps=grid.steps,
        seed=seed,
    )
    return _split(crafted, seen)


def _aim(y: int, said: Answers, wanted: NDArray[np.int64]) -> int:
    """The wanted label, other than the event's own, with the largest mean logit; -1: none."""
    others = wanted[wanted != y]
    if not len(others):
        return -1
    return int(others[np.argmax(said.logits.astype(np.int64).sum(axis=0)[others])])


def _attacks(film: Film, goal: int, clean: Answers, forged: Answers) -> Iterator[_Case]:
    yield _Case(film, SUSTAINED, -1, goal, forged)
    for place in range(len(clean)):
        mixed = clean.with_one_of(forged, place)
        yield _Case(film, FLICKER, place, goal, mixed)


def _play(device: Edge, cases: Sequence[_Case]) -> list[Played]:
    said = Answers.joined([case.said for case in cases])
    counts = [len(case.said) for case in cases]
    owner = np.repeat(np.arange(len(cases)), counts)
    alone, settled = (
        signs(sequence.verdicts(device, said, owner, settled=over_time))
        for over_time in (False, True)
    )
    ends = np.cumsum(counts).tolist()
    return [
        Played(
            case.film.scene,
            case.film.y,
            case.input,
            case.place,
            case.goal,
            alone[end - count : end],
            settled[end - count : end],
        )
        for case, count, end in zip(cases, counts, ends, strict=True)
    ]
