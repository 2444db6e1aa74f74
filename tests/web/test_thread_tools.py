"""Finding one's way in a thread, its header, stars, who is there, and taking it out as a file."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from gateway.desk import contacts as desk_contacts
from gateway.domain.line import Accepted, MissedCall
from gateway.store import contacts, team
from gateway.store.tables import audit
from gateway.web.presence import LASTS_S, Doing, Presence
from tests.office import ANNA as NADIA
from tests.office import SAM, Office
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD

People = Callable[[str], Browser]


def _place(office: Office, number: str = NADIA) -> str:
    return f"/conversations/{office.conversation(number).public_id}"


def _user_id(office: Office, username: str) -> int:
    user = office.read(lambda tx: team.user_by_name(tx, username))
    assert user is not None
    return int(user.id)


def _log(browser: Browser) -> str:
    return browser.html.split('role="log"')[1].split('id="announced"')[0]


# --- what happened -----------------------------------------------------------------------------------


def test_what_happened_stands_between_the_texts_in_words(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "before")
    place = _place(office)
    for path, fields in (
        ("assign", {"to": "me"}),
        ("assign", {"to": str(_user_id(office, "admin"))}),
        ("assign", {"to": ""}),
        ("priority", {"priority": "urgent"}),
        ("tags", {"add": "crown"}),
        ("close", {}),
    ):
        office.clock.step(minutes=1)
        anna.get(place)
        anna.submit(f"{place}/{path}", back=place, **fields)
    office.clock.step(minutes=1)
    office.text_from(NADIA, "after")
    anna.get(place)
    said = [
        re.sub(r"<[^>]*>", "", one) for one in re.findall(r'<p class="happened" [^>]*>(.*?)</p>', _log(anna))
    ]
    assert said == [
        "Taken on by Anna Reid 09:31",
        "Assigned to Ruth Lindqvist by Anna Reid 09:32",
        "Given back to everybody by Anna Reid 09:33",
        "Priority set to urgent by Anna Reid 09:34",
        "Tagged crown by Anna Reid 09:35",
        "Closed by Anna Reid 09:36",
        "Open again: they wrote 09:37",
    ]
    html = _log(anna)
    assert html.index("before") < html.index("Taken on by") < html.index("Closed by") < html.index(">after<")


def test_consent_and_missed_calls_stand_there_too(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "STOP")
    office.clock.step(minutes=1)
    office.hear(MissedCall(NADIA, 18.4))
    office.clock.step(minutes=1)
    office.text_from(NADIA, "START")
    anna.get(_place(office))
    html = _log(anna)
    assert (
        html.index("They asked us to stop")
        < html.index("Missed call, rang 18 s")
        < html.index("They allowed texts")
    )
    assert 'class="happened happened-bad"' in html


def test_each_event_stands_on_one_page_of_a_long_thread(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "first")
    place = _place(office)
    anna.get(place)
    anna.submit(f"{place}/notes", body="an early note")
    for n in range(60):
        office.clock.step(minutes=1)
        office.text_from(NADIA, f"text {n}")
    anna.submit(f"{place}/notes", body="a late note")
    anna.get(place)
    assert "a late note" in _log(anna) and "an early note" not in _log(anna)
    anna.get(re.findall(r'class="older-link" href="([^"]*)"', anna.html)[0])
    assert "an early note" in _log(anna) and "a late note" not in _log(anna)


# --- header ------------------------------------------------------------------------------------------


def test_the_header_says_whose_it_is_and_how_it_stands(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    assert ">Assign</summary>" in anna.html
    anna.submit(f"{place}/assign", to="me", back=place)
    assert ">Yours</summary>" in anna.html
    anna.submit(f"{place}/priority", priority="high", back=place)
    anna.submit(f"{place}/tags", add="crown", back=place)
    office.text_from(NADIA, "STOP")
    anna.get(place)
    chips = re.findall(
        r'<span class="chip[^"]*">([^<]*)</span>', anna.html.split('id="head-chips"')[1].split("</p>")[0]
    )
    assert chips == ["Stopped", "High", "crown"]
    assert 'href="tel:+447700900123"' in anna.html


def test_closing_offers_undo(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    anna.submit(f"{place}/close")
    assert "Closed." in anna.page.text and "Undo" in anna.buttons()
    assert office.conversation(NADIA).state == "closed"
    form = {**anna.page.forms[f"{place}/reopen"], "why": "undo", "back": place}
    anna.answer = anna.client.post(f"{place}/reopen", data=form, follow_redirects=True)
    assert office.conversation(NADIA).state == "open" and "Undo" not in anna.buttons()
    assert "Closing undone by Anna Reid" in anna.text


def test_a_viewer_is_offered_nothing_that_changes(browser_of: People, office: Office) -> None:
    office.text_from(NADIA, "hello")
    viewer = browser_of("viewer")
    viewer.get(_place(office))
    assert not {"Close", "To me", "Add tag", "Undo", "Star"} & set(viewer.buttons())
    assert "Find" in viewer.buttons()


# --- finding -----------------------------------------------------------------------------------------


def test_words_are_found_whatever_their_accents_from_hit_to_hit(anna: Browser, office: Office) -> None:
    for n in range(120):
        office.text_from(NADIA, f"La réparation {n}" if n in (3, 60, 110) else f"text {n}")
    place, pages = _place(office), []
    anna.get(f"{place}?find=REPARATION")
    for _ in range(3):
        pages.append(re.findall(r"<mark>(\w+)</mark> (\d+)", anna.html))
        link = re.search(r'href="([^"]*)">Older one</a>', anna.html)
        if link:
            anna.get(link[1].replace("&amp;", "&"))
    assert pages == [[("réparation", hit)] for hit in ("110", "60", "3")]
    assert "3 of 3" in anna.text and "Older one" not in anna.text and "Newer one" in anna.text
    anna.get(f"{place}?find=nowhere")
    assert "No text and no note with these words" in anna.text


def test_a_day_is_jumped_to(browser_of: People, office: Office) -> None:
    for n in range(90):
        office.text_from(NADIA, f"on day {n}")
        office.clock.step(hours=24)
    anna, day = browser_of("agent"), office.messages()[20].created_at.date()
    anna.get(f"{_place(office)}?on={day}")
    assert "on day 20<" in _log(anna) and "on day 89<" not in _log(anna)
    anna.get(f"{_place(office)}?on=2001-01-01")
    assert "on day 0<" in _log(anna)
    for none in ("2999-01-01", "nonsense"):
        anna.get(f"{_place(office)}?on={none}")
        assert "on day 89<" in _log(anna)


# --- stars -------------------------------------------------------------------------------------------


def test_a_good_answer_is_starred_found_again_and_let_go(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    anna.submit(f"{place}/messages", body="Rinse with salt water.")
    message = office.messages(direction="outbound")[0]
    anna.press(f"Star: {message.body}")
    assert "Starred" in _log(anna)
    anna.get("/starred")
    assert "Rinse with salt water." in anna.text and "Starred by Anna Reid" in anna.text
    anna.get(_template_link(anna))
    assert "Rinse with salt water." in anna.page.forms["/settings/templates/new"].values()
    anna.get(place)
    anna.press(f"Take the star off: {message.body}")
    anna.get("/starred")
    assert "No text has a star" in anna.text


def _template_link(browser: Browser) -> str:
    found = re.search(r'href="(/settings/templates/new[^"]*)"', browser.html)
    return found[1] if found else ""


def test_only_our_own_words_are_made_a_template_and_not_by_a_viewer(
    anna: Browser, office: Office, browser_of: Callable[[str], Browser]
) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    anna.press("Star: hello")
    anna.get("/starred")
    assert "hello" in anna.text and _template_link(anna) == ""
    anna.get(place)
    anna.submit(f"{place}/messages", body="Rinse with salt water.")
    anna.press("Star: Rinse with salt water.")
    anna.get("/starred")
    assert anna.html.count("/settings/templates/new") == 1
    viewer = browser_of("viewer")
    viewer.get("/starred")
    assert "Rinse with salt water." in viewer.text and _template_link(viewer) == ""


# --- who is there ------------------------------------------------------------------------------------


def test_who_else_reads_or_writes_is_said(anna: Browser, browser_of: People, office: Office) -> None:
    office.text_from(NADIA, "hello")
    ruth, place = browser_of("admin"), _place(office)
    for browser in (anna, ruth):
        browser.get(place)
    token = ruth.page.forms["act"]["csrf_token"]
    for doing, said in (
        ("reading", "Ruth Lindqvist is reading this too"),
        ("writing", "Ruth Lindqvist is writing…"),
    ):
        assert (
            ruth.client.post(f"{place}/presence", data={"csrf_token": token, "doing": doing}).status_code
            == 204
        )
        anna.get(place)
        assert said in anna.text
    ruth.get(place)
    assert "Ruth Lindqvist is" not in ruth.text
    ruth.client.post(f"{place}/presence", data={"csrf_token": token, "doing": "gone"})
    anna.get(place)
    assert "Ruth Lindqvist is" not in anna.text
    assert ruth.client.post(f"{place}/presence", data={"csrf_token": token, "doing": "x"}).status_code == 422


def test_saying_who_is_there_writes_nothing(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    token, events = anna.page.forms["act"]["csrf_token"], office.event_kinds()
    anna.client.post(f"{place}/presence", data={"csrf_token": token, "doing": "writing"})
    anna.get(place)
    assert office.event_kinds() == events


def test_who_says_nothing_for_long_is_gone() -> None:
    now = [0.0]
    there = Presence(lambda: now[0])
    there.say("cnv_1", 1, 1, "Anna", Doing.READING)
    there.say("cnv_1", 1, 2, "Tom", Doing.WRITING)
    there.say("cnv_2", 2, 3, "Ruth", Doing.READING)
    assert there.others("cnv_1", 9) == [("Tom", Doing.WRITING), ("Anna", Doing.READING)]
    assert there.since(0, None) == (["cnv_1", "cnv_2"], 3)
    assert there.since(0, frozenset({2})) == (["cnv_2"], 3)
    there.say("cnv_1", 1, 1, "Anna", Doing.READING)  # nothing new
    assert there.since(3, None) == ([], 3)
    now[0] = LASTS_S + 1
    assert there.others("cnv_1", 9) == []
    there.say("cnv_1", 1, 1, "Anna", Doing.GONE)
    assert there.others("cnv_2", 9) == []


# --- files -------------------------------------------------------------------------------------------


def _full(office: Office) -> None:
    network = office.clock() - timedelta(seconds=40)
    office.text_from(NADIA, "=HYPERLINK(1)\n+2 <script>", when=network)
    office.write(
        lambda tx: desk_contacts.set_name(tx, contacts.by_number(tx, NADIA).id, "@Nadia", SAM, office.clock())  # type: ignore[union-attr]
    )
    office.clock.step(minutes=1)
    office.accept(NADIA, "Friday at ten")
    office.send_one(Accepted(7))
    office.clock.step(minutes=1)
    office.report(7, NADIA)
    office.hear(MissedCall(NADIA, 18.4))


def _export(browser: Browser, office: Office, form: str, **more: str) -> Any:
    place = f"{_place(office)}/thread-export"
    browser.get(place)
    return browser.submit(place, password=PASSWORD, form=form, **more)


def test_row_65_a_thread_goes_out_as_a_table_without_formulas(browser_of: People, office: Office) -> None:
    _full(office)
    answer = _export(browser_of("admin"), office, "csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="thread.csv"'
    written = answer.get_data(as_text=True).removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(written)))
    assert [row["kind"] for row in rows if row["kind"] != "event"] == ["text", "text", "call"]
    assert rows[0]["words"] == "'=HYPERLINK(1)\n'+2 <script>"
    assert all(
        line.startswith('"')
        for line in answer.get_data(as_text=True).removeprefix("\ufeff").split("\r\n")[:-1]
    )


def test_all_three_times_stand_side_by_side(browser_of: People, office: Office) -> None:
    _full(office)
    ruth = browser_of("admin")
    found = json.loads(_export(ruth, office, "json").get_data(as_text=True))
    theirs, ours, call = (entry for entry in found["entries"] if entry["kind"] != "event")
    assert theirs["our_time"] == "2025-03-03T09:30:00+00:00"
    assert theirs["network_time"] == "2025-03-03T09:29:20+00:00"
    assert theirs["words"] == "=HYPERLINK(1)\n+2 <script>"
    assert found["with"] == {"name": "@Nadia", "number": NADIA}
    assert ours["delivery_time"] is not None and ours["what"] == "delivered" and ours["by"] == "Sam"
    assert call["what"] == "Missed call, rang 18 s"
    page = _export(ruth, office, "html").get_data(as_text=True)
    assert "2025-03-03T09:29:20Z" in page and "&lt;script&gt;" in page and "<script" not in page
    assert "Delivered" in page and "entries" in page


def test_notes_go_out_only_where_somebody_wants_them(browser_of: People, office: Office) -> None:
    _full(office)
    ruth = browser_of("admin")
    ruth.get(_place(office))
    ruth.submit(f"{_place(office)}/notes", body="between us")
    for form in ("html", "csv", "json"):
        assert "between us" not in _export(ruth, office, form).get_data(as_text=True)
        assert "between us" in _export(ruth, office, form, notes="yes").get_data(as_text=True)


def test_an_export_asks_for_the_password_and_the_right_and_is_written_down(
    browser_of: People, anna: Browser, office: Office
) -> None:
    _full(office)
    ruth, place = browser_of("admin"), f"{_place(office)}/thread-export"
    ruth.get(place)
    assert ruth.submit(place, password="wrong", form="csv").status_code == 422
    assert "not your password" in ruth.text

    def noted() -> list[str]:
        return office.read(
            lambda tx: [row.action for row in tx.execute(select(audit)) if row.action == "thread.export"]
        )

    assert noted() == []
    _export(ruth, office, "csv")
    assert noted() == ["thread.export"]
    assert anna.get(place).status_code == 403
    anna.get(_place(office))
    assert "Export" not in anna.page.text


def test_row_62_and_63_hostile_words_in_a_thread_are_text(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, '<script>alert(1)</script>" onmouseover="x')
    office.text_from(NADIA, "gnp\u202e.exe")
    office.text_from(NADIA, "http://user@evil.example")
    anna.get(_place(office))
    html = _log(anna)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34; onmouseover=&#34;x" in html and "<script" not in html
    assert "\u202e" not in html and html.count("U+202E") == 2
    assert 'class="bubble" dir="auto"' in html and "The link leads to evil.example" in html
