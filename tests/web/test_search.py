"""The page of a search: groups, words marked, filters typed or chosen, on the lines one may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.desk import notes
from gateway.desk.drafts import Author
from gateway.domain.language import ENGLISH, speak
from gateway.domain.line import Received
from gateway.store import contacts, conversations, settings
from gateway.store import team as store_team
from gateway.store.database import Tx
from tests.office import ANNA, BEN, Office, delivers
from tests.web.browser import Browser


def name(office: Office, number: str, called: str) -> None:
    def act(tx: Tx) -> None:
        row = contacts.by_number(tx, number)
        assert row is not None
        contacts.change(tx, row.id, name=called)

    office.write(act)


def note(office: Office, number: str, body: str) -> str:
    def act(tx: Tx) -> str:
        user = store_team.user_by_name(tx, "agent")
        row = conversations.by_public_id(tx, office.conversation(number).public_id)
        assert user is not None and row is not None
        made = notes.add(tx, row, body, Author("person", user.id, user.name), office.clock())
        return str(tx.connection.exec_driver_sql(f"SELECT public_id FROM notes WHERE id={made}").scalar_one())

    return office.write(act)


def hits(browser: Browser) -> list[str]:
    return [
        piece.split('"')[0].replace("&amp;", "&") for piece in browser.html.split('class="hit" href="')[1:]
    ]


def test_what_is_found_stands_in_groups_with_the_words_marked(anna: Browser, office: Office) -> None:
    office.text_from(ANNA, "About the crown <b>on Friday</b>")
    office.text_from(BEN, "hello")
    name(office, BEN, "Ben Crowne")
    note(office, BEN, "A crowned head; l'œuvre")
    anna.get("/search?q=crown")
    headings = [piece.split("<")[0] for piece in anna.html.split('<h2 id="g-')[1:]]
    assert [one.partition(">")[2] for one in headings] == ["People", "Texts", "Internal notes"]
    assert "<mark>crown</mark> &lt;b&gt;on Friday" in anna.html and "<mark>crown</mark>ed head" in anna.html
    assert "You: A" in anna.text
    anna.get("/search?q=oeuv")
    assert "<mark>œuv</mark>re" in anna.html


def test_a_hit_in_a_note_opens_the_thread_at_the_note(anna: Browser, office: Office) -> None:
    office.text_from(ANNA, "the first")
    office.clock.step(minutes=1)
    note_id = note(office, ANNA, "Afraid of the drill")
    for n in range(120):
        office.clock.step(minutes=1)
        office.text_from(ANNA, f"later {n}")
    anna.get("/search?q=afraid+drill")
    (link,) = hits(anna)
    path, _, fragment = link.partition("#")
    assert fragment == note_id
    anna.get(path)
    assert f'id="{note_id}"' in anna.html and "<mark>Afraid</mark> of the <mark>drill</mark>" in anna.html
    assert "1 of 1" in anna.text, "finding in a thread finds notes too"


def test_filters_are_chosen_in_a_form_and_written_as_they_are_typed(anna: Browser, office: Office) -> None:
    office.text_from(ANNA, "crown")
    answer = anna.client.get(
        "/search/filters?words=the+crown&with=anna+lee&by=me&is=failed&tag=&after=2026-05-03&has=note"
    )
    assert answer.status_code == 303
    query = parse_qs(urlsplit(answer.headers["Location"]).query)["q"]
    assert query == ['the crown by:me with:"anna lee" is:failed after:2026-05-03 has:note']
    anna.get(answer.headers["Location"])
    assert '<option value="failed" selected>' in anna.html and 'value="2026-05-03"' in anna.html
    assert '<option value="me" selected>' in anna.html and 'value="anna lee"' in anna.html
    assert "Nobody is called “anna lee”." in anna.text


def test_what_was_not_understood_is_said(anna: Browser) -> None:
    anna.get("/search?q=colour:red+is:odd+before:soon")
    for said in (
        "There is no filter “colour:”",
        "“is:odd” was left out. There are: is:failed",
        "names no day",
    ):
        assert said in anna.text


def test_older_results_follow_by_key(anna: Browser, office: Office) -> None:
    for n in range(120):
        office.clock.step(minutes=1)
        office.text_from(ANNA, f"crown {n}")
    anna.get("/search?q=crown")
    assert len(hits(anna)) == 6
    seen: list[str] = []
    place = "/search?q=crown&kind=texts"
    while place:
        anna.get(place)
        seen += hits(anna)
        more = anna.html.split(">Older ones<")[0].rpartition('href="')[2].rstrip('"')
        place = more.replace("&amp;", "&") if ">Older ones<" in anna.html else ""
    assert len(seen) == len(set(seen)) == 120


def test_one_finds_what_is_on_ones_own_lines(browser_of: Callable[[str], Browser], office: Office) -> None:
    back = office.add_line("back")
    office.text_from(ANNA, "crown in front")
    (pdu,) = delivers(BEN, "crown of the hidden", office.clock())
    office.hear(Received(pdu, office.slot()), back)
    name(office, BEN, "Ben Crown")
    note(office, BEN, "crown, a hidden note")
    browser = browser_of("agent")
    browser.get("/search?q=crown")
    assert "Ben Crown" in browser.text and "hidden" in browser.text

    def limit(tx: Any) -> None:
        user = store_team.user_by_name(tx, "agent")
        assert user is not None
        store_team.limit_to(tx, user.id, frozenset({office.line_id}))

    office.write(limit)
    for typed in (
        "crown",
        "hidden",
        "ben",
        "900124",
        "is:open",
        "has:note",
        "with:ben",
        "line:back",
        "after:2020",
    ):
        browser.get("/search", query_string={"q": typed})
        for words in ("Ben Crown", "hidden note", "of the hidden", ">back<"):
            assert words not in browser.html, (typed, words)


@pytest.mark.parametrize("typed", ['"', "*", "NEAR(a", "x" * 10_000, "\0", '"a" ' * 1500, 'tag:" OR 1=1 --'])
def test_no_search_is_an_error(anna: Browser, office: Office, typed: str) -> None:
    office.text_from(ANNA, "hello")
    assert anna.get("/search", query_string={"q": typed}).status_code == 200
    assert anna.get("/search", query_string={"q": typed, "kind": "texts", "after": typed}).status_code == 200


def test_it_is_searched_in_french(anna: Browser, office: Office) -> None:
    office.text_from(ANNA, "La Réparation est prête")
    office.write(lambda tx: settings.put(tx, "office.language", "fr"))
    anna.get("/search?q=reparat+est:ouvert")
    assert "<mark>Réparat</mark>ion" in anna.html and "SMS" in anna.text
    answer = anna.client.get("/search/filters?words=reparat&is=open&by=me")
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["q"] == ["reparat par:me est:ouvert"]
    speak(ENGLISH)


@pytest.mark.parametrize("zone", ["Europe/London", "Pacific/Auckland", "America/Los_Angeles"])
@pytest.mark.parametrize(
    "typed", ["on:9999-12-31", "after:9999", "before:9999", "after:0001", "before:0001", "on:0001-01-01"]
)
def test_days_at_the_ends_of_all_time_are_searched(
    anna: Browser, office: Office, zone: str, typed: str
) -> None:
    office.write(lambda tx: settings.put(tx, "office.zone", zone))
    assert anna.get(f"/search?q={typed}").status_code == 200
