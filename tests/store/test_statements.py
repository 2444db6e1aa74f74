"""Every statement of the store runs on SQLite, would run on PostgreSQL, and finds its rows by an index.

Each public function of the store is called once with samples chosen by the names of its parameters, so a
new function is covered, or fails here until it has a sample.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.elements import TextClause

import gateway.store
from gateway.domain import phone
from gateway.domain.conversation import Happened, Priority
from gateway.domain.events import Event
from gateway.domain.hygiene import FRESH
from gateway.domain.inbox import Sort, Tab, Wanted
from gateway.domain.line import Accepted, CannotTell, Slot
from gateway.domain.message import Direction, Outcome, PartState, Purpose, Rank, State, WaitingFor
from gateway.domain.search import OF_TEXTS, Is
from gateway.domain.setup import Standing, Step
from gateway.store import (
    alarms,
    answered,
    audit,
    calls,
    consent,
    contact_list,
    contacts,
    conversation_list,
    conversation_log,
    conversations,
    imports,
    line_figures,
    line_history,
    line_requests,
    loose_ends,
    merges,
    messages,
    notes,
    numbers,
    outbox,
    owed,
    places,
    rates,
    reads,
    received,
    refusals,
    reroutes,
    schedules,
    search_notes,
    search_texts,
    similar,
    starred,
    tags,
    team,
    templates,
    thread_places,
    turns,
)
from gateway.store.agenda import Place
from gateway.store.conversation_list import Reader
from gateway.store.database import Tx
from gateway.store.erasure import Person
from gateway.store.messages import Filter, Waits
from gateway.store.search import Index
from gateway.store.search_where import Where
from gateway.store.sql import one_of
from gateway.store.tables import delivery_reports, parts
from gateway.store.tables import messages as table
from tests.conftest import MONDAY
from tests.office import ANNA, BEN, CARA, OWNER, SIM, Clock, Office

ONLY_SQLITE = {"search", "search_notes", "search_people", "search_texts"}
"""Modules whose statements only SQLite understands; `text()` is used nowhere else."""

NO_STATEMENTS = {
    "database", "feed", "ids", "keys", "schema", "search_where", "sql", "tables", "migrations",
}  # fmt: skip

MODULES = [
    importlib.import_module(f"gateway.store.{found.name}")
    for found in pkgutil.iter_modules(gateway.store.__path__)
    if found.name not in NO_STATEMENTS
]
FUNCTIONS: list[Callable[..., Any]] = [
    function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__
    and not name.startswith("_")
    and "tx" in inspect.signature(function).parameters
]


LINES = frozenset({1, 2})
ONE = frozenset({1})
WHERE = Where(LINES, 1, (1,), frozenset(Is) - OF_TEXTS, has_note=True, user_id=1)
"""All that narrows a search to conversations."""
TALK = SimpleNamespace(id=1, assignee_id=1, last_message_id=1)
"""A conversation that is Sam's."""
LIST = {
    "kind": "contacts", "source": "upload", "file_name": "a.csv", "state": "looked", "created_by": "Sam",
}  # fmt: skip
"""A list of contacts that was brought in."""
EVERY_CONTACT = contact_list.Wanted(
    "a 7700", "customer", "high", "vip", "suspect", True, False, "en", lines=LINES
)
"""All that narrows the table of contacts, but times."""


def _samples(office: Office, message_id: int) -> dict[str, Any]:
    """A value for each name of a parameter."""
    now = office.clock()
    part = office.parts(message_id)[0]
    row = office.message(message_id)
    return {
        "import_ids": [1],
        "ends": ["00900123"],
        "now": now, "at": now, "since": now - timedelta(days=1), "until": now, "after": now, "due_at": now,
        "earliest": now - timedelta(hours=1), "latest": now,
        "line_id": office.line_id, "message_id": message_id, "message_ids": [message_id, 2],
        "part_id": part.id, "conversation_id": row.conversation_id, "conversation_ids": [row.conversation_id],
        "contact_id": 1, "raw_id": 1, "report_id": 1, "row_id": 1, "user_id": 1, "token_id": 1,
        "consent_event_id": None, "public_id": row.public_id, "id_hash": "x", "token_hash": "x",
        "peer": ANNA, "number": ANNA, "numbers": [ANNA, BEN], "recipient": ANNA, "sender": ANNA,
        "rungs": ["reset", "usb"],
        "limit": 5, "cursor": 0, "before": 100, "first": 7, "but": 0, "reference": 7, "wide": False,
        "total": 2, "number_": 1, "attempts_made": 1, "body": "New words", "was": row.body,
        "words": "see nine",
        "rule": "stop", "kind": Event.USER_CHANGED, "name": "office.name", "value": "Acme",
        "verdict": "waits", "rank": Rank.ANSWER, "most": 5, "purposes": {Purpose.MARKETING},
        "reason": "canceled", "why": "test", "actor": "person:Sam", "owner": OWNER,
        "outcome": Outcome.ACCEPTED,
        "code": None, "ended": State.CANCELED, "to": PartState.SUBMITTING, "state": PartState.READY,
        "tpdus": [], "sim": SIM, "pin": "1234", "slot": Slot(SIM, "SM", 1), "pdu": "00",
        "username": "sam", "address": "127.0.0.1", "action": "test", "what": "x", "caller": "t", "key": "k",
        "wanted": Filter(Direction.INBOUND, ANNA, BEN, "received"),
        "ordinary": ["ready"], "message": row, "kinds": [Event.USER_CHANGED.value],
        "edges": [None, now, None],
        "request_id": 1, "detail": "x", "signal_dbm": -71,
        "backup_id": None, "path": "/x", "seconds": 1.5, "problem": "x", "found": {}, "missing": [1],
        "number_hash": "x",
        "secret_hash": "x", "invitation_id": 1, "step": Step.HOURS, "standing": Standing.DONE,
        "alarm_id": 1, "alarm_ids": [1, 2], "notice_id": 1, "way": "text", "subject": "front",
        "rung": "notices",
        "edge": now,
        "reader": READER, "joined_at_id": 0, "tag_id": 1, "tag_ids": [1],
        "import_id": 1, "source_id": 1, "template_id": 1, "template_ids": [1], "filter_id": 1,
        "external_id": "x",
        "kept_id": 1, "merged_id": 2, "merge_id": 1, "from_id": 1, "call_id": 0,
        "owner_id": 1, "owner_ids": [1], "contact_ids": [1, 2], "by": "Sam",
        "line_ids": frozenset({office.line_id}), "lines": LINES,
        "hashes": ["x"], "code_hash": "x", "texts": {"en": "Hi"},
    }  # fmt: skip


