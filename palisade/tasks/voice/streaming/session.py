"""Continuous sound for a stage: what there is to hear, and its windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from palisade.int8 import Artefact
from palisade.splits import NAMES
from palisade.stage import Stage
from palisade.stream.recording import Recording
from palisade.tasks.voice import onboard
from palisade.tasks.voice.geometry import Params as Geometry
from palisade.tasks.voice.streaming import blocks
from palisade.tasks.voice.streaming.blocks import Block
from palisade.tasks.voice.streaming.drawing import Studio
from palisade.tasks.voice.streaming.listening import Ear
from palisade.tasks.voice.streaming.params import Params
from palisade.tasks.voice.synthesis import params as synthesis
from palisade.tasks.voice.synthesis import voices, words


@dataclass(frozen=True)
class Recorder:
    """Draws a block and gives its windows; each worker process gets a copy."""

    studio: Studio
    ear: Ear

    def __call__(self, block: Block) -> Recording:
        """The windows of one block."""
        return self.ear(self.studio(block), block.kind)


@dataclass(frozen=True)
class Session:
    """What a stage's params say of its stream.

    Attributes:
        params: section ``stream``.
        corpus: section ``synthesize``: voices, rooms, microphones and levels.
        commands: the labels that are accepted.
        ear: the device's front end.
        clip_ms: length of the network's input.
        seed: the root seed.
    """

    params: Params
    corpus: synthesis.Params
    commands: tuple[str, ...]
    ear: Ear
    clip_ms: int
    seed: int

    def blocks(self, split: str) -> list[Block]:
        """What there is to hear with the voices of a split."""
        return blocks.plan(self.params, split, labels=self.commands, clip_ms=self.clip_ms)

    def recorder(self, split: str) -> Recorder:
        """Draws those blocks."""
        corpus = self.corpus
        room = {name: getattr(corpus, name).voices for name in NAMES}
        said = words.share_out(
            corpus.sound_alikes,
            commands=self.commands,
            unseen_share=corpus.unseen_share,
            seed=self.seed,
        )
        studio = Studio(
            params=self.params,
            corpus=corpus,
            commands=self.commands,
            cast=voices.share_out(room, seed=self.seed)[split],
            words=said[split],
            seed=self.seed,
        )
        return Recorder(studio, self.ear)


def of(this: Stage, labels: Sequence[str], artefact: Artefact) -> Session:
    """The session of a stage.

    Args:
        this: the stage.
        labels: of the model; those that begin with an underscore are no commands.
        artefact: the model.
    """
    params = this.params("stream", Params)
    geometry = this.params("features", Geometry)
    ear = Ear(
        front_end=onboard.front_end(this),
        scale=float(artefact.scale),
        zero_point=int(artefact.zero_point),
        frame_hop=geometry.hop,
        window_hop=geometry.sample_rate_hz * params.decision.hop_ms // 1000,
    )
    return Session(
        params=params,
        corpus=this.params("synthesize", synthesis.Params),
        commands=tuple(label for label in labels if not label.startswith("_")),
        ear=ear,
        clip_ms=geometry.clip_ms,
        seed=this.seed,
    )
