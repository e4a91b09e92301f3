"""Makes the default corpus of door-camera pictures: synthetic homes with and without people.

In the layout of an image folder, so that a person can look at it and a team's own pictures come
in the same way::

    person/1f3a55c0_nohash_0.png     somebody at home 1f3a55c0's door, grey, 8 bits
    nobody/...                       nobody, but what may be taken for somebody
    _scenes_/07c2f1a09b3e.png        an event: its frames from top to bottom
    _scenes_/scenes.csv              which events there are, and what the camera witnesses
    validation_list.txt, testing_list.txt, calibration_list.txt    the rest is train
    manifest.csv                     what was drawn for each picture, a row a picture
    contact_sheet.png                some of them, to be looked at

A home is seen in one split alone.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from palisade import files, parallel, seeds
from palisade.errors import PalisadeError
from palisade.partition import LISTS
from palisade.scenes import listing
from palisade.scenes.events import Event
from palisade.scenes.listing import Witnessed
from palisade.splits import NAMES
from palisade.tasks.vision.samples.labels import NOBODY, PERSON
from palisade.tasks.vision.synthesis import homes, manifest, overview, picture, scenes, sheet
from palisade.tasks.vision.synthesis import material as materials
from palisade.tasks.vision.synthesis.homes import Home
from palisade.tasks.vision.synthesis.manifest import Row
from palisade.tasks.vision.synthesis.material import Stock
from palisade.tasks.vision.synthesis.params import Params
from palisade.tasks.vision.synthesis.picture import Picture
from palisade.tasks.vision.synthesis.render import Rendered, Studio, render

__all__ = ["Params", "synthesize"]

_ATTEMPTS = 12
_EVENT_LENIENCE = 2  # an event's person has its place, and shows in each of several frames


@dataclass(frozen=True)
class Order:
    """One file to be made.

    Attributes:
        path: in the corpus.
        label: the class.
        name: by which it is drawn.
        event: which it shows; None for a picture of a label folder.
    """

    path: str
    label: str
    name: str
    event: Event | None = None


@dataclass(frozen=True)
class Batch:
    """The files of one home, which one worker makes."""

    home: Home
    orders: tuple[Order, ...]
    stock: Stock
    folder: Path
    params: Params
    seed: int

    @property
    def studio(self) -> Studio:
        """What renders them."""
        own = self.stock.backgrounds.get(self.home.background)
        return Studio(self.home, self.params, self.seed, own, self.stock.cutouts)


def synthesize(
    params: Params, *, events: Sequence[Event], seed: int, folder: Path, material: Path
) -> None:
    """Write the whole corpus, or nothing.

    Args:
        params: how much of what, and between which bounds.
        events: what happens at the doors of the calibration and test homes.
        seed: the root seed; the same params, events and seed give the same bytes.
        folder: where; a folder that is there is replaced.
        material: the team's own backgrounds and cut-outs, if there are any.

    Raises:
        PalisadeError: The team's material cannot be used, or a person hardly shows.
    """
    limit = params.material.largest_megapixels
    stocks = materials.read(material, largest_megapixels=limit, seed=seed)
    with files.replacing(folder) as draft:
        for name in (PERSON, NOBODY, listing.FOLDER):
            (draft / name).mkdir(parents=True)
        batches = [
            batch
            for split in NAMES
            for batch in plan(split, events, stocks[split], params=params, seed=seed, folder=draft)
        ]
        rows = [row for some in parallel.each(write, batches, "homes") for row in some]
        rows.sort(key=lambda row: row.path)
        manifest.write(draft / manifest.NAME, rows)
        _write_lists(draft, rows)
        _write_events(draft, events, rows)
        sheet.draw(overview.sections(draft, rows), overview.COLUMNS, draft / sheet.NAME)


def plan(
    split: str,
    events: Sequence[Event],
    stock: Stock,
    *,
    params: Params,
    seed: int,
    folder: Path,
) -> Iterator[Batch]:
    """Deal out a split's pictures and events to its homes."""
    amounts = getattr(params, split)
    backgrounds = tuple(sorted(stock.backgrounds))
    for place in range(amounts.homes):
        home = homes.draw(split, place, params, backgrounds=backgrounds, seed=seed)
        orders = [
            Order(f"{label}/{home.id}_nohash_{index // amounts.homes}.png", label, name)
            for label, count in ((PERSON, amounts.person_images), (NOBODY, amounts.nobody_images))
            for index in range(place, count, amounts.homes)
            for name in [f"{split}/{label}/{index}"]
        ]
        orders += [
            _event_order(event)
            for event in events
            if event.split == split and _home_of(event, amounts.homes, seed) == place
        ]
        yield Batch(home, tuple(orders), stock, folder, params, seed)


