"""STOP and START: the words, the suppression, what is canceled, and exactly one confirmation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.desk import consent as desk_consent
from gateway.domain.consent import START_WORDS, STOP_WORDS
from gateway.domain.line import Accepted, Received, Removed, Slot
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import Refused
from gateway.store import consent
from gateway.store.database import Tx
from tests.office import ANNA, BEN, SHOP, Office, delivers


def _suppressed(office: Office, number: str = ANNA) -> bool:
    return office.read(lambda tx: consent.suppression(tx, number)) is not None


def _answers(office: Office, number: str = ANNA) -> list[str | None]:
    return [message.rule for message in office.messages(number, "outbound") if message.rule]


def _log(office: Office) -> list[dict[str, str]]:
    path = Path(office.path.parent, "suppressions.log")
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_stop_does_all_of_it_at_once(office: Office) -> None:
    waiting = [office.accept(ANNA), office.accept(ANNA, purpose=Purpose.TRANSACTIONAL, author=SHOP)]
    other = office.accept(BEN)
    commits = office.database.commits
    office.text_from(ANNA, "STOP")
    assert office.database.commits == commits + 1
    assert _suppressed(office)
    assert [office.state(m) for m in (*waiting, other)] == ["canceled", "canceled", "queued"]
    assert {office.message(m).reason for m in waiting} == {"opted_out"}
    (event,) = office.read(lambda tx: consent.history(tx, ANNA))
    assert (event.kind, event.how, event.words) == ("opt_out", "text", "STOP")
    assert "consent.changed" in office.event_kinds()
    (answer,) = (m for m in office.messages(ANNA, "outbound") if m.rule)
    assert (answer.rule, answer.purpose, answer.state) == ("stop", "compliance", "queued")
    assert answer.body.startswith("You will get no more texts from Our office.")
    assert answer.reply_to_id == event.message_id


def test_a_confirmation_that_could_not_go_for_days_is_not_followed_by_another(office: Office) -> None:
    office.text_from(ANNA, "STOP")
    office.clock.step(hours=26)
    office.text_from(ANNA, "STOP")
    assert _answers(office) == ["stop"], "the one that still waits"
    office.send_one(Accepted(7))
    office.clock.step(hours=23)
    office.text_from(ANNA, "STOP")
    assert _answers(office) == ["stop"], "they read it less than a day ago"
    office.clock.step(hours=2)
    office.text_from(ANNA, "STOP")
    assert _answers(office) == ["stop", "stop"]


@pytest.mark.parametrize("word", sorted(STOP_WORDS))
@pytest.mark.parametrize("form", ["{}", "{up}", " {title}. ", "\n{up}!\n", "«{}»", "{}\u200b"])
def test_words_that_stop(office: Office, word: str, form: str) -> None:
    office.text_from(ANNA, form.format(word, up=word.upper(), title=word.title()))
    assert _suppressed(office)
    assert _answers(office) == ["stop"]


@pytest.mark.parametrize(
    "body",
    [
        "stop it",
        "Please stop",
        "nonstop",
        "st op",
        "s-t-o-p",
        "ЅТОР",
        "STOP?no",
        "the end",
        "",
        "...",
        "ST0P",
        "10",
    ],
)
def test_look_alikes_do_nothing(office: Office, body: str) -> None:
    office.accept()
    office.text_from(ANNA, body)
    assert not _suppressed(office)
    assert _answers(office) == []
    assert office.conversation(ANNA).waiting_since is not None


def test_nothing_is_accepted_for_them_any_more(office: Office) -> None:
    office.text_from(ANNA, "STOP")
    before = len(office.messages())
    with pytest.raises(Refused) as refused:
        office.accept(ANNA)
    assert (refused.value.key, refused.value.refusal.number) == ("opted_out", 21610)
    assert "3 March 2025" in refused.value.text
    assert len(office.messages()) == before
    office.accept(BEN)


def test_stop_counts_on_every_line(office: Office) -> None:
    waiting = office.accept(ANNA)
    (pdu,) = delivers(ANNA, "STOP", office.clock())
    office.hear(Received(pdu, Slot("other sim", "SM", 1)), line_id=office.add_line("back"))
    assert office.state(waiting) == "canceled"


def test_one_confirmation_a_day(office: Office) -> None:
    for number in range(3):
        office.text_from(ANNA, "STOP")
        if number == 0:
            office.send_one(Accepted(7))
        office.clock.step(hours=7)
    assert _answers(office) == ["stop"]
    office.clock.step(hours=10)
    office.text_from(ANNA, "STOP")
    assert _answers(office) == ["stop", "stop"]


def test_a_twin_in_another_slot_is_not_confirmed_again(office: Office) -> None:
    pdu = office.text_from(ANNA, "STOP")
    office.clock.step(hours=25)
    office.hear(Received(pdu, office.slot()))
    assert _answers(office) == ["stop"]
    assert len(office.messages(ANNA, "inbound")) == 2


def test_a_stop_read_again_after_start_does_not_count(office: Office) -> None:
    slot = office.slot()
    pdu = office.text_from(ANNA, "STOP", slot=slot)
    office.clock.step(minutes=1)
    office.text_from(ANNA, "START")
    office.hear(Received(pdu, slot))
    office.hear(Removed(slot))
    office.hear(Received(pdu, slot))
    assert not _suppressed(office)


@pytest.mark.parametrize("word", sorted(START_WORDS))
def test_words_that_start_again(office: Office, word: str) -> None:
    office.text_from(ANNA, "STOP")
    office.text_from(ANNA, f" {word.upper()}! ")
    assert not _suppressed(office)
    assert _answers(office) == ["stop", "start"]
    assert [e.kind for e in office.read(lambda tx: consent.history(tx, ANNA))] == ["opt_out", "opt_in"]
    office.accept(ANNA)


def test_start_of_somebody_who_never_stopped_is_an_ordinary_text(office: Office) -> None:
    office.text_from(ANNA, "START")
    assert _answers(office) == []
    assert office.read(lambda tx: consent.history(tx, ANNA)) == []
    assert office.conversation(ANNA).waiting_since is not None


def test_other_words_of_somebody_who_stopped_do_not_start(office: Office) -> None:
    office.text_from(ANNA, "STOP")
    office.text_from(ANNA, "Yes please")
    assert _suppressed(office)


@pytest.mark.parametrize("sender", ["MyBank", "*100#"])
def test_a_stop_from_what_cannot_be_texted_is_shown_and_nothing_else(office: Office, sender: str) -> None:
    office.text_from(sender, "STOP")
    assert not _suppressed(office, sender)
    assert office.messages(direction="outbound") == []
    assert len(office.messages(direction="inbound")) == 1


def test_a_stop_from_a_withheld_number_is_shown_and_nothing_else(office: Office) -> None:
    office.text_from("", "STOP")
    (message,) = office.messages()
    assert (message.peer, message.body) == ("", "STOP")
    conversation = office.conversation("")
    assert conversation.last_inbound_id > conversation.seen_message_id, "a person must look at it"
    assert conversation.waiting_since is None, "nobody can answer it"


def test_a_short_code_may_stop(office: Office) -> None:
    office.text_from("60777", "STOP")
    assert _suppressed(office, "60777")
    assert _answers(office, "60777") == ["stop"]


def test_a_long_stop_counts_when_it_is_whole(office: Office) -> None:
    first, second = delivers(ANNA, "stop" + " " * 160, office.clock())
    office.hear(Received(second, office.slot()))
    assert not _suppressed(office)
    office.hear(Received(first, office.slot()))
    assert _suppressed(office)


# --- the log beside the database ---------------------------------------------------------------------


def test_the_log_holds_every_change_and_no_number(office: Office) -> None:
    office.text_from(ANNA, "STOP")
    stopped = office.clock()
    office.clock.step(hours=1)
    office.text_from(ANNA, "START")
    number_hash = office.database.keys.number_hash(ANNA)
    assert _log(office) == [
        {"at": stopped.isoformat(), "kind": "opt_out", "number_hash": number_hash},
        {"at": office.clock().isoformat(), "kind": "opt_in", "number_hash": number_hash},
    ]
    assert ANNA not in Path(office.path.parent, "suppressions.log").read_text()
    assert Path(office.path.parent, "suppressions.log").stat().st_mode & 0o777 == 0o600


def test_the_log_is_synced_before_the_commit(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    keys = type(office.database.keys)
    log_suppression = keys.log_suppression

    def logged(*given: object) -> None:
        log_suppression(*given)  # type: ignore[arg-type]
        order.append(f"logged, {len(_log(office))} on disk, suppressed: {_suppressed(office)}")

    monkeypatch.setattr(keys, "log_suppression", logged)
    office.text_from(ANNA, "STOP")
    assert order == ["logged, 1 on disk, suppressed: False"]
    assert _suppressed(office)


def test_an_opt_out_that_cannot_be_logged_is_not_taken(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text then stays on the device and is read again; it is never half done."""

    def fails(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    waiting = office.accept()
    monkeypatch.setattr(type(office.database.keys), "log_suppression", fails)
    with pytest.raises(PermissionError):
        office.text_from(ANNA, "STOP")
    assert (office.state(waiting), office.messages(direction="inbound")) == ("queued", [])


def test_hashes_differ_from_box_to_box(office: Office, tmp_path: Path) -> None:
    from gateway.store.keys import Keys

    other = Keys(tmp_path / "other")
    assert other.number_hash(ANNA) != office.database.keys.number_hash(ANNA)
    assert Keys(tmp_path / "other").number_hash(ANNA) == other.number_hash(ANNA)
    assert (tmp_path / "other" / "secret.key").stat().st_mode & 0o777 == 0o600


def test_the_confirmation_is_the_last_thing_they_get(office: Office) -> None:
    def left(tx: Tx) -> int:
        from gateway.store import outbox

        return sum(outbox.counts(tx, office.line_id).values())

    for _ in range(5):
        office.accept(ANNA)
    office.text_from(ANNA, "Stop.")
    assert office.send_one(Accepted(1)).message_id == office.messages(ANNA, "outbound")[-1].id
    office.clock.step(days=1)
    assert office.claim() is None
    assert office.read(left) == 0


def test_stop_from_a_number_in_national_writing_stops_the_one_we_know(office: Office) -> None:
    """No country is set: the network's national form cannot be placed, but we know who it must be."""
    waiting = office.accept(ANNA)
    office.text_from("0" + ANNA.removeprefix("+44"), "STOP")
    assert office.state(waiting) == "canceled"
    assert _suppressed(office)


def test_stop_that_fits_two_people_stops_both_and_confirms_to_neither(office: Office) -> None:
    alike = "+33" + ANNA.removeprefix("+44")[1:]
    waiting = [office.accept(ANNA), office.accept(alike)]
    office.text_from("0" + ANNA.removeprefix("+44"), "STOP")
    assert [office.state(m) for m in waiting] == ["canceled", "canceled"]
    assert _suppressed(office) and _suppressed(office, alike)
    assert _answers(office) == _answers(office, alike) == []


def test_a_second_stop_before_the_confirmation_went_leaves_it_waiting(office: Office) -> None:
    office.text_from(ANNA, "STOP")
    office.text_from(ANNA, "Stop!")
    (answer,) = [message for message in office.messages(ANNA, "outbound") if message.rule]
    assert answer.state == "queued"


def _start_anew(office: Office) -> int:
    return office.write(desk_consent.take_from_log)


def test_a_stop_that_a_crash_left_in_the_log_alone_counts_at_the_next_start(office: Office) -> None:
    office.database.keys.log_suppression("opt_out", office.database.keys.number_hash(ANNA), office.clock())
    assert _start_anew(office) == 1
    assert _suppressed(office) and not _suppressed(office, BEN)
    assert _start_anew(office) == 0
    office.text_from(ANNA, "STOP")
    assert _answers(office) == ["stop"]


def test_a_start_whose_line_a_crash_took_is_written_again(office: Office) -> None:
    office.text_from(ANNA, "STOP")
    stopped = Path(office.path.parent, "suppressions.log").read_text()
    office.clock.step(days=1)
    office.text_from(ANNA, "START")
    Path(office.path.parent, "suppressions.log").write_text(stopped)
    assert _start_anew(office) == 0
    assert not _suppressed(office)
    assert [line["kind"] for line in _log(office)] == ["opt_out", "opt_in"]


def test_an_earlier_start_does_not_undo_a_stop_of_the_log(office: Office) -> None:
    office.text_from(ANNA, "STOP")
    office.text_from(ANNA, "START")
    office.clock.step(days=1)
    office.database.keys.log_suppression("opt_out", office.database.keys.number_hash(ANNA), office.clock())
    assert _start_anew(office) == 1
    assert _suppressed(office)
