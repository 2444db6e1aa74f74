"""A text that cannot be stored: it stays on the device, comes in later, and no error tells it to the log."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from gateway.store.engines import loop_engine, read_engine, write_engine
from tests.faults.bench import ANNA, bench, front
from tests.virtual_time import run

HELLO = "Any chance to be seen today?"
REFUSE = text(
    "CREATE TRIGGER refuse BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'it cannot be stored'); END"
)
FAILING = text("SELECT * FROM nowhere WHERE body = :body")


def test_a_statement_that_fails_leaves_no_text_in_the_log(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            await one.write(lambda tx: tx.execute(REFUSE))
            one.world.phone(ANNA).text(modem.number, HELLO)
            await one.until(lambda: any("it cannot be stored" in line for line in one.log.lines))
            await one.write(lambda tx: tx.execute(text("DROP TRIGGER refuse")))
            await one.until(one.inbound)
            assert await one.inbound() == [HELLO]
            await one.check()

    run(story)


async def test_no_engine_tells_what_a_statement_was_given(database_path: Path) -> None:
    for made in (write_engine(database_path), read_engine(database_path)):
        with made.connect() as connection, pytest.raises(StatementError) as failed:
            connection.execute(FAILING, {"body": HELLO})
        assert HELLO not in str(failed.value)
        made.dispose()
    reads = loop_engine(database_path)
    async with reads.connect() as connection:
        with pytest.raises(StatementError) as failed:
            await connection.execute(FAILING, {"body": HELLO})
    assert HELLO not in str(failed.value)
    await reads.dispose()
