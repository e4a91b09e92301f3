"""The guard's part of the page."""

from __future__ import annotations

from palisade.report import guards
from tests.report.made import subject

HEAD = "signal,attacks,n,safe_unguarded,safe_with_all,safe_without,safe_with_it_alone,helps\n"


def test_a_signal_that_gives_nothing_says_so() -> None:
    rows = "margin,square,200,0.7,0.75,0.71,0.74,True\ntree,square,200,0.7,0.75,0.75,0.7,False\n"
    given = guards._given([subject("voice", {"detail/ablation.csv": HEAD + rows})])
    assert given.rows == [
        ["voice", "margin", "0.700", "0.750", "0.710", "0.740", "yes"],
        ["voice", "tree", "0.700", "0.750", "0.750", "0.700", "no"],
    ]
