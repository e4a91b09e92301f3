"""Crafting prints: one for each picture, and one for all pictures of a class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ball import Linf
from palisade.backend import tf
from palisade.physical import draws
from palisade.physical.aims import Aim
from palisade.physical.contest import Contest, batches, joined
from palisade.physical.expectation import best_start, climb
from palisade.seeds import generator
from palisade.splits import Split
from palisade.tasks.vision.distortion import optics
from palisade.tasks.vision.physical import camera, prints
from palisade.tasks.vision.physical.params import Params
from palisade.tasks.vision.physical.prints import Layout

_STEP = 0.3  # of full scale: the first steps' length
Prints = NDArray[np.float32]  # [n or 1, count, dots, dots, channels]


def layout(contest: Contest[Params], area_percent: float, count: int) -> Layout:
    """Of so many prints for the contest's pictures."""
    _, side_px, _, channels = contest.scored.x.shape
    return Layout(int(side_px), int(channels), area_percent / 100, count)


def own(contest: Contest[Params], of: Layout, aim: Aim, before: Prints | None = None) -> Prints:
    """A picture's own prints for each scored picture, at its own place.

    Args:
        contest: the pictures.
        of: how large the prints are.
        aim: what is climbed.
        before: to begin with; None: at random.
    """
    params, threat = contest.params, contest.target.threat
    move = climb(
        value=_value(contest, of, aim, batch=0),
        project=lambda made, *_: prints.printable(made, params.prints),
        norm=Linf(),
        steps=aim.steps(params.steps),
    )
    middles, found = places(contest, of), []
    for part in batches(len(contest.scored)):
        x = threat.signal(tf.constant(contest.scored.x[part]))
        seed = draws.pair(contest.seed, draws.CRAFTING, "own", *of.shape, part.start, *aim.apart)
        start = _start(
            seed, (int(x.shape[0]), *of.shape), before if before is None else before[part]
        )
        y = tf.constant(contest.scored.y[part])
        found.append(move(start, aim.rest * _STEP, seed, x, y, tf.constant(middles[part])))
    return joined(found)


def universal(
    contest: Contest[Params],
    of: Layout,
    name: str,
    among: Split,
    aim: Aim,
    before: Prints | None = None,
) -> Prints:
    """One set of prints on pictures of one class, that makes them be taken for another.

    Its place is drawn anew at every gradient, as the attacker does not know it. Of those from
    several starts it is worth most to these pictures.
    """
    params = contest.params
    value = _value(contest, of, aim, batch=params.universal_batch)
    move = climb(
        value=value,
        project=lambda made, *_: prints.printable(made, params.prints),
        norm=Linf(),
        steps=aim.steps(params.universal_steps),
    )
    dice = generator(contest.seed, "physical", draws.CRAFTING, name, "places")
    anywhere = of.places(dice, len(among))
    x = contest.target.threat.signal(tf.constant(among.x))
    given = x, tf.constant(among.y), tf.constant(anywhere)
    judge, named = tf.function(value), (draws.CRAFTING, name, *of.shape)

    def climbed(number: int) -> Prints:
        seed = draws.pair(contest.seed, *named, *aim.apart, *draws.again(number))
        start = _start(seed, (1, *of.shape), before)
        return np.asarray(move(start, aim.rest * _STEP, seed, *given), np.float32)

    def worth(made: Prints) -> float:
        seeds = draws.several(contest.seed, *named, "worth")
        return float(np.mean([judge(tf.constant(made), seed, *given) for seed in seeds]))

    count = params.universal_starts if before is None else 1
    return np.asarray(best_start(count, climbed, worth, f"{name}, {100 * of.area:g} %"))


def blank(contest: Contest[Params], of: Layout) -> Prints:
    """Prints of mid grey: what covering alone does."""
    return np.full((1, *of.shape), np.mean(contest.params.prints.grey), np.float32)


def places(contest: Contest[Params], of: Layout) -> NDArray[np.float32]:
    """``[n, count, 2]`` where each scored picture's prints are meant to be."""
    return of.places(generator(contest.seed, "physical", "places"), len(contest.scored))


def photographed(
    contest: Contest[Params],
    of: Layout,
    made: Prints,
    name: str,
    among: NDArray[np.bool_] | None = None,
) -> NDArray[np.uint8]:
    """Scored pictures ``[n, side, side, channels]`` with prints, as the camera delivers them.

    Args:
        contest: the pictures.
        of: how large the prints are.
        made: a picture's own, or one set for all.
        name: of the attack, which the draws are named by.
        among: mask of the scored pictures; all without.
    """
    mask = np.ones(len(contest.scored), np.bool_) if among is None else among
    where, pictures = places(contest, of)[mask], contest.scored.x[mask]
    mine, params, found = made if len(made) == 1 else made[mask], contest.params.prints, []
    for part in batches(len(pictures)):
        x = contest.target.threat.signal(tf.constant(pictures[part]))
        seed = draws.pair(contest.seed, draws.SCORING, name, *of.shape, part.start)
        ink = tf.constant(mine if len(mine) == 1 else mine[part])
        shown, _ = prints.seen(x, ink, tf.constant(where[part]), seed, layout=of, params=params)
        shown = np.asarray(camera.blurred(shown, seed, params))
        quality = np.asarray(camera.qualities(seed, len(shown), params))
        found += [
            contest.target.threat.realise(optics.jpeg(one, int(each)))
            for one, each in zip(shown, quality, strict=True)
        ]
    return np.stack(found)


def _start(seed: Any, shape: tuple[int, ...], before: Prints | None) -> Any:
    """What was found before; else prints of random ink."""
    return tf.random.stateless_uniform(shape, seed) if before is None else tf.constant(before)


def _value(contest: Contest[Params], of: Layout, aim: Aim, *, batch: int) -> Callable[..., Any]:
    params = contest.params.prints

    def value(made: Any, seed: Any, x: Any, y: Any, where: Any) -> Any:
        if batch:
            chosen = draws.whole(seed, 20, batch, tf.shape(x)[0])
            x = tf.ensure_shape(tf.gather(x, chosen), [batch, *x.shape[1:]])
            y = tf.gather(y, chosen)
            at = draws.whole(seed, 21, batch, tf.shape(where)[0])
            where = tf.gather(where, at)
        shown, _ = prints.seen(x, made, where, seed, layout=of, params=params)
        shown = camera.blurred(shown, seed, params)
        shown = camera.compressed(shown, camera.qualities(seed, x.shape[0], params))
        won = tf.reduce_sum(aim.evade(shown, y))
        return won - params.smoothness * (batch or 1) * prints.roughness(made)

    return value
