"""Customer lists: taken in, said of each row, taken in again, undone."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import Row, select

from gateway.desk import contacts as desk
from gateway.desk import importing
from gateway.domain.refusal_words import Refused
from gateway.store import consent, contacts, imports, tags
from gateway.store.tables import contacts as contacts_table
from tests.office import ANNA, BEN, CARA, SAM, Office

LIST = f"Id,Name,Phone,Company,Tags\n1,Anna Reid,{ANNA},Crown Works,vip\n2,Ben Ortiz,{BEN},,\n".encode()


def add(office: Office, content: bytes, **more: object) -> Row:
    form = importing.form_of(content)
    public_id = office.write(
        lambda tx: importing.add(tx, content, "list.csv", "upload", form, SAM, office.clock())
    )
    found = get(office, public_id)
    wanted = importing.Form.of({**found.form, **more})
    office.write(lambda tx: importing.look(tx, found, wanted, office.clock()))
    work(office, found.id)
    return get(office, public_id)


def get(office: Office, public_id: str) -> Row:
    row = office.read(lambda tx: imports.by_public_id(tx, public_id))
    assert row is not None
    return row


def work(office: Office, import_id: int, steps: int | None = None) -> bool:
    return importing.work(office.read, office.write, office.clock, import_id, steps)


def take(office: Office, content: bytes, **more: object) -> Row:
    looked = add(office, content, **more)
    office.write(lambda tx: importing.start(tx, looked, SAM, office.clock()))
    work(office, looked.id)
    return get(office, looked.public_id)


def undo(office: Office, row: Row) -> Row:
    office.write(lambda tx: importing.undo(tx, row, SAM, office.clock()))
    work(office, row.id)
    return get(office, row.public_id)


def whys(office: Office, row: Row) -> list[tuple[str, list[list[str]]]]:
    found = office.read(lambda tx: imports.rows(tx, row.id, 0, 1000))
    return [(one.verdict, json.loads(one.why or "[]")) for one in found]


def contact(office: Office, number: str) -> Row | None:
    return office.read(lambda tx: contacts.by_number(tx, number))


def everything(office: Office) -> list[tuple]:
    return office.read(lambda tx: [tuple(row) for row in tx.execute(select(contacts_table))])


def said(row: Row) -> dict[str, int]:
    return {name: count for name, count in row.counts.items() if count}


def test_r58_a_list_is_looked_at_and_nothing_is_written_before_it_is_taken_in(office: Office) -> None:
    looked = add(office, LIST)
    assert (looked.state, said(looked)) == ("looked", {"new": 2})
    assert everything(office) == []
    office.write(lambda tx: importing.start(tx, looked, SAM, office.clock()))
    work(office, looked.id)
    assert get(office, looked.public_id).state == "done"
    anna = contact(office, ANNA)
    assert anna is not None
    assert (anna.name, anna.external_id, anna.company) == ("Anna Reid", "1", "Crown Works")
    assert office.read(lambda tx: tags.of_contacts(tx, [anna.id])[anna.id]) == ["vip"]
    assert office.read(lambda tx: imports.content(tx, looked.id)) == b""


def test_r58_the_same_file_again_changes_nothing(office: Office) -> None:
    take(office, LIST)
    before = everything(office)
    office.clock.step(hours=1)
    again = take(office, LIST)
    assert said(again) == {"same": 2}
    assert everything(office) == before


def test_r58_what_was_edited_by_hand_is_kept_unless_told_otherwise(office: Office) -> None:
    take(office, LIST)
    anna = contact(office, ANNA)
    assert anna is not None
    office.write(lambda tx: desk.change(tx, anna.id, {"name": "Anna Lee"}, SAM, office.clock()))
    newer = LIST.replace(b"Crown Works", b"Mill Works").replace(b"Anna Reid", b"Anna R")
    first = take(office, newer)
    assert whys(office, first)[0] == ("update", [["kept.name", "Anna Lee"]])
    kept = contact(office, ANNA)
    assert kept is not None
    assert (kept.name, kept.company) == ("Anna Lee", "Mill Works")
    take(office, newer, overwrites=True)
    told = contact(office, ANNA)
    assert told is not None
    assert told.name == "Anna R"


def test_r58_an_empty_cell_takes_nothing_away(office: Office) -> None:
    take(office, LIST)
    assert said(take(office, LIST.replace(b"Crown Works,vip", b","))) == {"same": 2}


def test_r57_whoever_wrote_first_gets_their_name_by_the_list(office: Office) -> None:
    office.text_from(ANNA, "Hello")
    assert said(take(office, LIST)) == {"new": 1, "update": 1}
    anna = contact(office, ANNA)
    assert anna is not None
    assert anna.name == "Anna Reid"


def test_what_cannot_be_taken_in_is_said(office: Office) -> None:
    rows = (f"Name,Phone,E-mail\nAnn,12,\nBen,{BEN},nowhere\nBenny,{BEN},\nCara,,\n").encode()
    done = take(office, rows)
    assert whys(office, done) == [
        ("invalid", [["number", "12"]]),
        ("new", [["bad.email", "nowhere"]]),
        ("duplicate", [["duplicate", "3"]]),
        ("invalid", [["no_number", ""]]),
    ]


def test_a_number_that_is_somebody_elses_stays_theirs(office: Office) -> None:
    take(office, LIST)
    done = take(office, f"Id,Name,Phone,Mobile\n1,Anna Reid,{BEN},{CARA}\n9,Eve,{BEN},\n".encode())
    assert whys(office, done)[0] == ("update", [["taken", BEN]])
    assert whys(office, done)[1] == ("duplicate", [["duplicate", "2"]])
    anna, ben = contact(office, CARA), contact(office, BEN)
    assert anna is not None
    assert ben is not None
    assert (anna.name, ben.name) == ("Anna Reid", "Ben Ortiz")
    other = take(office, f"Id,Name,Phone\n9,Eve,{BEN}\n".encode())
    assert whys(office, other) == [("invalid", [["other_id", "9"]])]


def test_r16_whoever_said_stop_is_said_and_no_list_wins_against_it(office: Office) -> None:
    office.text_from(ANNA, "STOP")
    proof = "yes,paper,2026-05-03"
    rows = f"Name,Phone,Opt-in,Opt-in source,Opt-in date\nAnna,{ANNA},{proof}\nBen,{BEN},{proof}\n"
    done = take(office, rows.encode())
    day = office.clock().date().isoformat()
    assert whys(office, done)[0] == ("suppressed", [["stopped", day], ["conflict", "paper"]])
    assert office.read(lambda tx: consent.suppression(tx, ANNA)) is not None
    assert [row.kind for row in office.read(lambda tx: consent.history(tx, ANNA))] == ["opt_out"]
    (listed,) = office.read(lambda tx: consent.history(tx, BEN))
    assert (listed.kind, listed.how, listed.words) == ("listed", "import", "paper")
    assert said(take(office, rows.encode())) == {"same": 1, "suppressed": 1}


def test_consent_without_source_and_day_is_refused(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        add(office, f"Name,Phone,Opt-in\nBen,{BEN},yes\n".encode())
    assert refused.value.key == "import_consent"


def test_r58_undo_takes_back_what_nobody_touched_since(office: Office) -> None:
    office.text_from(CARA, "Hello")
    before = everything(office)
    done = take(office, LIST + f"3,Cara Bell,{CARA},Mill,vip\n".encode())
    ben = contact(office, BEN)
    assert ben is not None
    office.write(lambda tx: desk.change(tx, ben.id, {"name": "Benny"}, SAM, office.clock()))
    gone = undo(office, done)
    assert gone.state == "undone"
    assert gone.counts["stayed"] == 1
    assert contact(office, ANNA) is None
    kept = contact(office, BEN)
    assert kept is not None
    assert kept.name == "Benny"
    cara = contact(office, CARA)
    assert cara is not None
    assert (cara.name, cara.company, cara.external_id) == (None, None, None)
    assert office.read(lambda tx: tags.of_contacts(tx, [cara.id])[cara.id]) == []
    assert len(before) == 1


def test_undo_is_there_for_a_day(office: Office) -> None:
    done = take(office, LIST)
    office.clock.now += timedelta(hours=24)
    with pytest.raises(Refused):
        undo(office, done)


def test_a_long_list_goes_in_steps_and_goes_on_after_a_crash(office: Office) -> None:
    rows = "Name,Phone\n" + "".join(f"P{n},+120255{n:05}\n" for n in range(10000, 10450))
    looked = add(office, rows.encode())
    assert said(looked) == {"new": 450}
    office.write(lambda tx: importing.start(tx, looked, SAM, office.clock()))
    assert not work(office, looked.id, steps=1)
    half = get(office, looked.public_id)
    assert half.counts == {"at": 200, "of": 450}
    assert len(everything(office)) == 200
    office.restart()
    assert work(office, looked.id)
    assert said(get(office, looked.public_id)) == {"new": 450}
    assert len(everything(office)) == 450


def test_fault_79_what_is_too_large_is_said_in_words() -> None:
    with pytest.raises(Refused) as large:
        importing.form_of(b"x" * (10 * 1024 * 1024 + 1))
    assert "10 MiB" in large.value.text
    with pytest.raises(Refused) as long:
        importing.form_of(b"Name,Phone\n" + b"A,1\n" * 50_001)
    assert "50000" in long.value.text.replace(",", "")


def test_a_file_nobody_takes_in_is_not_kept(office: Office) -> None:
    looked = add(office, LIST)
    office.clock.step(days=8)
    office.write(lambda tx: importing.tidy(tx, office.clock()))
    assert get(office, looked.public_id).state == "failed"
    assert office.read(lambda tx: imports.content(tx, looked.id)) == b""


def test_undo_leaves_somebody_new_whom_a_colleague_tagged_since(office: Office) -> None:
    done = take(office, LIST)
    ben = office.read(lambda tx: contacts.by_number(tx, BEN))
    assert ben is not None
    office.write(lambda tx: desk.tag(tx, ben.id, "recall", SAM, office.clock()))
    assert undo(office, done).counts["stayed"] == 1
    assert office.read(lambda tx: tags.of_contacts(tx, [ben.id])) == {ben.id: ["recall"]}
    assert office.read(lambda tx: contacts.by_number(tx, ANNA)) is None
