"""Several tasks' events side by side: the same ones, or put together by label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from palisade.errors import PalisadeError
from palisade.fusion import composition
from palisade.fusion.events import Witness, join
from palisade.fusion.policy import Composed
from palisade.scenes.windows import Windows, owners


def witness(names: str, truth: str, *, aligned: bool = True, first: int = 0) -> Witness:
    """Events ``a``, ``b``, ... of alternating splits, whose scores count up."""
    count = len(names)
    return Witness(
        scenes=np.array(list(names)),
        kinds=np.array(["pet" if name < "c" else "quiet" for name in names]),
        splits=np.array(["test" if ord(name) % 2 else "calibration" for name in names]),
        truth=np.array([one == "1" for one in truth]),
        scores=np.arange(first, first + count),
        plausible=np.ones(count, bool),
        aligned=aligned,
    )


def test_an_event_is_the_same_in_every_task_whatever_its_place() -> None:
    seen = join({"voice": witness("abcd", "1010"), "vision": witness("dcb", "100", first=70)})
    assert seen.tasks == ("voice", "vision")
    assert seen.scenes.tolist() == ["b", "c", "d"]
    assert seen.scores.tolist() == [[1, 72], [2, 71], [3, 70]]
    assert seen.truth.tolist() == [[False, False], [True, False], [False, True]]
    assert seen.near_miss.tolist() == [True, False, False]
    assert seen.aligned


def test_tasks_without_a_common_event_or_that_disagree_are_named() -> None:
    with pytest.raises(PalisadeError, match="voice, vision have no event in common"):
        join({"voice": witness("ab", "10"), "vision": witness("cd", "10")})
    other = replace(witness("ab", "10"), kinds=np.array(["pet", "quiet"]))
    with pytest.raises(PalisadeError, match="event b has another split or kind in vision"):
        join({"voice": witness("ab", "10"), "vision": other})


def test_events_of_a_split_are_its_own() -> None:
    seen = join({"voice": witness("abcd", "1111"), "vision": witness("abcd", "1011")})
    assert seen.of("test").scenes.tolist() == ["a", "c"]
    assert seen.of("calibration").warranted.tolist() == [False, True]


def test_windows_belong_to_the_event_that_they_name() -> None:
    held = Windows(
        x=np.zeros((5, 2), np.int16),
        y=np.zeros(5, np.int64),
        scenes=np.array(["z", "z", "a", "a", "z"]),
        events=np.array(["pet"] * 5),
        splits=np.array(["test", "test", "test", "test", "calibration"]),
        labels=("one",),
        aligned=True,
    )
    owner, first = owners(held)
    assert owner.tolist() == [0, 0, 1, 1, 2]  # a name in two splits is two events
    assert first.tolist() == [0, 2, 4]


def pools(**changes: object) -> dict[str, Witness]:
    """Unaligned examples, half of which warrant; scores tell tasks and examples apart."""

    def pool(first: int) -> Witness:
        count = 40
        return Witness(
            scenes=np.array([f"{n}" for n in range(count)]),
            kinds=np.full(count, ""),
            splits=np.repeat(["calibration", "test"], count // 2),
            truth=np.arange(count) % 2 == 0,
            scores=np.arange(first, first + count),
            plausible=np.ones(count, bool),
            aligned=False,
        )

    return {"voice": pool(0), "vision": pool(100), "motion": pool(200)} | changes  # type: ignore[return-value]


def composed(**changes: object) -> composition.Events:
    amounts = Composed(calibration=200, test=400)
    return composition.together(pools(**changes), amounts, seed=5)


def test_events_without_alignment_are_put_together_by_label() -> None:
    seen = composed()
    assert not seen.aligned
    assert len(seen.of("test")) == pytest.approx(400, abs=4)
    assert len(seen.of("calibration")) == pytest.approx(200, abs=4)
    for place, task in enumerate(seen.tasks):
        example = seen.scores[:, place] - 100 * place
        assert ((example % 2 == 0) == seen.truth[:, place]).all(), task
        assert ((example >= 20) == (seen.splits == "test")).all(), task


def test_every_combination_occurs_and_enough_are_near_misses() -> None:
    test = composed().of("test")
    assert len({tuple(row) for row in test.truth.tolist()}) == 8
    assert np.mean(test.warranted) == pytest.approx(0.3, abs=0.01)
    negatives = ~test.warranted
    assert np.mean(test.near_miss[negatives]) > 1 / 3
    assert ((~test.truth).sum(axis=1)[test.near_miss] == 1).all()
    assert set(test.kinds[test.warranted]) == {"voice+vision+motion"}


def test_a_pool_is_used_up_before_anything_comes_twice() -> None:
    test = composed().of("test")
    for truth in (True, False):
        used = np.bincount(test.scores[test.truth[:, 0] == truth, 0])
        used = used[used > 0]
        assert len(used) == 10
        assert used.max() - used.min() <= 1


def test_one_task_without_alignment_is_enough_to_compose() -> None:
    aligned = {task: replace(one, aligned=True) for task, one in pools().items()}
    assert composition.together(aligned, Composed(calibration=10, test=10), seed=5).aligned
    aligned["motion"] = pools()["motion"]
    assert not composition.together(aligned, Composed(calibration=10, test=10), seed=5).aligned


def test_composition_depends_on_the_seed_and_on_nothing_else() -> None:
    again = composed()
    np.testing.assert_array_equal(composed().scores, again.scores)
    other = composition.together(pools(), Composed(calibration=200, test=400), seed=6)
    assert not np.array_equal(other.scores, again.scores)


def test_an_empty_pool_is_named() -> None:
    never = replace(pools()["vision"], truth=np.zeros(40, bool))
    with pytest.raises(PalisadeError, match="vision has no calibration example of a label that w"):
        composed(vision=never)
