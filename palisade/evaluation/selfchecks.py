"""All checks on one task's measurement: what ``evaluate`` and the planted controls call alike.

Carlini et al., On Evaluating Adversarial Robustness, arXiv:1902.06705, section 5, lists most of
them; ``docs/checks.md`` says of each where its limit comes from and what a failure means.
"""

from __future__ import annotations

from dataclasses import dataclass

from palisade.evaluation import guard_claims, masking, provenance, strength
from palisade.evaluation.checks import Check
from palisade.evaluation.evidence import Evidence


@dataclass(frozen=True)
class Allowed:
    """Limits that a team sets (``evaluate.<task>`` in params.yaml)."""

    undefended: float
    clean_reject: float
    least_examples: int
    widest_interval: float


def of(evidence: Evidence, allowed: Allowed) -> list[Check]:
    """Every check; the figures are reliable only if all pass."""
    return [
        *strength.of(evidence, allowed.undefended),
        *masking.of(evidence),
        *guard_claims.of(evidence, allowed.clean_reject),
        *provenance.of(evidence, allowed.least_examples, allowed.widest_interval),
    ]
