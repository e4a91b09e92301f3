"""Running speech: sentences of many words, none of them a command.

Content words are those of the split, and some of those sound like a command. Function words stand
between them, as they do in English; no clip of a single word has any. The sentences mean nothing.
"""

from __future__ import annotations

from collections.abc import Collection

from numpy.random import Generator

from palisade.tasks.voice.synthesis.words import Words

CONTENT_WORDS = (3, 12)  # of a sentence
_MOST_FUNCTION_WORDS = 2  # from one content word to the next
_COMMA_SHARE = 0.12
_QUESTION_SHARE = 0.15
_TEXT = """
    a about after all and any are at be been before but by can could did do every for from had has
    have he her his how i if in into is it just like may might more much my of on one only or our
    out over she should so some than that the their then there they this to too under very was we
    were what when where which while who will with would you your
"""
_FUNCTION_WORDS = _TEXT.split()


def sentence(
    words: Words, *, sound_alike_share: float, commands: Collection[str], dice: Generator
) -> str:
    """One sentence with its stop.

    Args:
        words: the other words of the split.
        sound_alike_share: of the content words.
        commands: labels; an underscore in one stands between words.
        dice: draws everything.
    """
    phrases = [command.replace("_", " ") for command in commands]
    while True:
        said = _draw(words, sound_alike_share, dice)
        plain = f" {said.replace(',', '')} "
        if not any(f" {phrase} " in plain for phrase in phrases):
            return said + ("?" if dice.random() < _QUESTION_SHARE else ".")


def _draw(words: Words, sound_alike_share: float, dice: Generator) -> str:
    said: list[str] = []
    for _ in range(int(dice.integers(*CONTENT_WORDS, endpoint=True))):
        if said and dice.random() < _COMMA_SHARE:
            said[-1] += ","
        between = int(dice.integers(0, _MOST_FUNCTION_WORDS, endpoint=True))
        said += [str(word) for word in dice.choice(_FUNCTION_WORDS, between)]
        alike = words.sound_alikes and dice.random() < sound_alike_share
        said.append(str(dice.choice(words.sound_alikes if alike else words.ordinary)))
    return " ".join(said)
