"""What erasing and forgetting texts do with people on the customer list, and with those who are one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.desk import contacts, erasure, export, merging
from gateway.store import contacts as rows
from gateway.store import erasure as store_erasure
from gateway.store.database import Tx
from tests.desk import test_importing, test_old_phone
from tests.desk.remains import Traces
from tests.domain.test_old_texts import sms, xml
from tests.office import ANNA, BEN, SAM, Office


def _id(office: Office, number: str) -> int:
    row = office.read(lambda tx: rows.by_number(tx, number))
    assert row is not None
    return int(row.id)


def test_erasing_somebody_erases_whom_they_were_merged_with(office: Office) -> None:
    office.text_from(ANNA, "zebrawords")
    office.text_from(BEN, "giraffewords")
    anna, ben = _id(office, ANNA), _id(office, BEN)
    now = office.clock
    noted = {"name": "Quimby", "email": "q@example.org"}
    office.write(lambda tx: contacts.change(tx, ben, noted, SAM, now()))
    office.write(lambda tx: merging.merge(tx, anna, ben, SAM, now()))
    kept = office.read(lambda tx: export.everything(tx, anna, now()))
    assert [row["name"] for row in kept["merged"]] == ["Quimby"], "an export tells of them as well"
    assert {row["number"] for row in kept["numbers"]} == {ANNA, BEN}
    office.clock.step(minutes=5)
    database = office.database
    erasure.erase(database.read, database.write_now, anna, SAM, "Asked for it", office.clock)
    traces = Traces.of_number(ANNA)
    traces.words |= {"zebrawords", "giraffewords", "Quimby", "q@example.org", BEN}
    assert traces.in_rows(office.path) == []


def test_a_file_that_waits_with_them_in_it_is_not_kept(office: Office) -> None:
    """Taken in after the erasure, it would bring them back, with all that was said."""
    office.text_from(ANNA, "zebrawords")
    row = f"Quimby,{ANNA[:6]} ({ANNA[6:9]}) {ANNA[9:]}".encode()
    theirs = [
        test_importing.add(office, b"name,number\n" + row).public_id,
        test_importing.add(office, ("name,number\n" + row.decode()).encode("utf-16")).public_id,
        test_old_phone.add(office, xml(sms('"giraffewords"', ANNA), sms('"hello"', BEN))).public_id,
    ]
    others = [
        test_importing.add(office, f"name,number\nBen,{BEN}".encode()).public_id,
        test_old_phone.add(office, xml(sms('"hello"', BEN))).public_id,
    ]
    database, folder = office.database, office.database.keys.folder / "imports"
    erasure.erase(database.read, database.write_now, _id(office, ANNA), SAM, "Asked for it", office.clock)
    traces = Traces.of_number(ANNA)
    traces.words |= {"zebrawords", "giraffewords"}
    assert traces.in_rows(office.path) == []
    states = {one: test_importing.get(office, one).state for one in theirs + others}
    assert states == dict.fromkeys(theirs, "failed") | dict.fromkeys(others, "looked")
    assert [path.name for path in folder.iterdir()] == others[1:]


@pytest.mark.parametrize(
    ("values", "stays"),
    [({}, False), ({"name": "Anna"}, True), ({"stage": "customer"}, True), ({"company": "Smith"}, False)],
)
def test_a_contact_on_the_customer_list_outlives_their_last_text(
    office: Office, values: dict[str, str | None], stays: bool
) -> None:
    office.text_from(ANNA, "Hello")
    anna = _id(office, ANNA)
    office.write(lambda tx: contacts.change(tx, anna, values, SAM, office.clock() + timedelta(minutes=1)))

    def forget(tx: Tx) -> None:
        ids = store_erasure.next_texts(tx, anna, 50)
        theirs = store_erasure.conversations_with(tx, ids)
        store_erasure.remove_texts(tx, ids, proof_too=False)
        store_erasure.tidy(tx, theirs)

    office.write(forget)
    assert office.messages() == []
    assert (office.read(lambda tx: rows.get(tx, anna)) is not None) is stays
