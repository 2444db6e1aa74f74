"""Words that people are never told to answer with for anything but their meaning: whoever texts CANCEL to
cancel a visit is opted out by us and by carriers (support-desk R39; the words: Twilio's list, 47 CFR
64.1200(a)(10), and HELP and INFO of the CTIA's handbook).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.domain.consent import STOP_WORDS

INSTEAD: Mapping[str, str] = {
    "cancel": "C",
    "end": "DONE",
    "help": "ASSIST",
    "info": "DETAILS",
    "quit": "Q",
    "stop": "NO",
}
"""What may be answered instead. Other words have 2, which fits anything."""

_HELP_WORDS = frozenset({"help", "info", "aide"})
_END_WORDS = STOP_WORDS | {"arret", "arrêt"}
RESERVED = _END_WORDS | _HELP_WORDS

_ASKS = r"reply|answer|respond|text|send|write|say|type|répondez|répondre|envoyez|envoyer|écrivez|tapez|dites"
_BETWEEN = (
    r"with|by|back|us|just|only|simply|the|word|to this|now|please|par|avec|le|mot|nous|simplement|juste"
)
_SAYS = re.compile(
    rf"\b(?:{_ASKS})\b(?:[\s,:]+(?:{_BETWEEN})\b)*[\s:,]*[\"'«“‘]?\s*({'|'.join(sorted(RESERVED))})\b",
    re.IGNORECASE,
)
_OR = re.compile(
    rf"(?:\bor\b|\bou\b|/|,)\s*[\"'«“‘]?\s*({'|'.join(word.upper() for word in sorted(RESERVED))})\b"
)
_SENTENCE = re.compile(r"[^.!?\n]+")
_ABOUT_TEXTS = re.compile(
    r"\b(opt[ -]?out|unsubscribe|texts?|messages?|sms|textos?|these|alerts|reminders|receiving|stop|end|"
    r"désabonn\w*|désinscri\w*|arrêter|recevoir|rappels)\b",
    re.IGNORECASE,
)
_ABOUT_HELP = re.compile(r"\b(help|info|information|more|aide|support|details)\b", re.IGNORECASE)
_PURPOSE = re.compile(r"^[\"'»”’]?\s*(?:to|for|if|when|pour|si|afin)\b(.*)", re.IGNORECASE | re.DOTALL)
_NEXT_CHOICE = re.compile(r"\b(?:or|ou|and|et)\b[^,;]*\b[A-Z0-9]{1,12}\b|[,;]")


@dataclass(frozen=True, slots=True)
class Misused:
    """A reserved word that people are told to answer with for something else. `instead`: the sentence with a
    word that may be used."""

    word: str
    sentence: str
    instead: str


def misused(body: str) -> Misused | None:
    """The first reserved word a text asks people to answer with for anything else; None when it asks for
    none."""
    for sentence in _SENTENCE.findall(body):
        asks = _SAYS.search(sentence)
        if re.search(rf"\b(?:{_ASKS})\b", sentence, re.IGNORECASE) is None:
            continue
        for match in filter(None, (asks, *_OR.finditer(sentence))):
            word = match.group(1)
            if not _means_itself(word.lower(), sentence[match.end(1) :]):
                instead = (
                    sentence[: match.start(1)] + INSTEAD.get(word.lower(), "2") + sentence[match.end(1) :]
                )
                return Misused(word, sentence.strip(), instead.strip())
    return None


def _means_itself(word: str, after: str) -> bool:
    """Whether what follows says the word's own meaning, or nothing at all beside STOP or HELP."""
    purpose = _PURPOSE.match(after)
    if purpose is None:
        return word in ("stop", "stopall", "unsubscribe", "optout", "arret", "arrêt") or word in _HELP_WORDS
    said = _NEXT_CHOICE.split(purpose.group(1))[0]
    return bool((_ABOUT_HELP if word in _HELP_WORDS else _ABOUT_TEXTS).search(said))
