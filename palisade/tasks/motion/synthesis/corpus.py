"""Makes the default corpus of traces: simulated homes, whose doors are met by all sorts.

As CSV, one row a trace, so that a person can look at it and a team's own traces come in the
same way::

    train/1f3a55c0.csv     trace,label,home,split,acc_x_0, ..., acc_x_149,acc_y_0, ..., pir_149
    manifest.csv           what was drawn for each trace, a row a trace
    contact_sheet.png      a few traces of each class
    _scenes_/              the events that other tasks witness too, a file each, and their list

A home is in one split alone, its events too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from palisade import files, parallel, seeds
from palisade.scenes import listing
from palisade.scenes.events import Event
from palisade.scenes.listing import Witnessed
from palisade.splits import NAMES
from palisade.tasks.motion.samples import columns
from palisade.tasks.motion.samples.labels import CLASSES, NOTHING
from palisade.tasks.motion.synthesis import home, manifest, rendering, scenes, sheet, trace
from palisade.tasks.motion.synthesis.home import Home
from palisade.tasks.motion.synthesis.params import Params
from palisade.tasks.motion.synthesis.trace import Moment, Trace

HEAD = ("trace", "label", "home", "split")

Rendered = tuple[Trace, NDArray[np.int32]]


@dataclass(frozen=True)
class Batch:
    """What happens in one home: its traces, and its events."""

    home: str
    split: str
    moments: tuple[Moment, ...]
    events: tuple[Moment, ...]


def synthesize(
    params: Params, *, events: Sequence[Event], seed: int, folder: Path, material: Path
) -> None:
    """Write the whole corpus, or nothing.

    Args:
        params: how much of what, and between which bounds.
        events: what all tasks witness.
        seed: the root seed; the same params, events and seed give the same bytes.
        folder: where; a folder that is there is replaced.
        material: recordings of a team's own; a trace is simulated from physics and needs none.
    """
    batches = plan(params, events, seed=seed)
    with files.replacing(folder) as draft:
        draft.mkdir()
        for name in (*NAMES, listing.FOLDER):
            (draft / name).mkdir()
        work = partial(write, folder=draft, params=params, seed=seed)
        rendered = [one for some in parallel.each(work, batches, "homes") for one in some]
        rendered.sort(key=lambda one: one[0].name)
        manifest.write(draft / manifest.NAME, [one for one, _ in rendered])
        _draw_sheet(draft / sheet.NAME, rendered, params)
        if events:
            listing.write(draft, [_witnessed(event) for event in events])


def plan(params: Params, events: Sequence[Event], *, seed: int) -> list[Batch]:
    """Every home of every split, with what happens there; homes take turns."""
    batches = []
    for split in NAMES:
        amounts = getattr(params, split)
        homes = [home.name(split, index, seed=seed) for index in range(amounts.homes)]
        moments: dict[str, list[Moment]] = {called: [] for called in homes}
        events_at: dict[str, list[Moment]] = {called: [] for called in homes}
        for label in CLASSES:
            for index in range(amounts.class_traces):
                name = f"{split}_{label}_{index:05}"
                moment = Moment(split, label, name, params.trace_s)
                moments[homes[index % len(homes)]].append(moment)
        for event in (one for one in events if one.split == split):
            dice = seeds.generator(seed, "synthesize", "host", event.scene_id)
            events_at[homes[int(dice.integers(len(homes)))]].append(scenes.moment(event))
        batches += [
            Batch(called, split, tuple(moments[called]), tuple(events_at[called]))
            for called in homes
            if moments[called] or events_at[called]
        ]
    return batches


def write(batch: Batch, *, folder: Path, params: Params, seed: int) -> list[Rendered]:
    """Render and write what happens in a home; gives what was drawn, and its samples."""
    where = home.draw(batch.home, params.homes, seed=seed)
    drawn: list[Rendered] = []
    for moment in (*batch.moments, *batch.events):
        drawn.append(record(moment, where, params, seed=seed))
    count = len(batch.moments)
    if count:
        _write_traces(folder / batch.split / f"{batch.home}.csv", drawn[:count])
    for one in drawn[count:]:
        _write_traces(folder / listing.FOLDER / f"{one[0].name}.csv", [one])
    return drawn


def record(moment: Moment, where: Home, params: Params, *, seed: int) -> Rendered:
    """A trace that wakes the device; of nothing, the first that is drawn."""
    for tries in range(1, params.wake.tries + 1):
        one = trace.draw(moment, where, params, tries=tries, seed=seed)
        samples = rendering.render(one, where, rate_hz=params.sample_rate_hz, seed=seed)
        if moment.label == NOTHING or rendering.wakes(samples, params.wake):
            break
    return one, samples


def _write_traces(path: Path, drawn: Sequence[Rendered]) -> None:
    samples = len(drawn[0][1])
    lines = [",".join([*HEAD, *columns.names(columns.CHANNELS, samples)])]
    for one, values in drawn:
        cells = map(str, values.T.ravel().tolist())
        lines.append(",".join([one.name, one.label, one.home, one.split, *cells]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _draw_sheet(path: Path, rendered: Sequence[Rendered], params: Params) -> None:
    """A class's traces each from another home, where there are as many."""
    shown: dict[str, dict[str, NDArray[np.int32]]] = {label: {} for label in CLASSES}
    for one, samples in rendered:
        if one.split == NAMES[0] and one.seconds == params.trace_s:
            shown[one.label].setdefault(one.home, samples)
    sheet.draw(path, {label: list(of.values()) for label, of in shown.items()}, params.trace_s)


def _witnessed(event: Event) -> Witnessed:
    return Witnessed(
        scene=event.scene_id,
        split=event.split,
        event=event.kind,
        label=scenes.WITNESSED[event.kind],
        path=f"{event.scene_id}.csv",
    )
