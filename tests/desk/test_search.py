"""Searching over everything: each group, each filter, on the lines one may see, whatever is typed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, update

from gateway.desk import blocking, conversation_state, notes, search
from gateway.desk import contacts as desk_contacts
from gateway.desk.drafts import Author
from gateway.desk.search import Searcher
from gateway.domain import folding
from gateway.domain.language import ENGLISH, speaking
from gateway.domain.line import Received
from gateway.domain.old_texts import place
from gateway.domain.search import Kind, parse
from gateway.store import contacts, conversations, search_texts
from gateway.store import messages as stored_messages
from gateway.store import search as index
from gateway.store import settings as store_settings
from gateway.store.database import Tx
from gateway.store.tables import messages
from tests.office import ANNA, BEN, CARA, Office, delivers

FRENCH = "+33612345678"


def found(
    office: Office,
    typed: str,
    who: Searcher | None = None,
    *kinds: Kind,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, list[str]]:
    """What is found, by group: names or numbers of people and conversations, words of texts and notes."""

    def look(tx: Tx) -> dict[str, list[str]]:
        question = search.question(tx, parse(typed, office.clock().date()), who or Searcher())
        groups = search.find(tx, question, kinds or set(Kind), limit, after).groups
        return {
            kind.value: [_called(tx, row) for row in group.rows]
            for kind, group in groups.items()
            if group.rows
        }

    return office.read(look)


def _called(tx: Tx, row: Any) -> str:
    if "body" in row._fields:
        return str(row.body)
    return str(row.name or (contacts.numbers_of(tx, row.id) if "sought" in row._fields else [row.peer])[0])


def troubles(office: Office, typed: str, who: Searcher | None = None) -> list[str]:
    def look(tx: Tx) -> list[str]:
        question = search.question(tx, parse(typed, office.clock().date()), who or Searcher())
        return [str(one) for one in question.troubles]

    with speaking(ENGLISH):
        return office.read(look)


def call(office: Office, number: str, **values: Any) -> int:
    """Note who somebody is."""

    def act(tx: Tx) -> int:
        row = contacts.by_number(tx, number)
        assert row is not None
        desk_contacts.change(tx, row.id, values, Author("person", 1, "Sam"), office.clock())
        return int(row.id)

    return office.write(act)


def note(office: Office, number: str, body: str, author: Author) -> None:
    def act(tx: Tx) -> None:
        row = conversations.by_public_id(tx, office.conversation(number).public_id)
        assert row is not None
        notes.add(tx, row, body, author, office.clock())

    office.write(act)


def state(office: Office, number: str, act: Callable[..., Any], *args: Any) -> None:
    def change(tx: Tx) -> None:
        row = conversations.by_public_id(tx, office.conversation(number).public_id)
        act(tx, row, *args, Author("person", 1, "Sam"), office.clock())

    office.write(change)


# --- what there is -----------------------------------------------------------------------------------


def test_words_find_texts_without_accents_and_by_their_beginning(office: Office) -> None:
    office.text_from(ANNA, "La Réparation de l’œuvre")
    office.text_from(BEN, "unprepared")
    for typed in ("reparat", "REPARATION", "répar", "oeuvre", "œuv", "oeu rep", "réparation"):
        assert found(office, typed) == {"texts": ["La Réparation de l’œuvre"]}, typed
    assert found(office, "paration") == {}
    assert found(office, "l") == {"texts": ["La Réparation de l’œuvre"]}, "one letter is a whole word"
    assert found(office, "r") == {}


def test_pieces_of_numbers_find_people_in_any_writing(office: Office) -> None:
    office.text_from(FRENCH, "bonjour")
    office.text_from(ANNA, "hello")
    for typed in ("234567", "06 12 34", "0612345678", "+33 6 12 34 56 78", "612-345", "06.12.34"):
        assert found(office, typed) == {"people": [FRENCH]}, typed
    assert found(office, "33 99") == {}
    assert found(office, "44") == {}, "two digits are in every number"


def test_people_are_found_by_all_that_is_noted_of_them(office: Office) -> None:
    office.text_from(ANNA, "hello")
    contact_id = call(
        office,
        ANNA,
        name="Zoé Farrell",
        company="Crown & Sons",
        email="z@mill.example",
        address="12 Quay Road",
    )
    own, who = {"policy": "AX-4711"}, Author("person", 1, "Sam")
    office.write(lambda tx: desk_contacts.set_own_fields(tx, contact_id, own, who, office.clock()))
    office.write(lambda tx: desk_contacts.tag(tx, contact_id, "Recall", who, office.clock()))
    for typed in (
        "zoe",
        "farr crown",
        "mill.example",
        "12 quay",
        "ax 4711",
        "AX-4711",
        "recal",
        "zoe recall 900123",
    ):
        assert found(office, typed) == {"people": ["Zoé Farrell"]}, typed
    assert found(office, "zoe 900124") == {}
    assert found(office, "tag:recall")["people"] == ["Zoé Farrell"]
    assert found(office, "tag:RECALL line:front")["conversations"] == ["Zoé Farrell"]


def test_conversations_are_found_by_their_tags_and_whose_they_are(office: Office) -> None:
    kim = office.person("Kim")
    for number in (ANNA, BEN, CARA):
        office.text_from(number, "hello")
    state(office, ANNA, conversation_state.assign, kim)
    state(office, BEN, conversation_state.tag, "insurance")
    state(office, CARA, conversation_state.close)
    assert found(office, "kim") == {"conversations": [ANNA]}
    assert found(office, "insur") == {"conversations": [BEN]}
    assert found(office, "is:closed") == {"conversations": [CARA]}
    assert found(office, "is:mine", Searcher(kim)) == {"conversations": [ANNA]}
    assert found(office, "is:unassigned is:open") == {"conversations": [BEN]}
    assert found(office, "is:closed hello") == {"texts": ["hello"]}
    assert found(office, "is:waiting tag:insurance") == {"conversations": [BEN]}
    assert found(office, "is:open 900123") == {"conversations": [ANNA]}


def test_notes_are_found_and_by_whom_they_are(office: Office) -> None:
    sam, kim = (Author("person", office.person(name), name) for name in ("Sam", "Kim"))
    office.text_from(ANNA, "hello")
    office.text_from(BEN, "hello too")
    note(office, ANNA, "Prefers mornings, afraid of the drill", sam)
    assert found(office, "afraid drill") == {"notes": ["Prefers mornings, afraid of the drill"]}
    assert found(office, "by:sam afraid") == {"notes": ["Prefers mornings, afraid of the drill"]}
    assert found(office, "from:me afraid", Searcher(kim.id)) == {}
    assert found(office, "has:note") == {
        "conversations": [ANNA],
        "notes": ["Prefers mornings, afraid of the drill"],
    }
    assert found(office, "has:note hello") == {"texts": ["hello"]}


def test_texts_are_found_by_who_wrote_them_and_to_whom(office: Office, any_hour: None) -> None:
    sam, kim = (Author("person", office.person(name), name) for name in ("Sam", "Kim"))
    office.text_from(ANNA, "is the crown ready")
    office.text_from(BEN, "crown please")
    call(office, ANNA, name="Anna Lee")
    call(office, BEN, name="Ben Samson")
    office.accept(ANNA, "the crown is ready", author=sam)
    office.accept(BEN, "no crown yet", author=kim)
    me = Searcher(sam.id)
    assert found(office, "from:me", me)["texts"] == ["the crown is ready"]
    assert found(office, "from:anna crown")["texts"] == ["is the crown ready"]
    assert found(office, "from:sam crown")["texts"] == ["the crown is ready", "crown please"], (
        "Sam and Samson"
    )
    assert found(office, "by:sam crown")["texts"] == ["the crown is ready"]
    assert found(office, "to:anna")["texts"] == ["the crown is ready"]
    assert found(office, 'with:"anna lee" crown')["texts"] == ["the crown is ready", "is the crown ready"]
    assert found(office, "with:900124 by:kim")["texts"] == ["no crown yet"]
    assert found(office, "from:nobody crown") == {}
    assert troubles(office, "from:nobody") == ["Nobody is called “nobody”."]
    assert troubles(office, "by:anna") == ["Nobody is called “anna”."], "no colleague"
    assert troubles(office, "from:me is:mine") == [
        "“from:me” needs somebody who is signed in.",
        "“is:mine” needs somebody who is signed in.",
    ]


def test_texts_are_found_by_what_became_of_them(office: Office, any_hour: None) -> None:
    office.accept(ANNA, "one that fails")
    office.text_from(BEN, "starred words")
    starred = office.messages(BEN)[0]
    office.write(
        lambda tx: stored_messages.change(tx, starred.id, starred_at=office.clock(), starred_by="Sam")
    )
    assert found(office, "is:scheduled")["texts"] == ["one that fails"]
    (row,) = office.messages(ANNA)
    office.write(
        lambda tx: tx.execute(update(messages).where(messages.c.id == row.id).values(state="failed")) and None
    )
    assert found(office, "is:failed")["texts"] == ["one that fails"]
    assert found(office, "is:failed words") == {}
    assert found(office, "is:starred wor")["texts"] == ["starred words"]
    assert found(office, "is:unconfirmed") == {}


def test_days_are_the_offices(office: Office) -> None:
    office.write(lambda tx: store_settings.put(tx, "office.zone", "Europe/London"))
    office.clock.now = datetime(2026, 4, 30, 23, 30, tzinfo=UTC)  # 1 May in London
    office.text_from(ANNA, "in May")
    office.clock.now = datetime(2026, 4, 30, 22, 30, tzinfo=UTC)
    office.text_from(ANNA, "in April")
    office.clock.now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    office.text_from(ANNA, "in June")
    for typed, texts in (
        ("before:2026-05", ["in April"]),
        ("after:2026-05", ["in June", "in May"]),
        ("on:2026-05", ["in May"]),
        ("on:2026-05-01 in", ["in May"]),
        ("after:2026-05 before:2026-06 in", ["in May"]),
        ("on:today", ["in June"]),
        ("after:2026-07", None),
    ):
        assert found(office, typed).get("texts") == texts, typed


def test_a_history_that_was_brought_in_is_found_by_its_own_days(office: Office) -> None:
    office.text_from(ANNA, "new words")
    (row,) = office.messages()
    at = office.clock() - timedelta(days=2000)

    def bring(tx: Tx) -> None:
        message_id = stored_messages.add(
            tx,
            at,
            id=place(at),
            conversation_id=row.conversation_id,
            line_id=row.line_id,
            direction="inbound",
            state="received",
            peer=ANNA,
            body="old words",
            segments=1,
            author_kind="contact",
            import_id=1,
        )
        assert message_id < 0

    office.write(bring)
    assert found(office, "old words")["texts"] == ["old words"]
    assert found(office, "words")["texts"] == ["new words", "old words"]
    assert found(office, f"on:{at.year}")["texts"] == ["old words"]
    assert found(office, f"before:{at.year + 1} words")["texts"] == ["old words"]
    assert found(office, f"after:{at.year - 1} words")["texts"] == ["new words", "old words"]
    assert found(office, f"after:{at.year + 1} words")["texts"] == ["new words"]


def test_blocked_people_are_found(office: Office) -> None:
    office.text_from(ANNA, "insults")
    contact_id = call(office, ANNA, name="Anna Lee")
    who = Author("person", 1, "Sam")
    office.write(lambda tx: blocking.block(tx, contact_id, "Insults", who, office.clock()))
    office.text_from(ANNA, "more insults")
    assert found(office, "anna")["people"] == ["Anna Lee"]
    assert found(office, "more insults")["texts"] == ["more insults"]
    assert found(office, "is:blocked")["people"] == ["Anna Lee"]


def test_what_is_not_there_is_said_with_what_there_is(office: Office) -> None:
    assert troubles(office, "tag:vip") == ["There is no tag “vip”: there are none yet."]
    office.text_from(ANNA, "hello")
    state(office, ANNA, conversation_state.tag, "Recall")
    assert troubles(office, "tag:vip") == ["There is no tag “vip”. There are: Recall."]
    assert troubles(office, "line:back") == ["There is no line “back”. There are: front."]
    assert found(office, "tag:vip hello") == found(office, "line:back hello") == {}


# --- lines -------------------------------------------------------------------------------------------


def test_one_finds_only_what_is_on_the_lines_one_may_see(office: Office) -> None:
    back = office.add_line("back")
    sam = Author("person", office.person(), "Sam")
    office.text_from(ANNA, "crown in front")
    (pdu,) = delivers(BEN, "crown in the back", office.clock())
    office.hear(Received(pdu, office.slot()), back)
    for number in (ANNA, BEN):
        note(office, number, f"crown of {number}", sam)
        state(office, number, conversation_state.tag, "vip")
    call(office, BEN, name="Ben Back")
    limited = Searcher(sam.id, 0, frozenset({office.line_id}))
    for typed in (
        "crown",
        "900124",
        "ben",
        "tag:vip",
        "has:note",
        "is:open",
        "by:sam",
        "with:900124",
        "from:ben",
        "vip",
        "is:blocked",
        "line:back",
        "line:back crown",
        "after:2020",
        "from:me",
        "is:unread",
    ):
        every = str(found(office, typed, Searcher(sam.id)))
        seen = str(found(office, typed, limited))
        assert not any(words in seen for words in ("back", "Back", BEN)), typed
        assert typed in ("is:blocked",) or any(words in every for words in ("back", "Back", BEN)), typed
    assert troubles(office, "line:back", limited) == ["There is no line “back”. There are: front."]
    assert troubles(office, "with:ben", limited) == ["Nobody is called “ben”."]


# --- whatever is typed -------------------------------------------------------------------------------

SYNTAX = [
    '"',
    "*",
    "NEAR(a b)",
    "a AND",
    "OR",
    "NOT a",
    "body:a",
    "^a",
    "a + b",
    "{a}",
    "-a",
    "(",
    ")",
    "'",
    ";",
    "%",
    "_",
    "\\",
    "\0",
    "a\0b",
    '""""',
    "NEAR",
    "messages_fts",
    "x" * 10_000,
    '"a" * ' * 2000,
    "é\u0301" * 50,
]