OLD_TEXT = {
    "id": -5, "public_id": "msg_old", "conversation_id": 1, "line_id": 1, "direction": "inbound",
    "state": "received", "peer": ANNA, "body": "Old", "segments": 1, "author_kind": "contact",
    "created_at": datetime(2021, 5, 3, tzinfo=UTC), "import_id": 1,
}  # fmt: skip


def _special(office: Office) -> dict[str, dict[str, Any]]:
    """Arguments of functions whose names say too little."""
    now = office.clock()
    sam = {"username": "sam", "name": "Sam", "role": "agent", "password_hash": "x", "created_at": now}
    token = {"public_id": "tok", "name": "shop", "token_hash": "y", "scopes": [], "purposes": []}
    answer = {"caller": "t", "key": "k", "request_hash": "x", "status": 202, "answer": {}}
    session = {"id_hash": "y", "user_id": 1, "last_seen_at": now, "expires_at": now, "created_at": now}
    keep = {"raw_id": 1, "line_id": office.line_id, "sim": SIM, "reference": 7, "recipient": ANNA}
    part = {"raw_id": 1, "message_id": 1, "sender": ANNA, "reference": 7, "wide": False, "total": 2}
    asked = {"line_id": office.line_id, "kind": "ussd", "state": "asked", "asked_by": "person:Sam"}
    call = {"line_id": office.line_id, "conversation_id": 1, "number": ANNA, "rang_seconds": 9}
    texts = search_texts.Wanted(
        ("hello",), (search_texts.Authors(ONE, ONE),), (ONE,), (ONE,), now, now, OF_TEXTS, WHERE
    )
    wanted = replace(EVERY_CONTACT, heard_after=now - timedelta(days=1), heard_before=now)
    return {
        "metric_rows.arrivals": {"last": 9}, "metric_rows.texts": {"last": 9},
        "metric_rows.tries": {"last": 9},
        "metric_rows.reports": {"last": 9}, "metric_rows.recoveries": {"last": 9},
        "metric_rows.undecodable": {"last": 9}, "metric_rows.opt_outs": {"last": 9},
        "metric_rows.sign_ins": {"last": 9},
        "erasure.count": {"person": Person(1, (ANNA,))},
        "erasure.remove_person": {"person": Person(99, ("+12025550188",))},
        "erasure.remove_texts": {"message_ids": [9], "proof_too": True},
        "erasure.remove_raw": {"raw_ids": [9]},
        "erasure.remove_reports": {"reports": [(9, 9)]},
        "erasure.remove_calls": {"call_ids": [9]},
        "erasures.add": {"kind": "contact", "at": now, "actor": "x", "why": "x", "counts": {}},
        "erasures.change": {"erasure_id": 1, "ended_at": now},
        "erasures.add_counts": {"erasure_id": 1, "more": {"messages": 1}},
        "erasures.get": {"erasure_id": 1},
        "erasures.note_rewritten": {"began": now},
        "erasure.remove_loose": {"found": loose_ends.Loose(raw=[9], answers=[("x", "y")])},
        "loose_ends.forget": {"found": loose_ends.Loose(values=[9], answers=[("x", "y")])},
        "loose_ends.reports_of_nobody": {"hashes": {"x"}},
        "retention.kinds_of": {"text_ids": [9]},
        "retention.unheld": {"text_ids": [9], "call_ids": [9]},
        "search.remove": {"bodies": [(9, "x")]},
        "search.newest": {"index": Index.NOTES, "words": ["hello"], "first": 0},
        "search.within": {"end": 0.0},
        "search_texts.page": {"wanted": texts}, "search_texts.rows": {"ids": [1, 2]},
        "search_notes.page": {"wanted": search_notes.Wanted(("between",), (ONE,), (ONE,), now, now, WHERE)},
        "search_notes.rows": {"ids": [1]}, "search_notes.public_id_of": {"note_id": 1},
        "search_people.page": {"words": ["anna", "0770"], "where": WHERE, "after": ("x", 1)},
        "search_people.called": {"words": ["anna"]},
        "search_people.talks": {
            "words": ["sam", "vip"], "where": WHERE, "among": [ONE],
            "after": SimpleNamespace(id=7, last_message_at=now),
        },
        "search_people.tags_called": {"words": ["vip"]},
        "search_people.colleagues_called": {"words": ["sam"]},
        "alarms.add": {"kind": "disk", "detail": {"percent": 9}},
        "alarms.change": {"seen_by": "Sam"},
        "alarms.change_notice": {"tries": 1},
        "alarms.last_told": {"kind": "disk"},
        "backup_log.begin": {"kind": "night", "sealed": True},
        "backup_log.change": {"problem": "x"},
        "calls.add": {**call, "ended_at": now},
        "reroutes.move": {"rerouted_from": "back", "report_wanted": True},
        "line_requests.add": {**asked, "asked_at": now},
        "line_requests.change": {"state": "done"},
        "line_requests.empty_answers": {"before": now},
        "line_requests.forget": {"before": now},
        "line_history.note": {"code": "ready"},
        "line_history.add_sample": {"code": "ready"},
        "messages.add": {
            "conversation_id": 1, "line_id": office.line_id, "direction": "inbound", "state": "received",
            "peer": ANNA, "body": "Hi", "segments": 1, "author_kind": "contact",
        },
        "messages.change": {"reason": "x"},
        "conversations.add": {"line_id": 2},
        "team.note": {"before": {"a": 1}, "after": [1]},
        "conversations.change": {"state": "open"},
        "conversations.follow_priority": {"was": "normal", "now_is": "high"},
        "turns.hurry_earlier": {"priority": Priority.NORMAL},
        "turns.longest_due": {"ranks": tuple(Rank), "due_before": now, "but": frozenset()},
        "turns.follow_priority": {"was": "normal", "now_is": "high"},
        "conversations.kept": {"row": SimpleNamespace(contact_id=1, line_id=office.line_id)},
        "audit.page": {"wanted": audit.Wanted("person:Sam", "user", now - timedelta(days=1), now)},
        "contact_list.page": {"wanted": wanted, "after": ("x", 1)},
        "contact_list.count": {"wanted": wanted}, "contact_list.ids": {"wanted": wanted},
        "contact_list.add_filter": {"public_id": "f", "name": "Ours", "query": {}, "created_at": now},
        "imports.add": {**LIST, "file_name": "b.csv"},
        "imports.change": {"state": "done"},
        "imports.change_row": {"row": 1, "verdict": "same"},
        "imports.forget_content": {"before": now},
        "imports.put_rows": {"rows": [{"row": 2, "given": {}, "verdict": "new"}]},
        "import_sources.add": {"name": "x", "kind": "folder", "place": "/x", "every_minutes": 60},
        "import_sources.change": {"last_problem": "list_empty"},
        "old_texts.free": {"wanted": [1, 1]},
        "old_texts.known": {"public_ids": ["msg_1"]},
        "old_texts.put": {"rows": [OLD_TEXT]},
        "imports.remove_contact": {"contact_id": 3},  # the one without conversations
        "imports.rows": {"after": 0, "verdicts": ["new"], "noted": True},
        "merges.add": {"moved": {"messages": [1]}},
        "merges.since": {"point": merges.Point(1, 1, now)},
        "merges.move_drafts": {"to": 2},
        "merges.take": {"to": 2, "held": {"messages": [1], "notes": [1]}},
        "numbers.add": {"number": phone.parse(CARA)},
        "numbers.put_record": {"row": SimpleNamespace(id=1), "record": FRESH, "heard_at": now},
        "numbers.unused_since": {"before": now, "after_id": 0},
        "similar.inbound": {"words": ["hello"], "not_in": 1},
        "templates.change": {"used": 1},
        "conversations.idle": {"before": now},
        "answered.by_others": {"line_ids": LINES}, "answered.count": {"line_ids": LINES},
        "answered.is_any": {"conversation": TALK}, "answered.see": {"conversation": TALK},
        "starred.page": {"line_ids": LINES, "before": now},
        "notes.add": {"author_id": 1, "author_name": "Sam"},
        "notes.get": {"note_id": 1},
        "notes.after": {"note": SimpleNamespace(id=1, created_at=now)},
        "notes.mention": {"note_id": 1, "user_ids": []},
        "notes.unseen_count": {"line_ids": LINES}, "notes.mentions_of": {"line_ids": LINES},
        "text_drafts.put": {"kind": "reply"},
        "conversation_list.page": {"wanted": Wanted(), "after": LAST},
        "conversation_log.add": {"kind": Happened.CLOSED, "actor": ("person", 1, "Sam"), "at": now},
        "conversation_log.newest": {"kind": Happened.CLOSED},
        "contacts.numbers_ending_like": {"digits": "07700900123"},
        "contacts.find_or_add": {"number": phone.parse(CARA), "name": "Cara"},
        "agenda.page": {"after": Place(), "put_off": {}, "line_ids": LINES},
        "agenda.counts": {
            "edges": [now, now + timedelta(days=2)], "put_off": {(office.line_id, Rank.ANSWER): now},
        },
        "contacts.change": {"name": "Cara"},
        "contacts.live": {"contact": SimpleNamespace(merged_into_id=1)},
        "schedules.replace_parts": {"tpdus": [b"x"]},
        "schedules.news": {"after": 0, "kinds": ["rules.changed"]},
        "schedules.to_decide": {"after": 0},
        "schedules.capped_by_news": {"after": 0, "kinds": ["message.canceled"]},
        "consent.record": {"number": ANNA, "kind": "opt_out", "at": now, "how": "text"},
        "invitations.add": {
            "secret_hash": "x", "role": "agent", "created_at": now, "created_by": "x", "created_by_id": 1,
            "expires_at": now,
        },
        "invitations.change": {"used_at": now},
        "box_state.put": {"name": "clock", "value": {"doubt": None}},
        "held.make_due": {"waits_for": WaitingFor.CLOCK},
        "held.move_attempts": {"after": 1, "by": timedelta(hours=1)},
        "held.newest_record": {"after": 1},
        "holidays.days": {"regions": ["GB"]},
        "holidays.awaited": {"wanted": ["GB"], "day": now.date()},
        "holidays.note_trouble": {"why": "x"},
        "holidays.missing": {"wanted": ["GB"], "today": now.date(), "edition": "1"},
        "holidays.note_countries": {"last_id": 1, "countries": ["GB"]},
        "holidays.numbers_not_looked_at": {"most": 5},
        "holidays.put": {"region": "GB", "found": {now.date(): "x"}, "until": now.date(), "edition": "1"},
        "lines.add": {"name": "side", "port": "/dev/side", "limits": [], "created_at": now},
        "lines.change": {"paused_at": now},
        "lines.by_name": {"name": "front"},
        "outbox.add_parts": {"message_id": 2, "tpdus": [b"x"]},
        "outbox.from_the_future": {"latest": now, "latest_doubt": now},
        "outbox.without_report": {"useful_before": now, "sent_before": now},
        "outbox.begin_attempt": {"number": 1},
        "received.add_raw": {"kind": "deliver", "pdu": "0011"},
        "received.add_part": {**part, "seq": 1, "received_at": now},
        "received.add_report": {**keep, "status": 0, "received_at": now},
        "team.add_user": {**sam, "username": "kim"},
        "team.add_session": session,
        "team.add_token": {**token, "created_at": now},
        "team.change_user": {"name": "Sam S."},
        "team.store_answer": {**answer, "created_at": now},
    }  # fmt: skip


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


