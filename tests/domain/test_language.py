"""Sentences that are made in one place and read in another: they are filled in where they are read."""

from __future__ import annotations

from datetime import date

import pytest

from gateway import languages
from gateway.domain import alarm_words, backup_words
from gateway.domain.alarms import Kind
from gateway.domain.language import Day, filled, retold, speaking, t
from gateway.domain.message_words import STANDS
from gateway.domain.refusal_words import Refused

FRENCH = languages.of("fr")


def test_a_refusal_is_said_in_the_language_of_whoever_reads_it() -> None:
    refused = Refused("opted_out", since=Day(date(2026, 11, 3)))
    late = Refused("not_waiting", state=STANDS["sent"])
    assert "on 3 November 2026" in refused.text
    with speaking(FRENCH):
        assert "le 3 novembre 2026" in refused.text
        assert late.text.startswith("Ce SMS est envoyé")
        made_there = Refused("not_waiting", state=STANDS["sent"])
    assert str(made_there) == late.text == "This text is sent; only a waiting text can be canceled."


def test_a_filled_sentence_is_english_as_a_value() -> None:
    with speaking(FRENCH):
        said = filled(t("{names}, {count} more"), names="{a}", count=3)
        assert said == "{a}, 3 more"
        assert f"{said}" == "{a}, et 3 autres"


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (alarm_words.NO_LINE, "aucune autre ligne ne fonctionne"),
        (alarm_words.NOT_SENT.format(line="a (b)"), "la ligne a (b) n’a pas pu l’envoyer"),
        ("what an older version said", "what an older version said"),
    ],
)
def test_what_was_stored_in_english_is_told_in_the_readers_language(stored: str, said: str) -> None:
    with speaking(FRENCH):
        assert retold(stored, (alarm_words.NO_LINE, alarm_words.NOT_SENT)).startswith(said)


def test_a_failed_backup_is_told_with_what_was_found() -> None:
    problem = backup_words.COPY_DAMAGED.format(found="row 7 missing")
    with speaking(FRENCH):
        assert backup_words.why_failed(problem).startswith("La copie est abîmée (row 7 missing)")


def test_an_alarm_is_told_from_what_was_noted() -> None:
    down = {"line": "front", "minutes": 7, "state": "paused", "port": "/dev/x", "facts": {}}
    assert alarm_words.happened(Kind.LINE_DOWN, down).endswith("7 minutes: the line is paused.")
    with speaking(FRENCH):
        assert alarm_words.happened(Kind.LINE_DOWN, down).endswith("7 minutes : la ligne est en pause.")
    earlier = {"line": "front", "minutes": 7, "how": "no network", "doing": "", "remedy": ""}
    assert alarm_words.happened(Kind.LINE_DOWN, earlier).endswith("7 minutes: no network.")
    assert "1 text went" in alarm_words.happened(Kind.UNCLEAR, {"line": "a", "texts": 1, "minutes": 2})
    ends = {"ends_on": "2026-12-01", "ended": False, "days": 1}
    assert "in 1 day, on 1 December 2026." in alarm_words.happened(Kind.CERTIFICATE, ends)
