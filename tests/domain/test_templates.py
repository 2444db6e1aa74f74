"""Templates: places, what fills them, and words that no template may ask people to answer with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.reserved import misused
from gateway.domain.templates import BadTemplate, check, choose, fill, places, templated

NADIA = {"first_name": "Nadia", "name": "Nadia Farrell", "office": "Alderwick", "line": "front", "me": "Anna"}


def test_places_are_filled() -> None:
    filled = fill("Hello {first_name}, {me} of {office} here.", NADIA)
    assert (filled.text, filled.missing) == ("Hello Nadia, Anna of Alderwick here.", ())


def test_a_missing_value_has_its_fall_back_or_is_named() -> None:
    filled = fill("Hello {first_name|there}, your {field:boiler} of {name}", {"first_name": ""})
    assert filled.text == "Hello there, your {field:boiler} of {name}"
    assert filled.missing == ("field:boiler", "name")
    assert fill("Hello{first_name|}!", {}).text == "Hello!"


def test_a_value_is_never_read_for_places() -> None:
    assert fill("{name}", {"name": "{office}", "office": "x"}).text == "{office}"


def test_other_braces_are_braces() -> None:
    assert fill("{ 12 } {} {1}", NADIA).text == "{ 12 } {} {1}"
    assert places("{name} {nobody} {name} {field:a b}") == ("name", "field:a b")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("Hello {frist_name}", "There is no place {frist_name}. Did you mean {first_name}?"),
        ("Hello {first_name", "{first_name is never closed. Write a } after the name of the place."),
        ("  ", "There is nothing in it. Write the words of the template."),
        ("x" * 2001, "It has more than 2000 characters. Shorten it."),
    ],
)
def test_a_template_that_cannot_be_used_says_why(body: str, says: str) -> None:
    with pytest.raises(BadTemplate) as bad:
        check(body)
    assert str(bad.value) == says
    check("Hello {first_name|there}, {field:boiler|your boiler} { 12 }")


def test_a_sent_text_becomes_a_template() -> None:
    body = "Hello Nadia, a chair is free. Dear nadia farrell: Nadiath is no name."
    made = templated(body, "Nadia Farrell", "Nadia")
    assert made == "Hello {first_name}, a chair is free. Dear {name}: Nadiath is no name."
    assert templated("Hello there", "", "") == "Hello there"


def test_the_language_of_the_contact_is_taken_then_the_offices() -> None:
    assert choose(["en", "fr"], ["fr-CA", "en"]) == "fr"
    assert choose(["en", "fr"], ["", "de", "fr"]) == "fr"
    assert choose(["nl"], ["fr", "en"]) == "nl"


@given(st.text(st.characters(codec="utf-8", exclude_characters="{}"), max_size=40), st.text(max_size=9))
def test_words_without_places_stay_and_come_back(words: str, name: str) -> None:
    assert fill(words, NADIA).text == words
    assert fill("{name|x}" + words, {"name": name}).text == (name or "x") + words


@pytest.mark.parametrize(
    ("body", "word", "instead"),
    [
        ("Reply CANCEL to cancel your visit", "CANCEL", "Reply C to cancel your visit"),
        (
            "Please answer with 'stop' if you cannot come.",
            "stop",
            "Please answer with 'NO' if you cannot come",
        ),
        ("Reply YES to confirm or CANCEL to move it", "CANCEL", "Reply YES to confirm or C to move it"),
        ("Text END when you are done.", "END", "Text DONE when you are done"),
        ("Reply QUIT", "QUIT", "Reply Q"),
        ("Text INFO to book a visit.", "INFO", "Text DETAILS to book a visit"),
        ("Hi. Send HELP for a taxi", "HELP", "Send ASSIST for a taxi"),
        (
            "Répondez par ARRET pour annuler le rendez-vous",
            "ARRET",
            "Répondez par 2 pour annuler le rendez-vous",
        ),
    ],
)
def test_reserved_words_are_refused_with_another_wording(body: str, word: str, instead: str) -> None:
    found = misused(body)
    assert found is not None
    assert (found.word, found.instead) == (word, instead)


@pytest.mark.parametrize(
    "body",
    [
        "Reply STOP to end these texts.",
        "Text STOP at any time.",
        "Reply STOP to unsubscribe, HELP for help.",
        "Reply YES to confirm or STOP to opt out.",
        "Text HELP for more information",
        "Reply C to cancel your visit.",
        "We had to cancel your visit. Reply 1 or 2.",
        "Please send the info by Friday",
        "The end of the week is fine, just answer.",
        "Répondez STOP pour ne plus recevoir de messages",
    ],
)
def test_words_in_their_own_meaning_are_fine(body: str) -> None:
    assert misused(body) is None