@pytest.fixture(scope="module")
def busy_office(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """With a row for each sample to find. Every call is rolled back, so one office does for all."""
    path = Path(shutil.copy(empty_database, tmp_path_factory.mktemp("busy") / "gateway.db"))
    with Office(path, Clock(MONDAY)) as office:
        _furnish(office)
        yield office


def _furnish(office: Office) -> None:
    assert office.add_line("back") == 2
    office.accept(ANNA)
    office.text_from(BEN, "Hello")
    office.report(9, ANNA)
    now = office.clock()
    sam = {"username": "sam", "name": "Sam", "role": "agent", "password_hash": "x", "created_at": now}
    office.write(lambda tx: team.add_user(tx, **sam))
    office.write(lambda tx: alarms.add(tx, "disk", "", {}, now))
    office.write(lambda tx: notes.add(tx, 1, None, "Sam", "between us", now))
    office.write(lambda tx: contacts.add(tx, now, name="Dan"))
    office.write(lambda tx: tags.find_or_add(tx, "vip", now))
    office.write(lambda tx: templates.add(tx, "Thanks", None, "Sam", now))
    office.write(lambda tx: imports.add(tx, now, **LIST))
    office.write(lambda tx: imports.put_rows(tx, 1, [{"row": 1, "given": {}, "verdict": "new"}]))


@pytest.fixture
def seen() -> Iterator[list[ClauseElement]]:
    """Every statement executed."""
    statements: list[ClauseElement] = []

    def collect(_connection: Connection, statement: ClauseElement, *_: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_execute", collect)
    yield statements
    event.remove(Engine, "before_execute", collect)


class _Undo(Exception):
    """Rolls back what a sample call wrote."""


def _call(office: Office, function: Callable[..., Any]) -> None:
    special = _special(office).get(_name(function), {})
    given = {**_samples(office, 1), **special}
    known = inspect.signature(function).parameters
    takes_values = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in known.values())
    arguments = {name: given[name] for name in known if name not in ("tx", "values") and name in given}
    if takes_values:
        arguments |= special
    missing = [
        p.name
        for p in known.values()
        if p.default is p.empty and p.kind is not p.VAR_KEYWORD and p.name not in (*arguments, "tx")
    ]
    assert not missing, f"give {_name(function)} a sample of {missing}"

    def work(tx: Tx) -> None:
        function(tx, **arguments)
        raise _Undo

    with pytest.raises(_Undo):
        office.write(work)


@pytest.mark.parametrize("function", FUNCTIONS, ids=_name)
def test_it_runs_here_and_compiles_for_postgresql(
    busy_office: Office, seen: list[ClauseElement], function: Callable[..., Any]
) -> None:
    _call(busy_office, function)
    if function.__module__.rpartition(".")[2] in ONLY_SQLITE:
        return
    mine = [statement for statement in seen if not _is_of_search(statement)]
    assert mine
    for statement in mine:
        assert not isinstance(statement, TextClause), "text() is for search and pragmas"
        compiled = statement.compile(
            dialect=postgresql.dialect(), compile_kwargs={"render_postcompile": True}
        )
        assert str(compiled)


def _is_of_search(statement: ClauseElement) -> bool:
    return isinstance(statement, TextClause) and "_fts" in statement.text


def test_one_of_writes_the_words_out() -> None:
    """Letter by letter as the partial indexes do."""
    query = select(table.c.id).where(one_of(table.c.state, [State.QUEUED, State.SENDING]))
    written = query.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True})
    assert "IN ('queued', 'sending')" in str(written)
    index = next(index for index in table.indexes if index.name == "ix_messages_outbox")
    condition = index.dialect_options["sqlite"]["where"]
    literal = condition.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    assert "IN ('queued', 'sending')" in str(literal)


