"""What is drawn: blocks of sound, each by itself, so that any worker can make any of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from palisade.tasks.voice.streaming.params import Params

Kind = Literal["speech", "background", "commands"]
COMMAND_S = 6.0  # of a block for each command in it, about


@dataclass(frozen=True)
class Block:
    """Some sound in one room, through one microphone.

    Attributes:
        split: whose voices are heard.
        kind: running speech without a command, no speech but babble, or commands.
        index: of the block among those of its split and kind.
        commands: labels that are said in it, in this order.
    """

    split: str
    kind: Kind
    index: int
    commands: tuple[str, ...] = ()


def plan(params: Params, split: str, *, labels: Sequence[str], clip_ms: int) -> list[Block]:
    """The blocks of a split: commands first, then as many others as hours are asked for.

    Args:
        params: how much of what.
        split: calibration or test.
        labels: of the commands, each said equally often.
        clip_ms: length of the network's input.
    """
    amounts = getattr(params, split)
    decided_s = params.decision.decided_ms(round(params.block_s * 1000), clip_ms) / 1000
    spoken = math.ceil(amounts.hours * params.speech_share * 3600 / decided_s)
    silent = math.ceil(amounts.hours * (1 - params.speech_share) * 3600 / decided_s)
    said = [labels[place % len(labels)] for place in range(amounts.commands)]
    each = max(1, int(params.block_s / COMMAND_S))
    return [
        *(
            Block(split, "commands", index, tuple(said[at : at + each]))
            for index, at in enumerate(range(0, len(said), each))
        ),
        *(Block(split, "speech", index) for index in range(spoken)),
        *(Block(split, "background", index) for index in range(silent)),
    ]
