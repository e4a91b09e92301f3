"""The one exception that a user is meant to see."""

from __future__ import annotations


class PalisadeError(Exception):
    """Something the user can mend.

    Args:
        problem: What is wrong, in one clause, naming the file, key or value.
        advice: What to do about it, in one clause.
    """

    def __init__(self, problem: str, advice: str) -> None:
        super().__init__(f"{problem.rstrip('.')}: {advice}")
        self.problem = problem
        self.advice = advice
