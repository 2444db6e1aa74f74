"""What people write and are called: words as frequent as in life, some with accents, names of many places."""

from __future__ import annotations

import random
from functools import cache
from itertools import accumulate, product


def _words(text: str) -> list[str]:
    return text.split()


_COMMON = _words(
    """the to you for is at on we and it can your please thanks have friday monday tomorrow appointment time
    will be in my me not yes ok see morning afternoon ready still call back office phone come today week
    thursday tuesday wednesday card address price number open close repair tooth pain glasses laptop screen
    battery invoice paid order arrived late early parking door key doctor nurse bonjour merci demain
    rendez-vous réparation facture après-midi prêt numéro désolé crème naïve café"""
)
_RARER = [
    "".join(parts)
    for parts in product(
        _words("ka lo mi ne ru sa te vo wi zu bra cle dro fli gra pra"),
        _words("bel don fen gar hil lin mon nar pol rin sel tor ven wick"),
        ("", *_words("s er ing ton ly ed ish")),
    )
]
_FIRST = _words(
    """Anna Ben Cara Nadia Karen Tom Søren Zoë Élodie Björn Ines Omar Priya Wei Luca Marta Jürgen Aoife Chloé
    Ravi Fatima Noah Emma Olga Pedro Sofía Yusuf Hana Ingrid Mateo"""
)
_LAST_BEGIN = _words("Ald Bar Car Dun Ell Far Gil Har Ives Kel Lang Mor Nor Oak")
_LAST_END = _words("erwick ton ley field sen mann ier ova ez ard by worth ing ö")
_TAGS = _words("vip recall invoice repair urgent-pain new lab insurance parts complaint school family")


def body(chance: random.Random) -> str:
    """A text of three to forty words; one in three words is a common one several times over."""
    words, weights = _vocabulary()
    count = chance.choice((3, 5, 8, 10, 12, 15, 20, 40))
    return " ".join(chance.choices(words, cum_weights=weights, k=count)).capitalize() + "."


@cache
def _vocabulary() -> tuple[list[str], list[float]]:
    """Every word with its share, added up: the n-th word is as frequent as 1/n (Zipf)."""
    words = [*_COMMON, *_RARER]
    return words, list(accumulate(1 / (rank + 8) for rank in range(len(words))))


def name(chance: random.Random) -> str:
    """First and last name."""
    return f"{chance.choice(_FIRST)} {chance.choice(_LAST_BEGIN)}{chance.choice(_LAST_END)}"


def tag_names() -> list[str]:
    """What an office marks conversations and people with."""
    return _TAGS