# --- plans -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def big_file(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20,000 texts in 100 conversations: half of them over, half on their way, as after a campaign."""
    path = Path(shutil.copy(empty_database, tmp_path_factory.mktemp("big") / "gateway.db"))
    with Office(path, Clock(MONDAY)) as office:
        for _ in range(100):
            office.accept(f"+4477009{len(office.messages()):05}")
        office.send_one(Accepted(1))
        office.send_one(CannotTell("timeout"))
        office.text_from(ANNA, "Hello")
        office.report(77, ANNA)
        office.write(lambda tx: _multiply(tx, office))
        office.write(lambda tx: tx.connection.exec_driver_sql("ANALYZE").close())
    return path


def _multiply(tx: Tx, office: Office) -> None:
    now = office.clock()
    rows = [
        {
            "public_id": f"m{n}", "conversation_id": n % 100 + 1, "line_id": office.line_id,
            "direction": "outbound", "purpose": Purpose.TRANSACTIONAL.value, "state": "delivered",
            "peer": f"+4477009{n % 100:05}", "body": "x", "segments": 1, "author_kind": "token",
            "created_at": now - timedelta(minutes=n), "due_at": now - timedelta(minutes=n),
            "rank": 3, "waiting_for": WaitingFor.RETRY.value if n % 50 == 0 else None,
        }
        for n in range(10_000)
    ]  # fmt: skip
    tx.execute(insert(table), rows)
    later = [{**row, "public_id": f"q{row['public_id']}", "state": "queued"} for row in rows]
    tx.execute(insert(table), later)
    first = tx.scalar(select(table.c.id).where(table.c.public_id == "m0"))
    sent = [
        {
            "message_id": first + n, "seq": 1, "tpdu": b"x", "state": "delivered", "reference": n % 256,
            "submitted_at": now - timedelta(minutes=n), "accepted_at": now - timedelta(minutes=n),
        }
        for n in range(10_000)
    ]  # fmt: skip
    tx.execute(insert(parts), sent)
    raws = [
        {
            "line_id": office.line_id, "kind": "deliver", "pdu": "00", "pdu_hash": f"h{n}", "sim": SIM,
            "slot_store": "SM", "slot_index": n % 30, "received_at": now, "deleted_at": now,
            "message_id": first + n,
        }
        for n in range(10_000)
    ]  # fmt: skip
    tx.execute(insert(received.raw_pdus), raws)
    assert tx.scalar(select(delivery_reports.c.id)) is not None


