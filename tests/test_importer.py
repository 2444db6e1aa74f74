"""Long customer lists are gone on with by the daemon."""

from __future__ import annotations

import asyncio

from gateway.desk import importing
from gateway.importer import Importer
from gateway.store import imports
from tests.office import SAM, Office


async def _work(office: Office) -> None:
    await Importer(office.database, office.clock).work()
    await office.database.aclose()


def test_a_list_that_broke_off_is_brought_to_its_end(office: Office) -> None:
    content = ("Name,Phone\n" + "".join(f"P{n},+120255{n:05}\n" for n in range(10000, 10450))).encode()
    form = importing.form_of(content)
    at = office.clock()
    public_id = office.write(lambda tx: importing.add(tx, content, "list.csv", "upload", form, SAM, at))
    row = office.read(lambda tx: imports.by_public_id(tx, public_id))
    assert row is not None
    office.write(lambda tx: importing.look(tx, row, form, at))
    importing.work(office.read, office.write, office.clock, row.id, steps=1)
    asyncio.run(_work(office))
    office.restart()
    looked = office.read(lambda tx: imports.by_public_id(tx, public_id))
    assert looked is not None
    assert (looked.state, looked.counts["new"]) == ("looked", 450)
