"""The guard's part of the page."""

from __future__ import annotations

from palisade.report import guards
from tests.report.made import subject

FILES = {
    "detail/ablation.csv": "signal,safe_unguarded,safe_with_all,safe_without,safe_with_it_alone,"
    "helps\nmargin,0.7,0.75,0.71,0.74,True\ntree,0.7,0.75,0.75,0.7,False\n",
    "detail/unfamiliar.csv": "kind,auroc\nmusic,0.9\n",
    "detail/signals.csv": "signal,auroc,rejected,clean_rejected\nmargin,0.9,0.1,0.01\n",
    "detail/transfer.csv": "direction,fooled,transferred,rate,low,high,control\n",
}


def test_a_signal_that_gives_nothing_says_so() -> None:
    blocks = {one.title: one for one in guards.guards([subject("voice", FILES)]).blocks}
    (given,) = blocks["What each signal gives"].tables
    assert given.rows == [
        ["voice", "margin", "0.700", "0.750", "0.710", "0.740", "yes"],
        ["voice", "tree", "0.700", "0.750", "0.750", "0.700", "no"],
    ]