@pytest.fixture(scope="module")
def big_office(big_file: Path) -> Iterator[Office]:
    with Office(big_file, Clock(MONDAY)) as office:
        yield office


def _queued(tx: Tx) -> Any:
    return messages.by_public_id(tx, "qm7")


LISTS = {f"{tab} {sort}": Wanted(tab, sort) for tab in Tab for sort in Sort} | {
    "line": Wanted(line_id=1),
    "tag": Wanted(tag_id=1),
    "priority": Wanted(priority=Priority.HIGH),
    "unread": Wanted(unread=True),
    "failed": Wanted(failed=True),
    "unclear": Wanted(unclear=True),
}
NOW = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
READER = Reader(1, 0, frozenset({1, 2}))
LAST = SimpleNamespace(id=7, waiting_since=NOW, last_message_at=NOW, priority="normal")


def _page(wanted: Wanted) -> Callable[[Tx, Office], object]:
    """The page after one that ended with a conversation that waits."""
    return lambda tx, _: conversation_list.page(tx, READER, wanted, 50, LAST)


QUERIES: dict[str, Callable[[Tx, Office], Any]] = {
    "turns.head": lambda tx, o: turns.head(tx, o.line_id, o.clock()),
    "turns.next_due": lambda tx, o: turns.next_due(tx, o.line_id, o.clock()),
    "turns.hurry_earlier": lambda tx, o: turns.hurry_earlier(
        tx, 5, 5000, Rank.ANSWER, Priority.NORMAL, o.clock()
    ),
    "turns.longest_due": lambda tx, o: turns.longest_due(
        tx, o.line_id, o.clock(), tuple(Rank), o.clock(), frozenset()
    ),
    "turns.follow_priority": lambda tx, o: turns.follow_priority(tx, 5, "normal", "high"),
    "conversations.priority": lambda tx, o: conversations.priority(tx, 5),
    "rates.left": lambda tx, o: rates.left(tx, o.line_id, 300),
    "rates.texts_to": lambda tx, o: rates.texts_to(
        tx, ANNA, {Purpose.TRANSACTIONAL}, o.clock() - timedelta(days=1), 3
    ),
    "messages.last_heard": lambda tx, o: messages.last_heard(tx, ANNA, 5000),
    "outbox.submitting": lambda tx, o: outbox.submitting(tx),
    "outbox.to_resend": lambda tx, o: outbox.to_resend(tx, o.line_id, o.clock()),
    "outbox.unsent_to": lambda tx, o: outbox.unsent_to(tx, ANNA),
    "owed.last": lambda tx, o: owed.last(tx, o.line_id),
    "refusals.newest_outcome": lambda tx, o: refusals.newest_outcome(tx, o.line_id),
    "refusals.last": lambda tx, o: refusals.last(tx, o.line_id, 60),
    "refusals.ended_with": lambda tx, o: refusals.ended_with(tx, 1, "CMS 38"),
    "outbox.overdue": lambda tx, o: outbox.overdue(tx, o.clock()),
    "outbox.was_sent_again": lambda tx, o: outbox.was_sent_again(tx, 1),
    "outbox.counts": lambda tx, o: outbox.counts(tx, o.line_id),
    "messages.thread": lambda tx, o: messages.thread(tx, 5, before=5000),
    "messages.after": lambda tx, o: messages.after(tx, 5, 5000),
    "messages.get": lambda tx, o: messages.get(tx, 5),
    "messages.page from": lambda tx, o: messages.page(tx, Filter(sender=ANNA), 50),
    "messages.page to": lambda tx, o: messages.page(tx, Filter(recipient=ANNA), 50, before=5000),
    "messages.page state": lambda tx, o: messages.page(tx, Filter(state="failed"), 50),
    "messages.page scheduled": lambda tx, o: messages.page(tx, Filter(scheduled=True), 50),
    "messages.page waits": lambda tx, o: messages.page(
        tx, Filter(waits=Waits(WaitingFor.LINE, o.clock(), (o.line_id,))), 50
    ),
    "messages.due": lambda tx, o: messages.due(tx, Filter(), 50, (o.clock() - timedelta(hours=9), 7)),
    "schedules.to_decide": lambda tx, o: schedules.to_decide(tx, 0, 50),
    "schedules.to_decide line": lambda tx, o: schedules.to_decide(tx, 0, 50, line_id=o.line_id),
    "schedules.to_decide conversation": lambda tx, o: schedules.to_decide(tx, 0, 50, conversation_id=5),
    "schedules.to_decide capped": lambda tx, o: schedules.to_decide(tx, 0, 50, capped=ANNA),
    "schedules.capped_by_news": lambda tx, o: schedules.capped_by_news(tx, 5, ["message.canceled"]),
    "schedules.if_unanswered": lambda tx, o: schedules.if_unanswered(tx, 5),
    "schedules.was_tried": lambda tx, o: schedules.was_tried(tx, 5),
    "contacts.by_number": lambda tx, o: contacts.by_number(tx, ANNA),
    "messages.answer_exists": lambda tx, o: messages.answer_exists(tx, ANNA, "stop", o.clock()),
    **{f"conversation_list.page {name}": _page(wanted) for name, wanted in LISTS.items()},
    "conversation_list.counts": lambda tx, o: conversation_list.counts(tx, READER),
    "conversation_list.counts line": lambda tx, o: conversation_list.counts(tx, READER, 1),
    "conversation_list.unread_count": lambda tx, o: conversation_list.unread_count(tx, READER),
    "conversation_list.scheduled_in": lambda tx, o: conversation_list.scheduled_in(tx, [1, 2, 3]),
    "conversations.due_to_wake": lambda tx, o: conversations.due_to_wake(tx, o.clock(), 50),
    "conversations.next_wake": lambda tx, o: conversations.next_wake(tx),
    "conversations.idle": lambda tx, o: conversations.idle(tx, o.clock(), 50),
    "conversations.of_assignee": lambda tx, o: conversations.of_assignee(tx, 1),
    "answered.count": lambda tx, o: answered.count(tx, 1, o.clock() - timedelta(days=30), None),
    "answered.by_others": lambda tx, o: answered.by_others(tx, 1, o.clock() - timedelta(days=30), LINES),
    "answered.is_any": lambda tx, o: answered.is_any(tx, 1, TALK),  # type: ignore[arg-type]
    "notes.between": lambda tx, o: notes.between(tx, 5, o.clock() - timedelta(days=1), o.clock()),
    "notes.newest": lambda tx, o: notes.newest(tx, 5),
    "notes.page": lambda tx, o: notes.page(tx, 5, 50, 1000),
    "notes.is_any_unseen": lambda tx, o: notes.is_any_unseen(tx, 1, 5),
    "notes.unseen_count": lambda tx, o: notes.unseen_count(tx, 1, None),
    "notes.mentions_of": lambda tx, o: notes.mentions_of(tx, 1, None, 51, 1000),
    "starred.page": lambda tx, o: starred.page(tx, None, 51, o.clock()),
    "thread_places.bodies": lambda tx, o: list(thread_places.bodies(tx, 5, 20_000)),
    "thread_places.first_since": lambda tx, o: thread_places.first_since(tx, 5, o.clock()),
    "messages.newest": lambda tx, o: messages.newest(tx, 5),
    "messages.since": lambda tx, o: messages.since(tx, 5, 100, 20),
    "consent.between": lambda tx, o: consent.between(tx, ANNA, o.clock() - timedelta(days=1), o.clock()),
    "conversation_log.between": lambda tx, o: conversation_log.between(
        tx, 5, o.clock() - timedelta(days=1), o.clock()
    ),
    "reads.unread_among": lambda tx, o: reads.unread_among(tx, 1, 0, [1, 2, 3]),
    "conversations.trouble": lambda tx, o: conversations.trouble(tx, [1, 2, 3]),
    "calls.newest_in": lambda tx, o: calls.newest_in(tx, [1, 2, 3]),
    "calls.of_line": lambda tx, o: calls.of_line(tx, o.line_id),
    "calls.withheld": lambda tx, o: calls.withheld(tx, o.line_id, 8),
    "calls.between": lambda tx, o: calls.between(tx, 5, o.clock() - timedelta(days=1), o.clock()),
    "places.queue": lambda tx, o: places.queue(tx, o.line_id, o.clock(), 200),
    "places.after_another": lambda tx, o: places.after_another(tx, _queued(tx), o.clock()),
    "line_figures.queue": lambda tx, o: line_figures.queue(tx, o.line_id),
    "line_figures.load": lambda tx, o: line_figures.load(tx, o.line_id, o.clock()),
    "line_figures.last_out": lambda tx, o: line_figures.last_out(tx, o.line_id),
    "line_figures.last_in": lambda tx, o: line_figures.last_in(tx, o.line_id),
    "line_figures.last_trouble": lambda tx, o: line_figures.last_trouble(tx, o.line_id, ["ready"]),
    "line_history.log": lambda tx, o: line_history.log(tx, o.line_id, "state"),
    "line_history.taken_since": lambda tx, o: line_history.taken_since(
        tx, o.line_id, ["reset"], o.clock() - timedelta(days=1)
    ),
    "line_history.down_since": lambda tx, o: line_history.down_since(tx, o.line_id),
    "line_history.last_sample": lambda tx, o: line_history.last_sample(tx, o.line_id),
    "line_history.samples": lambda tx, o: line_history.samples(tx, o.line_id, o.clock()),
    "reroutes.untouched": lambda tx, o: reroutes.untouched(tx, o.line_id, o.clock(), 200),
    "reroutes.staying": lambda tx, o: reroutes.staying(tx, o.line_id, [1, 2, 3]),
    "line_requests.open_requests": lambda tx, o: line_requests.open_requests(tx),
    "line_requests.newest": lambda tx, o: line_requests.newest(tx, o.line_id, "ussd"),
    "received.accepted_with": lambda tx, o: received.accepted_with(tx, o.line_id, 7, o.clock()),
    "received.without_reference_between": lambda tx, o: received.without_reference_between(
        tx, o.line_id, o.clock() - timedelta(minutes=5), o.clock()
    ),
    "received.unmatched_reports": lambda tx, o: received.unmatched_reports(tx, o.line_id, 7, o.clock()),
    "received.pdus_of": lambda tx, o: received.pdus_of(tx, [1, 2, 3]),
    "received.is_reread": lambda tx, o: received.is_reread(tx, Slot(SIM, "SM", 3), "00"),
    "received.mark_removed": lambda tx, o: received.mark_removed(tx, Slot(SIM, "SM", 3), o.clock()),
    "received.twin": lambda tx, o: received.twin(tx, SIM, "00", o.clock()),
    "audit.page": lambda tx, o: audit.page(tx, audit.Wanted("person:Sam", "user"), 50, 1000),
    "contacts.by_external_id": lambda tx, o: contacts.by_external_id(tx, "x"),
    "contacts.is_seen": lambda tx, o: contacts.is_seen(tx, 5, LINES),
    "conversations.kept": lambda tx, o: conversations.kept(
        tx,
        SimpleNamespace(contact_id=5, line_id=o.line_id),  # type: ignore[arg-type]
    ),
    "conversations.follow_priority": lambda tx, o: conversations.follow_priority(tx, 5, "normal", "high"),
    "imports.rows": lambda tx, o: imports.rows(tx, 1, 0, 50, ["new"], noted=True),
    "imports.tally": lambda tx, o: imports.tally(tx, 1),
    "imports.is_listed": lambda tx, o: imports.is_listed(tx, ANNA, o.clock()),
    "merges.held_by": lambda tx, o: merges.held_by(tx, 5),
    "merges.take": lambda tx, o: merges.take(tx, 5, 6, {name: [1, 2] for name in merges.HELD}),
    "merges.since": lambda tx, o: merges.since(tx, 5, merges.Point(100, 100, NOW), [ANNA, BEN]),
    "merges.newest": lambda tx, o: merges.newest(tx),
    "merges.newest_inbound": lambda tx, o: merges.newest_inbound(tx, 5),
    "merges.waiting_since": lambda tx, o: merges.waiting_since(tx, 5),
    "merges.reads_of": lambda tx, o: merges.reads_of(tx, 5),
    "merges.move_drafts": lambda tx, o: merges.move_drafts(tx, 5, 6),
    "numbers.of": lambda tx, o: numbers.of(tx, [1, 2, 3]),
    "numbers.had_by": lambda tx, o: numbers.had_by(tx, 5),
    "numbers.sharers": lambda tx, o: numbers.sharers(tx, [ANNA, BEN]),
    "numbers.unused_since": lambda tx, o: numbers.unused_since(tx, o.clock(), 5, 50),
    "similar.to_answer": lambda tx, o: similar.to_answer(tx, 5),
    "similar.is_answered": lambda tx, o: similar.is_answered(tx, 5),
    "similar.answer_to": lambda tx, o: similar.answer_to(tx, 5, 100),
    "tags.of_contacts": lambda tx, o: tags.of_contacts(tx, [1, 2, 3]),
    "received.message_of_set": lambda tx, o: received.message_of_set(tx, 1, ANNA, 7, False, 2, o.clock()),
}


