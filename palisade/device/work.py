"""How much work a function of the device's library does, in units that its tables tell.

A function's instructions are a linear function of a few such units: calls, frames, values,
products and so on. ``palisade.device.measure`` finds what each unit costs on an emulated
Cortex-M4, and ``palisade.device.measured`` what a plan or guard therefore costs. So neither a
compiler nor an emulator is needed to tell the cost of new tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from palisade.device import library
from palisade.device.preprocess import Kind, Plan
from palisade.device.records import Record
from palisade.guard.engineered import KINDS, Engineered
from palisade.guard.tables import Guard
from palisade.guard.texture import BINS, Texture
from palisade.guard.tree import Tree
from palisade.stream.listening import Listening

Units = Mapping[str, int]
LOOK = "pal_guard_look"
JUDGE = "pal_guard_judge"
SETTLE = "pal_consistency_settle"
STEP = "pal_step"
ATTEST = "pal_attest"
LISTEN = "pal_listen"
PUSH = "pal_mfcc_push"
FRONT_END = "pal_front_end_i8"
BLOCK_BYTES = 64  # of SHA-256
FORM_AXES = 3  # of a picture: height, width, channels


def front_end(record: Record) -> tuple[str, Units]:
    """Of a ``pal_front_end`` whose plan changes nothing, on one whole sample."""
    _, lib = library.load()
    if record["kind"] == lib.PAL_FRONT_VOICE:
        return f"{FRONT_END}.voice", clip(record["mfcc"], record["values"])
    if record["kind"] == lib.PAL_FRONT_VISION:
        return f"{FRONT_END}.vision", {"call": 1, "pixel": record["values"]}
    return f"{FRONT_END}.motion", traces(record["traces"])


def clip(tables: Record, samples: int) -> Units:
    """Of a ``pal_mfcc_tables`` on a clip."""
    frames = (samples - tables["window"]) // tables["hop"] + 1
    return {"call": 1, "checked_band": tables["bands"], **_frames(tables, frames)}


def push(tables: Record, frames: int, rows: int) -> Units:
    """Of ``pal_mfcc_push`` of the samples of some new frames, for a network's input of rows.

    Frames that begin in what was heard before are copied together; the others lie in what is new.
    """
    begun = min(frames, -(-(tables["window"] - tables["hop"]) // tables["hop"]))
    return {
        "call": 1,
        "checked_band": tables["bands"],
        "begun_frame": begun,
        "copied_sample": begun * tables["window"],
        "kept_feature": max(0, rows - frames) * tables["coefficients"],
        **_frames(tables, frames),
    }


def _frames(tables: Record, frames: int) -> dict[str, int]:
    bands, coefficients = tables["bands"], tables["coefficients"]
    return {
        "frame": frames,
        "window": frames * tables["window"],
        "padding": frames * (tables["fft_length"] - tables["window"]),
        "band": frames * bands,
        "weight": frames * tables["weights_count"],
        "product": frames * coefficients * bands,
        "coefficient": frames * coefficients,
        transform(tables["fft_length"]): frames,
    }


def transform(length: int) -> str:
    """The unit of one Fourier transform of so many points."""
    return f"transform_{length}"


def traces(tables: Record) -> Units:
    """Of a ``pal_traces_tables`` on a trace."""
    _, lib = library.load()
    shaken = int(np.sum(np.asarray(tables["kinds"]) == lib.PAL_TRACE_SHAKEN))
    frames = tables["samples"] // tables["frame_samples"]
    used, channels = frames * tables["frame_samples"], tables["channels"]
    return {
        "call": 1,
        "channel": channels,
        "sample": channels * tables["samples"],
        "shaken_frame": shaken * frames,
        "shaken_sample": shaken * used,
        "passive_frame": (channels - shaken) * frames,
        "passive_sample": (channels - shaken) * used,
    }


def preprocess(plan: Plan) -> list[tuple[str, Units]]:
    """Of each filter of a plan on one whole sample, as if it alone were the plan."""
    found: list[tuple[str, Units]] = []
    for one in plan.filters:
        units = _UNITS[one.kind](plan, one.strength or len(one.taps))
        name = f"pal_preprocess.{plan.dtype}.{one.kind.name.lower()}"
        found.append((name, {"call": 1, "value": int(np.prod(plan.shape)), **units}))
    return found


def _downsample(plan: Plan, block: int) -> Units:
    height, width, channels = plan.shape
    across, down = -(-width // block), -(-height // block)
    return {
        "tile": across * down,
        "block": across * down * channels,
        "block_row": across * height * channels,
    }


def _median(plan: Plan, _: int) -> Units:
    if len(plan.shape) == FORM_AXES:
        height, _width, channels = plan.shape
        return {"row": height, "line": height * channels}
    return {"channel": plan.shape[-1]}


def _low_pass(plan: Plan, taps: int) -> Units:
    channels = 1 if len(plan.shape) == 1 else plan.shape[1]
    products = int(np.prod(plan.shape)) * taps
    return {"channel": channels, "tap": channels * taps, "product": products}


_UNITS: dict[Kind, Callable[[Plan, int], Units]] = {
    Kind.SQUEEZE: lambda *_: {},
    Kind.MU_LAW: lambda *_: {},
    Kind.DOWNSAMPLE: _downsample,
    Kind.MEDIAN: _median,
    Kind.LOW_PASS: _low_pass,
}


def judge(guard: Guard) -> Units:
    """Of ``pal_guard_judge``."""
    found = {"call": 1, "class": guard.classes}
    if guard.energy:
        found |= {"energy": 1, "energy_class": guard.classes}
    if guard.autoencoder:
        hidden = guard.autoencoder.encoder.outputs
        found |= {"autoencoder": 1, "hidden": hidden, "width": guard.embedding}
        found |= {"product": 2 * hidden * guard.embedding}
    return found


def look(guard: Guard, features: Iterable[int]) -> Units:
    """Of ``pal_guard_look`` on a way through the tree that asks for these features."""
    found: dict[str, int] = {"call": 1}
    if guard.texture:
        found |= of_texture(guard.texture, guard.engineered)
    for feature in features:
        for unit, count in of_feature(guard.engineered, feature).items():
            found[unit] = found.get(unit, 0) + count
    return found


def of_feature(table: Engineered, feature: int) -> Units:
    """Of one question of the companion tree: of a block's rows and elements."""
    place, kind = divmod(feature, len(KINDS))
    row, column = divmod(place // table.channels, table.columns)
    top, bottom = _share(row, table.rows, table.height)
    left, right = _share(column, table.columns, table.width)
    name = KINDS[kind]
    rows = bottom - (max(top, 1) if name == "down" else top)
    columns = right - (max(left, 1) if name == "across" else left)
    return {name: 1, f"{name}_row": rows, f"{name}_element": rows * columns}


def of_texture(table: Texture, form: Engineered) -> Units:
    """Of an input's texture: what is compared, and the counts' products with their triangle."""
    counts, axes = len(table.means_q8), (form.height > 1) + (form.width > 1)
    rows, differences = _compared(table, form)
    return {
        "texture": 1,
        "axis": axes,
        "octave": axes * table.octaves,
        "comparison": counts // BINS,  # of which each has its own BINS residuals
        "compared_row": rows,
        "difference": differences,
        "count_product": counts * (counts + 1) // 2,
    }


def _compared(table: Texture, form: Engineered) -> tuple[int, int]:
    """Rows that are gone through over all comparisons, and elements."""
    height, width = (len(range(0, n, table.stride)) for n in (form.height, form.width))
    rows = elements = 0
    for lag in (1 << octave for octave in range(table.octaves)):
        skipped = len(range(0, lag, table.stride))
        down = max(0, height - skipped) if form.height > 1 else 0
        across = max(0, width - skipped) if form.width > 1 else 0
        rows += down + (height if across else 0)
        elements += down * width + height * across
    return rows * form.channels, elements * form.channels


def _share(number: int, shares: int, length: int) -> tuple[int, int]:
    return number * length // shares, (number + 1) * length // shares


def dearest_way(tree: Tree, table: Engineered, price: Callable[[Units], float]) -> list[int]:
    """The features that are asked for on that way to a leaf which costs most."""

    def below(child: int) -> tuple[float, list[int]]:
        return (0.0, []) if child < 0 else best[child]

    best: dict[int, tuple[float, list[int]]] = {}
    for node in _leaves_first(tree):
        feature = int(tree.feature[node])
        ways = [below(int(side[node])) for side in (tree.left, tree.right)]
        cost, way = max(ways, key=lambda one: one[0])
        best[node] = (cost + price(of_feature(table, feature)), [feature, *way])
    return best[0][1] if best else []


def _leaves_first(tree: Tree) -> list[int]:
    """Inner nodes, each after those below it."""
    ordered, level = [], [0] if len(tree.feature) else []
    while level:
        ordered += level
        children = [int(side[node]) for node in level for side in (tree.left, tree.right)]
        level = [child for child in children if child >= 0]
    return ordered[::-1]


def settle(window: int) -> Units:
    """Of ``pal_consistency_settle`` on a full history."""
    return {"call": 1, "remembered": window}


def step(classes: int) -> Units:
    """Of ``pal_step`` without what it calls, on an accepted answer that warrants an action."""
    return {"call": 1, "class": classes}


def listen(rules: Listening) -> Units:
    """Of ``pal_listen`` of a window at which the confirmer is asked about every command."""
    actions = len(rules.actions)
    margins = actions * rules.smoothed_windows
    found = {"call": 1, "class": rules.classes, "action": actions, "margin": margins}
    found |= {"margin_class": margins * rules.classes, "pooled": margins}
    if rules.confirmer:
        layers = rules.confirmer.hidden, rules.confirmer.output
        found |= {
            "confirmer": 1,
            "seen_window": rules.context_windows,
            "seen": layers[0].inputs,
            "unit": sum(layer.outputs for layer in layers),
            "product": sum(layer.inputs * layer.outputs for layer in layers),
            "confirmed_class": actions * (actions + 1),
        }
    return found


def attest(model_bytes: int) -> Units:
    """Of ``pal_attest``: SHA-256 pads by at least 9 bytes, to whole blocks."""
    blocks = (model_bytes + 8) // BLOCK_BYTES + 1
    return {
        "call": 1,
        "block": blocks,
        "tail_byte": model_bytes % BLOCK_BYTES,
        "padding_byte": blocks * BLOCK_BYTES - model_bytes,
    }