@pytest.mark.parametrize("typed", SYNTAX, ids=lambda typed: typed[:12])
def test_the_syntax_of_the_index_is_only_words(office: Office, typed: str) -> None:
    office.text_from(ANNA, "a hello")
    found(office, typed)
    found(office, f"from:{typed} tag:{typed} line:{typed} with:{typed} before:{typed} is:{typed}")


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_anything_may_be_typed(office: Office, typed: str) -> None:
    found(office, typed)


LETTERS = st.text("abeéèoœuçñßÀ ÉL-'’09.,\u0301", max_size=24)


@given(LETTERS, LETTERS)
@example("bœuf", "bo")
@example("œ", "o\u0301")
@example("œoe", "oeoe")
@example("oeœ", "œoe")
@example("ñaß", "nas")
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_index_and_we_mean_the_same_words(office: Office, body: str, typed: str) -> None:
    """Few texts are looked at by us, many by the index: both find the same."""
    words = [word for word in folding.words(typed) if len(word) > 1]
    if not words:
        return

    def look(tx: Tx) -> list[int]:
        index.add(tx, 77, body)
        hits = [one for some in index.newest(tx, index.Index.TEXTS, words, 0, 100, 9) for one in some]
        index.remove(tx, [(77, body)])
        return hits

    ours = folding.begin(body, [folding.folded(word) for word in words])
    assert (office.write(look) == [77]) is ours


