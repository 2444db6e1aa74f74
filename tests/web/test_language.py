"""Nothing on any page escapes the catalogue: the whole panel in a made-up language (R88), and French as it is
read: its plurals, its dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from gateway import languages
from gateway.config import Settings
from gateway.desk import alarms as desk_alarms
from gateway.desk import chosen_times, setup, team
from gateway.desk import contacts as desk_contacts
from gateway.desk import notes as desk_notes
from gateway.desk.drafts import Author
from gateway.domain.alarms import Kind
from gateway.domain.language import ENGLISH, speak, speaking, tn
from gateway.domain.line import Accepted, CannotTell, LineState, LineStatus, MissedCall, RefusedForGood
from gateway.domain.people import Role, Scope
from gateway.domain.schedule import Kind as ScheduleKind
from gateway.store import alarms, backup_log, contacts, conversations, lines, settings
from gateway.store import team as store_team
from gateway.web.access import access_of
from gateway.web.app import create_app
from tests.office import ANNA, BEN, CARA, Office
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD
from tests.web.made_up import MadeUp, unmarked, wrapped
from tests.web.test_contact_data import contact_id_of

NAMES = {Role.ADMIN: "Ρουθ", Role.MANAGER: "Θωμάς", Role.AGENT: "Άννα", Role.VIEWER: "Βάσω"}
TEXT = "Καλημέρα, πονάει το δόντι μου"

KNOWN = {
    "front", "back", "u1", "u2", "u3", "u4",  # lines, usernames
    "SMS", "SIM", "PIN", "USB", "JSON", "CSV", "vCard", "GSM", "STOP", "START", "webhook",
    "dBm", "min", "MB", "GB", "kB",
    "Europe/London", "Europe/Athens", "London", "Athens", "America/New_York", "New York", "UTC",
    "Our office", "US",
}  # fmt: skip
"""Data, units, and words that are the same everywhere."""


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    speak(ENGLISH)


# --- an office with something of everything ----------------------------------------------------------


@pytest.fixture
def filled(office: Office, password_hash: str) -> Office:
    """People and what they write are Greek, so that whatever is Latin on a page is the program's."""
    office.write(lambda tx: _people(tx, office.clock(), password_hash))
    office.hear(LineState(LineStatus.UP, "ready", {"signal_dbm": "-71", "sim": "ready"}))
    office.add_line("back")
    office.hear(LineState(LineStatus.DOWN, "sim_pin", {}), office.read(lambda tx: lines.every(tx)[-1].id))
    _talk(office)
    _happen(office)
    return office


def _people(tx: Any, now: datetime, password_hash: str) -> None:
    settings.put(tx, "office.name", "Οδοντιατρείο")
    settings.put(tx, "office.second_factor", "offered")
    settings.put(tx, "office.country", "GB")
    for name in ("consent.stop_answer", "consent.start_answer"):
        settings.put(tx, name, TEXT)
    settings.put(tx, "office.zone", "Europe/London")
    for number, (role, name) in enumerate(NAMES.items(), 1):
        team.add_user(tx, f"u{number}", name, role, password_hash, "command:test", now)


def _author(office: Office) -> Author:
    user = office.read(lambda tx: store_team.user_by_name(tx, "u3"))
    assert user is not None
    return Author("person", user.id, user.name)


def _talk(office: Office) -> None:
    """Texts of every kind, and what became of them."""
    agent = _author(office)
    office.text_from(ANNA, TEXT)
    office.clock.step(minutes=3)
    for outcome in (Accepted(7), RefusedForGood("CMS 8"), CannotTell("timeout")):
        office.accept(ANNA, TEXT, author=agent)
        office.send_one(outcome)
        office.clock.step(minutes=5)
    office.report(7, ANNA)
    office.text_from(BEN, TEXT)
    office.text_from(BEN, "STOP")
    office.text_from(CARA, TEXT)
    line, day_after = office.line(), (office.clock() + timedelta(days=2)).replace(tzinfo=None)
    chosen = office.write(
        lambda tx: chosen_times.choose(tx, ScheduleKind.AT, line, CARA, office.clock(), day_after)
    )
    office.accept(CARA, TEXT, author=agent, when=chosen, cancel_if_answered=True)
    office.accept(CARA, TEXT * 4, author=agent)
    for number in (BEN, None):
        office.hear(MissedCall(number, 9))


def _happen(office: Office) -> None:
    """What stands on the other pages: alarms, backups, names, notes."""
    agent, now = _author(office), office.clock()

    def happen(tx: Any) -> None:
        anna = contacts.by_number(tx, ANNA)
        assert anna is not None
        desk_contacts.set_name(tx, anna.id, "Ελένη", agent, now)
        desk_contacts.set_zone(tx, anna.id, "Europe/Athens", agent, now)
        for kind in (Kind.DISK, Kind.RESERVE, Kind.CLOCK):
            desk_alarms.raise_(tx, kind, "", {"percent": 9, "free": "1 GB", "folder": "/data"}, now)
        first, *_, last = alarms.every_open(tx)
        desk_alarms.seen(tx, first.id, "person:Ρουθ", now)
        desk_alarms.end(tx, last, now)
        for problem in ("", "/data"):
            made = backup_log.begin(tx, "daily", "/data/1", now, sealed=not problem)
            fate = {"problem": problem} if problem else {"verified_at": now, "size": 5_000_000}
            backup_log.change(tx, made, ended_at=now, **fate)
        conversation = conversations.by_public_id(tx, office.conversation(ANNA).public_id)
        assert conversation is not None
        desk_notes.add(tx, conversation, f"@u1 {TEXT}", agent, now)

    office.write(happen)


