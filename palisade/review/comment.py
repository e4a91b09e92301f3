"""The comment on a pull request: the gate's verdict, curves, and what changed, in one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from palisade.errors import PalisadeError
from palisade.review import differences, markdown, saying
from palisade.review.curve import Curve
from palisade.review.gate import Outcome

# GitHub refuses a longer body (65,536 characters); bytes are never fewer than characters.
LONGEST_BYTES = 65_000
MARKER = "<!-- palisade: figures of this pull request -->"  # finds the comment again


@dataclass(frozen=True)
class Block:
    """Lines, of which the rows may be cut short.

    Attributes:
        head: what stands above the rows.
        rows: of a table.
        tail: what stands below.
        whole: how to see all rows, if some are left out.
        left_out: how many are.
    """

    head: Sequence[str]
    rows: Sequence[str] = ()
    tail: Sequence[str] = ()
    whole: str = ""
    left_out: int = field(default=0)

    def lines(self) -> list[str]:
        """Everything, with a word on what is left out."""
        more = ["", f"{self.left_out} more rows: run `{self.whole}`."] if self.left_out else []
        return [*self.head, *self.rows, *more, *self.tail]

    def shorter(self, by_bytes: int) -> Block:
        """Without so many of its last rows that it is that much shorter, or without any."""
        kept, saved = list(self.rows), 0
        while kept and saved < by_bytes:
            saved += len(kept.pop().encode()) + 1
        return replace(self, rows=kept, left_out=self.left_out + len(self.rows) - len(kept))


def write(
    verdict: Sequence[Block], curves: Sequence[Curve], changes: dict[str, list[str]], base: str
) -> str:
    """The whole comment, as long as GitHub takes.

    Args:
        verdict: the gate's, or why there is none.
        curves: of each task.
        changes: rows of ``differences`` by kind: metrics, params.
        base: the revision that everything is compared with.
    """
    blocks = [
        Block([MARKER, "## Figures", ""]),
        *verdict,
        *(_of_curve(one) for one in curves),
        *(_of_changes(kind, rows, base) for kind, rows in changes.items()),
    ]
    return _fitted(blocks)


def of_gate(
    outcomes: Sequence[Outcome], error: PalisadeError | None, called: str, base: str
) -> list[Block]:
    """The gate's verdict.

    Args:
        called: the base as the gate calls it.
        base: the same as git knows it.
    """
    changed, rest = saying.rows(outcomes)
    command = f"python -m palisade gate --base {base}"
    blocks = [Block(saying.opening(outcomes, error, called))]
    blocks += [Block(["", *saying.HEAD], changed, whole=command)] if changed else []
    return [*blocks, _folded(saying.resting(rest), saying.HEAD, rest, command)]


def _folded(title: str, head: Sequence[str], rows: Sequence[str], command: str) -> Block:
    opened = ["", "<details>", f"<summary>{title}</summary>", "", *head]
    return Block(opened, rows, ["", "</details>"], command)


def _of_curve(one: Curve) -> Block:
    order = "blue: now, orange: before" if len(one.series) > 1 else "attacked otherwise before"
    rows = markdown.folded("As a table, with 95 % intervals", one.rows())
    return Block(["", f"### `{one.task}` under attack ({order})", "", *one.chart(), "", *rows])


def _of_changes(kind: str, rows: Sequence[str], base: str) -> Block:
    command = f"dvc {kind} diff {base}"
    if not rows:
        return Block(["", f"`{command}`: no change."])
    head = markdown.table(differences.COLUMNS, [])
    return _folded(f"{command}: {len(rows)} changed", head, rows, command)


def _fitted(blocks: list[Block]) -> str:
    """Text of blocks, the last ones cut first."""
    for place in reversed(range(len(blocks))):
        over = len(_joined(blocks).encode()) - LONGEST_BYTES
        if over <= 0:
            break
        note = 80 + len(blocks[place].whole)  # what the word on the rest takes
        blocks[place] = blocks[place].shorter(over + note)
    return _joined(blocks)


def _joined(blocks: Sequence[Block]) -> str:
    return "\n".join(line for block in blocks for line in block.lines()) + "\n"
