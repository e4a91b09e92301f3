"""Short sequences under attack: one crafted window among clean ones, or all of them crafted.

The attacker knows the guard, and crafts each window towards one action that the event does not
ask for: answers that have to agree over time are no hurdle to one who says the same thing again
and again, and should be none in the figures. Several actions are tried in turn, those that the
device is nearest to, each from several starts and once as if there were no guard, and a window that
is accepted as it is stays so; in each event the action counts by which most windows are accepted.

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
from palisade.attacks import seeing, shares
from palisade.attacks.ascent import Threat
from palisade.attacks.grid import Grid
from palisade.attacks.targeted import Forger
from palisade.device.replay import Answers
from palisade.edge import Edge
from palisade.errors import PalisadeError
from palisade.evaluation.sequences import CLEAN, FLICKER, SUSTAINED, Played, signs
from palisade.guard.judgement import Decision
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
    device = edge.of(this, "models/{key}/model.tflite", "models/{key}/guard.json")
    if device.guard is None or not seen:
        return []
    model = seeing.fake_quantised(this, box, "", len(held.labels))
    forger = Forger(
        seeing.seen(box, model, device),
        device.guard,
        box.threat,
        budget=grid.reference,
        steps=grid.steps,
        seed=this.seed,
        like=seen[0].raw,
    )
    return measure(seen, wanted, device, forger, grid)


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
    seen: Sequence[Film], wanted: NDArray[np.int64], device: Edge, forger: Forger, grid: Grid
) -> list[Played]:
    """Clean sequences, and the first ``grid.sequences.attacked`` that can be attacked under attack.

    Args:
        seen: the events.
        wanted: labels that the attacker may want.
        device: the path with its guard.
        forger: crafts windows.
        grid: strength, of the task.
    """
    if not seen:
        return []
    said = _answers(device, seen, [film.raw for film in seen])
    aims = [_aims(film.y, one, wanted) for film, one in zip(seen, said, strict=True)]
    attacked = [place for place, aim in enumerate(aims) if len(aim)][: grid.sequences.attacked]
    best = {place: _Forged(-1, said[place], -1) for place in attacked}
    for rank in range(grid.targets):
        some = [place for place in attacked if len(aims[place]) > rank]
        tries = [(seen[place], said[place], int(aims[place][rank])) for place in some]
        for place, found in zip(some, _forge(device, tries, forger, grid.restarts), strict=True):
            if found.accepted > best[place].accepted:
                best[place] = found
    cases = [
        _Case(film, CLEAN, -1, best[place].goal if place in best else -1, said[place])
        for place, film in enumerate(seen)
    ]
    for place, found in best.items():
        cases += _attacks(seen[place], found.goal, said[place], found.said)
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


def _aims(y: int, said: Answers, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """The wanted labels other than the event's own, that of the largest mean logit first."""
    others = wanted[wanted != y]
    order = np.argsort(-said.logits.astype(np.int64).sum(axis=0)[others], kind="stable")
    return np.asarray(others[order])


@dataclass(frozen=True)
class _Forged:
    """What an event's windows, crafted towards a goal, say; how many are accepted as the goal."""

    goal: int
    said: Answers
    accepted: int


def _forge(
    device: Edge, tries: Sequence[tuple[Film, Answers, int]], forger: Forger, restarts: int
) -> list[_Forged]:
    """Events crafted towards a goal each, with further attempts where a window is not accepted.

    Args:
        device: the path with its guard.
        tries: events, what the device says of them clean, and their goals.
        forger: crafts windows.
        restarts: attempts on network and guard at most; one on the network alone comes after.
    """
    if not tries:
        return []
    raw = np.concatenate([film.raw for film, _, _ in tries])
    goal = np.repeat([goal for *_, goal in tries], [len(film.raw) for film, _, _ in tries])
    told = Answers.joined([clean for _, clean, _ in tries])
    won = _accepted(device, told, goal)
    attempts = [(start, False) for start in range(restarts)] + [(0, True)]
    for place, (start, oblivious) in enumerate(attempts):
        left = np.flatnonzero(~won)
        if not len(left):
            break
        crafted = forger.craft(raw[left], goal[left], start, oblivious=oblivious)
        answers = sequence.answers(device, crafted)
        passed = _accepted(device, answers, goal[left])
        taken = passed | (place == 0)  # what never gets through is the first attempt's
        sources = np.arange(len(told))
        sources[left[taken]] = len(told) + np.flatnonzero(taken)
        told, won[left] = Answers.joined([told, answers]).at(sources), passed
    places = _split(np.arange(len(raw)), [film for film, _, _ in tries])
    return [
        _Forged(goal, told.at(mine), int(won[mine].sum()))
        for (*_, goal), mine in zip(tries, places, strict=True)
    ]


def _accepted(device: Edge, said: Answers, goal: NDArray[np.int64]) -> NDArray[np.bool_]:
    """``[n]`` whether the guard lets a window pass that says its goal, each by itself."""
    found = sequence.verdicts(device, said, np.arange(len(said)), settled=False)
    return np.asarray((found.label == goal) & (found.decision == Decision.ACCEPT))


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