@pytest.fixture
def panel(filled: Office, boot: Settings) -> Flask:
    """The panel in the made-up language."""
    app = create_app(filled.database, boot, filled.clock, languages=MadeUp())
    app.testing = True
    return app


def _signed_in(panel: Flask, office: Office, username: str) -> Browser:
    def begin(tx: Any) -> str:
        user = store_team.user_by_name(tx, username)
        assert user is not None
        return team.sign_in(tx, user, "test", office.clock())

    browser = Browser(panel.test_client())
    browser.client.set_cookie("sid", office.write(begin), domain="localhost")
    return browser


# --- the walk ----------------------------------------------------------------------------------------


def _rules(panel: Flask) -> list[str]:
    """The addresses of pages: what a browser gets that is no file and no answer to programs."""
    return sorted(
        rule.rule
        for rule in panel.url_map.iter_rules()
        if "GET" in (rule.methods or set())
        and not isinstance(access_of(panel.view_functions[rule.endpoint]), Scope)
        and not rule.rule.startswith(("/static/", "/healthz", "/api/", "/metrics"))
    )


def _addresses(rule: str, office: Office) -> Iterator[str]:
    """Addresses of a page: for one that is about a conversation or a text, of each there is."""
    rule = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule)
    rule = re.sub(r"<int[^>]*:line_id>", str(office.line_id), rule)
    rule = re.sub(r"<int[^>]*>", "1", rule)
    if "<public_id>" in rule and rule.startswith("/conversations/"):
        for peer in (ANNA, BEN, CARA):
            yield rule.replace("<public_id>", office.conversation(peer).public_id)
    elif "<public_id>" in rule and rule.startswith("/messages/"):
        for message in office.messages(direction="outbound"):
            yield rule.replace("<public_id>", message.public_id)
    else:
        yield re.sub(r"<\w+>", "x", rule)


def _escaped(browser: Browser, address: str) -> list[str]:
    answer = browser.get(address)
    if answer.mimetype != "text/html" or answer.status_code in (301, 302, 303, 307, 308):
        return []
    return [f"{address}: {words}" for words in unmarked(browser.html, KNOWN)]


@pytest.mark.parametrize("username", ["u1", "u3", "u4"])
def test_no_word_on_any_page_escapes_the_catalogue(panel: Flask, filled: Office, username: str) -> None:
    browser, found, shown = _signed_in(panel, filled, username), [], 0
    for rule in _rules(panel):
        if rule == "/join/<secret>":
            continue  # whoever is signed in is no newcomer
        for address in _addresses(rule, filled):
            found += _escaped(browser, address)
            shown += browser.answer is not None and browser.answer.status_code == 200
    assert not found, "\n".join(dict.fromkeys(found))
    assert shown > 20


def test_nor_does_one_for_strangers(panel: Flask) -> None:
    browser = Browser(panel.test_client())
    found = [
        word
        for address in ("/sign-in", "/join/x", "/open", "/nowhere")
        for word in _escaped(browser, address)
    ]
    browser.get("/sign-in")
    browser.submit("/sign-in", username="u1", password="wrong")
    found += unmarked(browser.html, KNOWN)
    assert not found, "\n".join(dict.fromkeys(found))


def test_nor_one_of_the_first_run(office: Office, boot: Settings) -> None:
    """Before there is an account, and with nothing in the office."""
    app = create_app(office.database, boot, office.clock, languages=MadeUp())
    browser = Browser(app.test_client())
    found = _escaped(browser, "/")
    browser.submit("/setup/code", code=office.write(setup.new_code))
    found += _escaped(browser, "/setup/account")
    browser.submit("/setup/account", name="", username="u 1", password="x", again="y")
    found += unmarked(browser.html, KNOWN)
    typed = {"name": "Ρουθ", "username": "u1", "password": PASSWORD, "again": PASSWORD}
    browser.submit("/setup/account", **typed)
    found += unmarked(browser.html, KNOWN) + _escaped(browser, "/account")
    office.write(lambda tx: settings.put(tx, "office.second_factor", "offered"))
    for rule in _rules(app):
        if "<" not in rule:
            found += _escaped(browser, rule)
    assert not found, "\n".join(dict.fromkeys(found))


# --- what is typed wrong -----------------------------------------------------------------------------

