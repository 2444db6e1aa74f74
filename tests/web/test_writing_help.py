"""What helps in writing, by plain forms: plain letters, length, tone, templates, earlier answers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gateway.desk import settings as desk_settings
from gateway.desk import stars
from gateway.desk import templates as desk_templates
from gateway.domain import advice_words
from gateway.domain.people import Role
from gateway.store import contacts, messages, team
from gateway.store import templates as stored
from tests.office import ANNA as NADIA
from tests.office import BEN, CARA, SAM, Office
from tests.web.browser import Browser

GUILTY = str(advice_words.GUILTY)
HELLO = {"en": "Hello {first_name}, {me} here.", "fr": "Bonjour {first_name|vous}, ici {me}."}


@pytest.fixture
def place(office: Office) -> str:
    office.text_from(NADIA, "Is Friday free?")
    return f"/conversations/{office.conversation(NADIA).public_id}"


def _write(anna: Browser, place: str, body: str, do: str = "look", **more: str) -> str:
    """Press a button beside the box; returns what stands in it then."""
    anna.get(place)
    fields = {**anna.page.forms[f"{place}/messages"], "body": body, "do": do, **more}
    anna.answer = anna.client.post(f"{place}/write", data=fields)
    assert anna.answer.status_code == 200, anna.html
    return anna.page.forms[f"{place}/messages"]["body"]


def _know(office: Office, number: str = NADIA, **fields: Any) -> None:
    def change(tx: Any) -> None:
        person = contacts.by_number(tx, number)
        assert person is not None
        contacts.change(tx, person.id, **fields)

    office.write(change)


def _set(office: Office, name: str, value: str) -> None:
    office.write(lambda tx: desk_settings.change(tx, name, value, "command:test", office.clock()))


def _template(office: Office, name: str = "Hello", texts: Any = None, owner: int | None = None) -> str:
    def add(tx: Any) -> str:
        made = desk_templates.add(tx, name, texts or HELLO, owner, SAM, office.clock())
        return str(stored.get(tx, made).public_id)

    return office.write(add)


# --- R33: the counter and plain letters ---------------------------------------------------------------


def test_r33_a_curly_apostrophe_costs_three_texts_and_one_click_makes_it_one(
    anna: Browser, place: str
) -> None:
    text = "It’s " + "a" * 145
    assert _write(anna, place, text) == text
    assert "51 left, 3 texts, because of ’" in anna.text
    assert GUILTY in anna.text and "use ' instead" in anna.text and "then 1 text instead of 3" in anna.text
    assert "It<mark>’</mark>s" in anna.html
    assert "Use plain letters" in anna.buttons()
    assert _write(anna, place, text, "plain") == "It's " + "a" * 145
    assert "10 left, 1 text, plain letters" in anna.text and GUILTY not in anna.text


def test_r33_accents_are_offered_and_go_only_when_asked(anna: Browser, place: str) -> None:
    assert _write(anna, place, "Zoë’s tea", "plain") == "Zoë's tea"
    assert "another letter: e" in anna.text
    assert "Use plain letters, without these accents" in anna.buttons()
    assert _write(anna, place, "Zoë’s tea", "bare") == "Zoe's tea"


def test_r33_emoji_and_other_scripts_are_left_alone(anna: Browser, place: str) -> None:
    assert _write(anna, place, "It’s done 🦷", "plain") == "It's done 🦷"
    assert "because of 🦷" in anna.text and "only you can leave it out" in anna.text
    assert "data-swap" not in anna.html
    _write(anna, place, "日本語")
    assert GUILTY not in anna.text


def test_plain_letters_can_be_asked_for_without_scripts_at_any_time(anna: Browser, place: str) -> None:
    anna.get(place)
    inside = re.findall(r"<noscript>(.*?)</noscript>", anna.html, re.DOTALL)
    assert any('value="plain"' in one and "Use plain letters" in one for one in inside)
    assert f'formaction="{place}/write"' in anna.html


def test_no_button_beside_the_box_sends(anna: Browser, place: str, office: Office) -> None:
    for do in ("look", "plain", "bare", "link", "call", "visit"):
        _write(anna, place, "It’s " + "a" * 900, do)
    ours = {"look", "plain", "bare", "link", "call", "visit", "template"}
    buttons = [one for one in anna.page.buttons if one.get("value") in ours]
    assert len(buttons) > 4 and all(one["formaction"] == f"{place}/write" for one in buttons)
    assert office.messages(direction="outbound") == []


# --- R34: length --------------------------------------------------------------------------------------


def test_r34_more_than_two_texts_are_advised_against_and_go_all_the_same(
    anna: Browser, place: str, office: Office
) -> None:
    _write(anna, place, "a" * 306)
    assert "shorter ones are read sooner" not in anna.text
    _write(anna, place, "a" * 307)
    assert "3 texts: shorter ones are read sooner, and cost less." in anna.text
    assert "Offer a call" not in anna.buttons()
    _set(office, "writing.parts_replies", "3")
    _write(anna, place, "a" * 307)
    assert "shorter ones" not in anna.text
    anna.submit(f"{place}/messages", body="a" * 900)
    assert office.messages(direction="outbound")[0].segments == 6


def test_r34_above_four_other_ways_are_offered_in_their_language(
    anna: Browser, place: str, office: Office
) -> None:
    _write(anna, place, "a" * 613)
    assert "5 texts: long ones can arrive broken" in anna.text
    assert {"Send a link", "Offer a call", "Offer an appointment"} <= set(anna.buttons())
    assert _write(anna, place, "long words", "call").startswith("That is easier to explain by phone.")
    _know(office, language="fr")
    assert _write(anna, place, "long words", "call").endswith("\nlong words")


# --- R37, R38: tone -----------------------------------------------------------------------------------


def test_r37_text_speak_is_hinted_and_an_order_number_is_not(
    anna: Browser, place: str, office: Office
) -> None:
    _write(anna, place, "gr8 c u l8r")
    assert "this reads like a chat" in anna.text
    _write(anna, place, "Your order GR8-4411 L8R is ready")
    assert "this reads like a chat" not in anna.text
    anna.submit(f"{place}/messages", body="gr8 c u l8r")  # it never blocks
    assert office.messages(direction="outbound")[0].body == "gr8 c u l8r"


def test_r37_hints_can_be_switched_off_by_setting_and_by_person(
    anna: Browser, place: str, office: Office
) -> None:
    _set(office, "writing.hints", "off")
    _write(anna, place, "gr8 c u l8r")
    assert "reads like a chat" not in anna.text
    _set(office, "writing.hints", "on")
    _write(anna, place, "gr8 c u l8r")
    assert "reads like a chat" in anna.text
    anna.get("/account")
    assert "Turn hints off" in anna.buttons()
    anna.submit("/account/hints")
    assert "Turn hints on" in anna.buttons()
    _write(anna, place, "gr8 c u l8r")
    assert "reads like a chat" not in anna.text


def test_r38_an_angry_text_suggests_a_call_or_a_manager_and_one_click_hands_it_over(
    anna: Browser, place: str, office: Office
) -> None:
    anna.get(place)
    assert "They sound upset" not in anna.text
    office.text_from(NADIA, "This is unacceptable. I want a refund.")
    anna.get(place)
    assert "They sound upset" in anna.text and f'href="tel:{NADIA}"' in anna.html
    assert "Hand it to Manager" in anna.buttons()
    anna.submit(f"{place}/hand-over")
    row = office.conversation(NADIA)
    manager = office.read(lambda tx: team.user_by_name(tx, "manager"))
    assert manager is not None and row.assignee_id == manager.id
    assert "@manager please take this over: it needs more than a text." in anna.text
    assert office.messages(direction="outbound") == []
    anna.submit(f"{place}/messages", body="We will call you at ten.")
    anna.get(place)
    assert "They sound upset" not in anna.text  # it was answered


def test_r38_somebody_who_is_no_colleague_is_handed_nothing(anna: Browser, place: str) -> None:
    anna.get(place)
    token = anna.page.forms[f"{place}/messages"]["csrf_token"]
    for wrong, status in (("999", 409), ("x", 422), ("", 422)):
        data = {"csrf_token": token, "manager": wrong}
        assert anna.client.post(f"{place}/hand-over", data=data).status_code == status


# --- R35: templates in the box ------------------------------------------------------------------------


def test_r35_a_template_is_put_in_filled_for_the_open_contact(
    anna: Browser, place: str, office: Office
) -> None:
    made = _template(office)
    _know(office, name="Nadia Farrell")
    assert _write(anna, place, "", "template", template=made) == "Hello Nadia, Anna Reid here."
    assert _write(anna, place, "Hi.", "template", template=made) == "Hi.\nHello Nadia, Anna Reid here."
    _know(office, language="fr")
    assert _write(anna, place, "", "template", template=made) == "Bonjour Nadia, ici Anna Reid."
    rows = office.read(lambda tx: stored.of(tx, None))
    assert [row.used for row in rows] == [3]


def test_r35_a_missing_value_without_fall_back_is_named_and_refused(
    anna: Browser, place: str, office: Office
) -> None:
    made = _template(office)
    words = _write(anna, place, "", "template", template=made)
    assert words == "Hello {first_name}, Anna Reid here."
    assert "{first_name} is not filled in" in anna.text
    answer = anna.submit(f"{place}/messages", body=words)
    assert answer.status_code == 422 and "{first_name} is not filled in" in anna.text
    assert office.messages(direction="outbound") == []
    assert anna.submit(f"{place}/messages", body="Hello { 12 } {Nadia}").status_code == 200


def test_a_new_conversation_is_not_begun_with_an_open_place(anna: Browser, office: Office) -> None:
    anna.get("/conversations/new")
    answer = anna.submit("/conversations/new", to=CARA, body="Hello {name}")
    assert answer.status_code == 422 and "{name} is not filled in" in anna.text


def test_choices_for_the_script_are_filled_and_say_what_is_missing(
    anna: Browser, place: str, office: Office
) -> None:
    _template(office)
    mine, other = (
        office.read(lambda tx, who=who: team.user_by_name(tx, who)) for who in ("agent", "manager")
    )
    _template(office, "Mine", {"en": "From me"}, mine.id)
    _template(office, "Theirs", {"en": "From another"}, other.id)
    anna.get(f"{place}/templates")
    assert "Missing: {first_name}" in anna.text and "Mine your own" in anna.text
    assert "Theirs" not in anna.text
    wrong = _write_status(anna, place, "template", template="Theirs")
    assert wrong == 422


def _write_status(anna: Browser, place: str, do: str, **more: str) -> int:
    anna.get(place)
    fields = {**anna.page.forms[f"{place}/messages"], "do": do, **more}
    return anna.client.post(f"{place}/write", data=fields).status_code


# --- R52: earlier answers -----------------------------------------------------------------------------


def _exchange(office: Office, number: str, asked: str, answered: str, name: str) -> int:
    office.text_from(number, asked)
    _know(office, number, name=name)
    return office.accept(number, answered)


def test_r52_earlier_answers_to_the_same_words_are_shown_starred_first(anna: Browser, office: Office) -> None:
    good = _exchange(
        office, BEN, "My crown came loose, is that urgent?", "Hello Ben, keep it dry.", "Ben Ode"
    )
    _exchange(office, CARA, "the crown is loose again", "Come at ten, Cara.", "Cara Ode")
    row = office.read(lambda tx: messages.get(tx, good))
    office.write(lambda tx: stars.star(tx, row, SAM, office.clock()))
    office.text_from(NADIA, "Good morning, a crown is loose, what now?")
    _know(office, name="Nadia Farrell")
    place = f"/conversations/{office.conversation(NADIA).public_id}"
    anna.get(f"{place}/similar")
    assert anna.text.index("Hello Nadia, keep it dry.") < anna.text.index("Come at ten, Nadia.")
    assert "Starred" in anna.text
    fields = {**anna.page.forms[f"{place}/write"], "do": f"answer-{row.public_id}"}
    anna.answer = anna.client.post(f"{place}/write", data=fields)
    assert anna.page.forms[f"{place}/messages"]["body"] == "Hello Nadia, keep it dry."


def test_r52_without_a_name_the_others_name_is_an_open_place(anna: Browser, office: Office) -> None:
    _exchange(office, BEN, "The boiler leaks", "Ben, turn the tap.", "Ben Ode")
    office.text_from(NADIA, "our boiler leaks")
    place = f"/conversations/{office.conversation(NADIA).public_id}"
    anna.get(f"{place}/similar")
    assert "{first_name}, turn the tap." in anna.text and "Ben, turn" not in anna.text


def test_nothing_similar_is_said_so(anna: Browser, place: str, office: Office) -> None:
    anna.get(f"{place}/similar")
    assert "Nobody has answered a text like theirs yet." in anna.text
    assert _write_status(anna, place, "answer-nothing") == 404
    assert _write_status(anna, place, "nothing") == 422


def test_helpers_are_for_those_who_write(browser_of: Any, place: str, office: Office) -> None:
    viewer = browser_of(Role.VIEWER.value)
    assert [viewer.get(f"{place}/{one}").status_code for one in ("similar", "templates")] == [403, 403]