# --- pages and how long it takes ---------------------------------------------------------------------


def many(office: Office, count: int) -> None:
    """So many texts of one conversation, every tenth with another word."""
    office.text_from(ANNA, "the first")
    (row,) = office.messages()
    base = {
        "conversation_id": row.conversation_id,
        "line_id": row.line_id,
        "direction": "inbound",
        "state": "received",
        "peer": ANNA,
        "segments": 1,
        "author_kind": "contact",
    }

    def fill(tx: Tx) -> None:
        rows = [
            {
                **base,
                "public_id": f"m{n}",
                "body": f"word {'rare' if n % 10 == 0 else 'often'} n{n}",
                "created_at": office.clock() + timedelta(seconds=n),
            }
            for n in range(count)
        ]
        tx.execute(insert(messages), rows)
        tx.connection.exec_driver_sql("INSERT INTO messages_fts (messages_fts) VALUES ('rebuild')").close()

    office.write(fill)


@pytest.mark.parametrize("typed", ["word", "word rare", "with:900123 word", "after:2020", "is:open rare"])
def test_pages_follow_each_other_by_key(office: Office, typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    many(office, 300)
    whole = found(office, typed, None, Kind.TEXTS, limit=1000)["texts"]
    for few in (search_texts.FEW, 0):
        monkeypatch.setattr(search_texts, "FEW", few)
        pages, after = [], None
        while True:
            wanted = office.read(
                lambda tx: search.question(tx, parse(typed, office.clock().date()), Searcher())
            )
            group = office.read(lambda tx, w=wanted, a=after: search.find(tx, w, {Kind.TEXTS}, 17, a)).groups[
                Kind.TEXTS
            ]
            pages += [row.body for row in group.rows]
            after = group.following
            if after is None:
                break
        assert pages == whole


def test_few_among_many_are_looked_for_a_stretch_at_a_time(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(office, 400)
    office.write(
        lambda tx: (
            tx.execute(update(messages).where(messages.c.id == 20).values(state="unconfirmed")) and None
        )
    )
    monkeypatch.setattr(index, "LOOKED_AT", 150)
    monkeypatch.setattr(search_texts, "LOOKED_AT", 150)
    monkeypatch.setattr(search_texts, "FEW", 0)
    asked = office.read(
        lambda tx: search.question(tx, parse("is:unconfirmed word", office.clock().date()), Searcher())
    )
    after, stretches, hits = None, 0, []
    while True:
        group = office.read(lambda tx, a=after: search.find(tx, asked, {Kind.TEXTS}, 10, a)).groups[
            Kind.TEXTS
        ]
        stretches, after = stretches + 1, group.following
        hits += [row.id for row in group.rows]
        if after is None:
            break
        assert group.is_cut
    assert (stretches, hits) == (3, [20])


def test_a_search_is_stopped_when_it_takes_too_long(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    many(office, 3000)
    monkeypatch.setattr(search, "LASTS_AT_MOST", -1.0)
    monkeypatch.setattr(index, "_STEPS", 10)
    asked = office.read(lambda tx: search.question(tx, parse("word", office.clock().date()), Searcher()))
    assert office.read(lambda tx: search.find(tx, asked, set(Kind), 10)).stopped
    monkeypatch.undo()
    assert not office.read(lambda tx: search.find(tx, asked, set(Kind), 10)).stopped, "the connection goes on"


PLANS = [
    "crown tooth",
    "234567",
    "06 12 34",
    "from:me crown",
    "from:anna",
    "with:anna crown",
    "to:anna",
    "by:sam",
    "is:failed",
    "is:unconfirmed crown",
    "is:scheduled",
    "is:starred",
    "is:open crown",
    "is:mine",
    "is:snoozed",
    "is:waiting",
    "is:unread",
    "is:blocked",
    "is:closed",
    "tag:vip",
    "tag:vip crown",
    "line:front crown",
    "has:note",
    "has:note crown",
    "before:2026-05",
    "after:2024 crown",
    "on:2025-03-03",
]


LARGE = re.compile(
    "SCAN (messages|contacts|conversations|notes|noted|phone_numbers|contact_tags|conversation_tags|reads)\\b"
)


@pytest.mark.parametrize("typed", PLANS)
@pytest.mark.parametrize("lines", [None, frozenset({1})], ids=["all lines", "some"])
def test_no_search_walks_a_table(office: Office, typed: str, lines: frozenset[int] | None) -> None:
    """But those of the office itself, which are short: its colleagues, lines, tags."""
    many(office, 30)
    office.person("Sam")
    call(office, ANNA, name="Anna")
    state(office, ANNA, conversation_state.tag, "vip")
    asked: list[tuple[str, Any]] = []

    def look(tx: Tx) -> list[str]:
        connection = tx.connection

        def note_it(_c: object, _cursor: object, statement: str, given: object, *_: object) -> None:
            asked.append((statement, given))

        event.listen(connection, "before_cursor_execute", note_it)
        question = search.question(tx, parse(typed, office.clock().date()), Searcher(1, 0, lines))
        search.find(tx, question, set(Kind), 5)
        event.remove(connection, "before_cursor_execute", note_it)
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", given).all() for one, given in asked]
        return [step[3] for plan in plans for step in plan]

    steps = office.read(look)
    walked = [step for step in steps if LARGE.match(step) and "INDEX" not in step]
    assert walked == []
    assert steps


def test_the_time_of_a_search_is_bounded(office: Office) -> None:
    many(office, 2000)
    began = time.monotonic()
    found(office, " ".join(f"w{n}" for n in range(3000)))
    assert time.monotonic() - began < search.LASTS_AT_MOST + 3