WRONG: list[tuple[str, str, dict[str, str]]] = [
    ("/settings/hours", "/settings/hours", {"hours.office": "whenever", "limits.contact_day": "x"}),
    ("/settings/hours", "/settings/hours", {"hours.closed": "soon", "hours.holidays": "XX"}),
    ("/settings/office", "/settings/office", {"office.name": "", "office.zone": "x"}),
    ("/settings/office", "/settings/office", {"office.country": "US", "office.zone": ""}),
    ("/settings/backups", "/settings/backups/seal", {"passphrase": "x", "again": "y"}),
    ("/settings/backups", "/settings/backups/seal", {"passphrase": "x", "again": "x"}),
    ("/settings/backups", "/settings/backups/place", {"backup.keep_days": "0"}),
    ("/settings/backups", "/settings/backups/place", {"backup.folder": "/nowhere"}),
    ("/alarms", "/alarms/ways", {"alarms.numbers": "12", "alarms.webhook": "x"}),
    ("/account", "/account/password", {"current": "x"}),
    ("/account", "/account/password", {"current": PASSWORD, "password": "x", "again": "y"}),
    ("/account", "/account/factor/begin", {}),
    ("/conversations/new", "/conversations/new", {"to": "12", "body": TEXT, "key": "k"}),
    ("/conversations/new", "/conversations/new", {"to": ANNA, "body": "", "key": "k"}),
    ("/setup/number", "/setup/number", {"number": "12"}),
    ("/setup/modem", "/setup/modem", {"name": "a b"}),
    ("/setup/modem", "/setup/modem/look", {"address": "x"}),
    ("/setup/test", "/setup/test", {"to": "12"}),
    ("/setup/colleagues", "/setup/colleagues", {"role": "viewer"}),
]
"""Pages, their forms, and what somebody may type there that cannot be taken."""


def test_nor_does_a_refusal(panel: Flask, filled: Office) -> None:
    browser = _signed_in(panel, filled, "u1")
    line, contact = f"/lines/{filled.line_id}", f"/contacts/{contact_id_of(filled, ANNA)}"
    scheduled = next(one.public_id for one in filled.messages(CARA) if one.not_before is not None)
    more = [
        (line, f"{line}/options", {"smsc": "x", "balance": "x", "zone": "x", "fallback": "x"}),
        (line, f"{line}/options", {"fallback_after": "x"}),
        (line, f"{line}/test", {"to": "12"}),
        (f"{contact}/data", f"{contact}/erase", {"typed": "x", "password": "x", "why": "x"}),
        (f"{contact}/data", f"{contact}/export", {"password": "x"}),
        (f"/messages/{scheduled}/change", f"/messages/{scheduled}/change", {"when": "at", "at": ""}),
    ]
    found, refused = [], 0
    for page, action, typed in (*WRONG, *more):
        browser.get(page)
        status = browser.submit(action, **typed).status_code
        refused += status in (409, 422)
        known = {*KNOWN, *typed.values(), *filter(None, typed)} - {""}
        found += [f"{action} {typed}: {words}" for words in unmarked(browser.html, known)]
    assert not found, "\n".join(dict.fromkeys(found))
    assert refused >= len(WRONG) + len(more) - 3, "most of it is refused"


def test_the_walk_sees_what_is_not_marked() -> None:
    """The test of the test: words in the text, in an attribute, and in the place of a sentence."""
    good = f'<p title="{wrapped("A title")}">{wrapped("It waits for {who}").format(who="Άννα")} 12:30</p>'
    assert unmarked(good, set()) == []
    assert unmarked("<p>Not marked</p>", set()) == ["Not marked"]
    assert unmarked('<input aria-label="Not marked">', set()) == ["Not marked"]
    assert unmarked(f"<p>{wrapped('It waits: {why}').format(why='the line is down')}</p>", set()) == [
        "the line is down"
    ]
    assert unmarked('<p class="raw">sms-gateway doctor</p><code>tls init</code>', set()) == []


# --- French ------------------------------------------------------------------------------------------


@pytest.fixture
def french(filled: Office, boot: Settings) -> Browser:
    """An admin of an office that chose French."""
    filled.write(lambda tx: settings.put(tx, "office.language", "fr"))
    app = create_app(filled.database, boot, filled.clock)
    app.testing = True
    return _signed_in(app, filled, "u1")


def test_dates_are_written_as_in_french(french: Browser, filled: Office) -> None:
    french.get("/schedule")
    assert "lun. 3" in french.text and "mercredi 5 mars" in french.text
    french.get(f"/conversations/{filled.conversation(ANNA).public_id}")
    assert "lundi 3 mars" in french.text
    assert "Monday 3" not in french.text and "March" not in french.text


def test_none_and_one_are_singular_in_french(french: Browser, filled: Office) -> None:
    """English counts no texts as many; French does not. Nobody sees "0 SMS attendent"."""
    for number, said in ((ANNA, "3 SMS"), (CARA, "2 SMS")):
        french.get(f"/contacts/{contact_id_of(filled, number)}/data")
        assert said in french.text
    for count, said in ((0, "0 étape"), (1, "1 étape"), (2, "2 étapes")):
        with speaking(languages.of("fr")):
            sentence = tn("{count} step is not done.", "{count} steps are not done.", count)
        assert sentence == f"Il reste {said}."