def write(batch: Batch) -> list[Row]:
    """Render and write a home's pictures; gives their rows of the manifest."""
    studio = batch.studio
    return [_write_one(batch, order, studio) for order in batch.orders]


def _write_one(batch: Batch, order: Order, studio: Studio) -> Row:
    drawn, frames = _shown(batch, order, studio)
    strip = np.concatenate([frame.pixels for frame in frames])
    (batch.folder / order.path).write_bytes(_png(strip))
    kind = order.event.kind if order.event else ""
    visible = min(frame.visible for frame in frames)
    return Row(order.path, kind, batch.home, drawn, visible)


def _shown(batch: Batch, order: Order, studio: Studio) -> tuple[Picture, list[Rendered]]:
    """Draw until the foremost shows in every frame, or as often as is reasonable.

    Raises:
        PalisadeError: It never does, and the class is ``person``.
    """
    event, params = order.event, batch.params
    staging = scenes.stage_for(event, params, seed=batch.seed) if event else None
    least = params.visible_least / (_EVENT_LENIENCE if event else 1)
    for attempt in range(_ATTEMPTS):
        drawn = picture.draw(
            order.name,
            order.label,
            batch.home,
            params,
            cutouts=tuple(sorted(batch.stock.cutouts)),
            seed=batch.seed,
            attempt=attempt,
            staging=staging,
        )
        frames = render(drawn, studio, params.frames_per_event if event else 1)
        if min(frame.visible for frame in frames) >= least:
            return drawn, frames
    if order.label == NOBODY:
        return drawn, frames
    raise PalisadeError(
        f"params.yaml: synthesize.vision.visible_least is {params.visible_least}, and the person "
        f"in {order.path} covers less in {_ATTEMPTS} attempts",
        "lower it, or people.distance_m or passer_by_m",
    )


def _event_order(event: Event) -> Order:
    label = scenes.LOOKS[event.kind].label
    path = f"{listing.FOLDER}/{event.scene_id}.png"
    return Order(path, label, f"event/{event.scene_id}", event)


def _home_of(event: Event, homes_of_split: int, seed: int) -> int:
    return seeds.derive(seed, "synthesize", "vision", "event", event.scene_id) % homes_of_split


def _png(pixels: NDArray[np.uint8]) -> bytes:
    stored = io.BytesIO()
    Image.fromarray(pixels).save(stored, "PNG", compress_level=4)
    return stored.getvalue()


def _write_lists(folder: Path, rows: Sequence[Row]) -> None:
    for split, name in LISTS.items():
        paths = [row.path for row in rows if row.home.split == split and not row.event]
        files.write_text(folder / name, "".join(f"{path}\n" for path in paths))


def _write_events(folder: Path, events: Sequence[Event], rows: Sequence[Row]) -> None:
    labels = {row.path: row.picture.label for row in rows if row.event}
    if events:
        listing.write(folder, [_witnessed(event, labels) for event in events])


def _witnessed(event: Event, labels: Mapping[str, str]) -> Witnessed:
    order = _event_order(event)
    name = Path(order.path).name
    return Witnessed(event.scene_id, event.split, event.kind, labels[order.path], name)
