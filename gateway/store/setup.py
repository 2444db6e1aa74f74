"""Rows of an office's first run: which of its steps are done or were left out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from gateway.domain.setup import Standing, Step
from gateway.store.database import Tx
from gateway.store.tables import setup_steps


def put(tx: Tx, step: Step, standing: Standing, now: datetime) -> None:
    """Keep how far a step is, in place of what was kept."""
    tx.execute(delete(setup_steps).where(setup_steps.c.name == step.value))
    values = {
        "name": step.value,
        "done_at": now if standing is Standing.DONE else None,
        "skipped_at": now if standing is Standing.SKIPPED else None,
    }
    tx.execute(insert(setup_steps), values)


def standings(tx: Tx) -> dict[Step, Standing]:
    """Steps that were done or left out."""
    known = {step.value for step in Step}
    return {
        Step(row.name): Standing.DONE if row.done_at is not None else Standing.SKIPPED
        for row in tx.execute(select(setup_steps))
        if row.name in known
    }