def _plans(office: Office, query: Callable[[Tx, Office], Any]) -> list[str]:
    """EXPLAIN QUERY PLAN of each statement a query runs, with the very values it runs with."""
    ran: list[tuple[str, Any]] = []

    def collect(_c: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        ran.append((statement, values))

    def work(tx: Tx) -> list[str]:
        event.listen(Engine, "before_cursor_execute", collect)
        try:
            query(tx, office)
        finally:
            event.remove(Engine, "before_cursor_execute", collect)
        return [
            row[3]
            for statement, values in ran
            for row in tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    return office.write(work)


@pytest.mark.parametrize("name", QUERIES)
def test_rows_are_found_by_an_index(big_office: Office, name: str) -> None:
    plan = _plans(big_office, QUERIES[name])
    assert plan
    big = ("messages", "parts", "raw_pdus", "delivery_reports", "earlier", "last", "conversations")
    big += ("calls", "line_log", "line_samples", "line_requests")
    big += ("notes", "mentions", "conversation_log", "consent_events", "reads")
    big += ("audit", "contacts", "contact_tags", "phone_numbers", "number_owners", "import_rows")
    big += ("text_drafts",)
    scans = [step for step in plan if step.startswith(tuple(f"SCAN {each}" for each in big))]
    allowed = (
        "SCAN conversations USING INDEX ix_conversations_recent",
        "SCAN line_requests USING INDEX ix_line_requests_open",  # it holds the open ones alone
    )
    assert [step for step in scans if not step.startswith(allowed)] == [], plan


def test_slots_are_found_by_what_lies_in_them_now(big_office: Office) -> None:
    """A SIM is one for years: its rows must not all be walked to clear one slot."""
    (step,) = _plans(big_office, QUERIES["received.mark_removed"])
    assert "slot_store=? AND slot_index=?" in step


def test_the_queue_is_walked_in_its_order(big_office: Office) -> None:
    plan = _plans(big_office, QUERIES["turns.head"])
    place = "ix_messages_outbox (line_id=? AND rank=? AND priority=? AND due_at<?)"
    assert any(place in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


def test_the_next_due_time_is_read_off_an_index(big_office: Office) -> None:
    plan = _plans(big_office, QUERIES["turns.next_due"])
    assert any("ix_messages_due (line_id=? AND due_at>?)" in step for step in plan), plan
