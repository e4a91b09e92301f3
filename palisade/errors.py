"""The one exception that a user is meant to see."""

from __future__ import annotations

from typing import ClassVar


class PalisadeError(Exception):
    """Something the user can mend.

    Args:
        problem: What is wrong, in one clause, naming the file, key or value.
        advice: What to do about it, in one clause.

    Attributes:
        status: the exit status of a command that it ends.
    """

    status: ClassVar[int] = 1

    def __init__(self, problem: str, advice: str) -> None:
        super().__init__(f"{problem.rstrip('.')}: {advice}")
        self.problem = problem
        self.advice = advice

    def __reduce__(self) -> tuple[type[PalisadeError], tuple[str, str]]:
        """Come whole out of a worker process."""
        return type(self), (self.problem, self.advice)
