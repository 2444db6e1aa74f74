"""Hints about the tone of a text somebody writes, and about one they got: soft, and never in anybody's way.

Word lists are data (`hint_lists`). What looks like a number of something (an order, a part, a plate) is none
of them: it is written in capitals, or stands after a word such as "order".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.hint_lists import (
    NUMBERS_FOLLOW,
    SARCASM,
    TEXT_SPEAK,
    TEXT_SPEAK_PHRASES,
)
from gateway.domain.segments import grapheme_clusters


class Tone(StrEnum):
    """What a text of ours may sound like."""

    TEXT_SPEAK = "text_speak"
    EMOJI = "emoji"
    CAPITALS = "capitals"
    SARCASM = "sarcasm"


class Trouble(StrEnum):
    """Why a text of theirs may be answered better by a call, or by somebody else."""

    LONG = "long"
    QUESTIONS = "questions"
    ANGRY = "angry"


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing that is noticed, and the words it was noticed by, each once."""

    tone: Tone
    words: tuple[str, ...]


LONG = 320
"""Characters from which a text of theirs is long: two texts."""
MANY_QUESTIONS = 3
CAPITALS_IN_A_ROW, LETTERS_IN_THEM = 3, 10
"""So many words in capitals one after another, with so many letters, are loud; fewer are names and brands."""

_WORD = re.compile(r"[\w@#№°'’+-]+", re.UNICODE)
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55\u2764\U000e0020-\U000e007f]")
_LOUD = re.compile(rf"(?:(?<!\w)[^\W\d_a-zà-öø-ÿ]{{2,}}(?!\w)[ ,!?.]*){{{CAPITALS_IN_A_ROW},}}")
_MARKED_SARCASM = re.compile(
    r"(?<!\S)/s(?!\S)|\(!\)|(?<!\w)[\"“](?:sure|right|great|nice|fine|bravo|super)[\"”]", re.I
)


def hints(text: str, language: str = "") -> tuple[Hint, ...]:
    """What may read oddly in a text of ours. `language`: the code of what it is written in; words of all
    languages are looked for where it is not known."""
    known = [code for code in TEXT_SPEAK if code == language.partition("-")[0]] or list(TEXT_SPEAK)
    found = {
        Tone.TEXT_SPEAK: _text_speak(text, known),
        Tone.EMOJI: (one for one in grapheme_clusters(text) if _EMOJI.search(one)),
        Tone.CAPITALS: _loud(text),
        Tone.SARCASM: _sarcasm(text, known),
    }
    said = ((tone, tuple(dict.fromkeys(words))) for tone, words in found.items())
    return tuple(Hint(tone, words) for tone, words in said if words)


def troubles(text: str, angry_words: Sequence[str]) -> tuple[Trouble, ...]:
    """Why a text of theirs may need more than a text: it is long, asks much, or sounds angry."""
    found = []
    if len(text) >= LONG:
        found.append(Trouble.LONG)
    if text.count("?") >= MANY_QUESTIONS:
        found.append(Trouble.QUESTIONS)
    if any(_phrase(word).search(text) for word in angry_words) or any(True for _ in _loud(text)):
        found.append(Trouble.ANGRY)
    return tuple(found)


def words_of(setting: str) -> tuple[str, ...]:
    """The words of a list with commas between them."""
    return tuple(filter(None, (" ".join(word.split()) for word in setting.split(","))))


# --- ours --------------------------------------------------------------------------------------------


def _text_speak(text: str, languages: Sequence[str]) -> Iterator[str]:
    listed = frozenset[str]().union(*(TEXT_SPEAK[code] for code in languages))
    before = ""
    for match in _WORD.finditer(text):
        word = match.group()
        if word.lower() in listed and not _is_a_number(word) and before.lower() not in NUMBERS_FOLLOW:
            yield word
        before = word
    for code in languages:
        for phrase in TEXT_SPEAK_PHRASES[code]:
            found = _phrase(phrase).search(text)
            if found is not None and not found.group().isupper():
                yield found.group()


def _is_a_number(word: str) -> bool:
    """Whether it is written as numbers of orders and parts are."""
    return word.isupper() and (len(word) > 1 or word != "U")


def _sarcasm(text: str, languages: Sequence[str]) -> Iterator[str]:
    for code in languages:
        for phrase in SARCASM[code]:
            found = _phrase(phrase).search(text)
            if found is not None:
                yield found.group()
    for match in _MARKED_SARCASM.finditer(text):
        yield match.group()


def _loud(text: str) -> Iterator[str]:
    for match in _LOUD.finditer(text):
        if match.group().isupper() and sum(map(str.isalpha, match.group())) >= LETTERS_IN_THEM:
            yield match.group().strip()


def _phrase(words: str) -> re.Pattern[str]:
    """Those words, however they are spaced and capitalised, with a straight or a curly apostrophe."""
    pieces = r"\s+".join(re.escape(piece).replace("'", "['’]") for piece in words.split())
    return re.compile(rf"(?<![\w-]){pieces}(?![\w-])", re.IGNORECASE)
