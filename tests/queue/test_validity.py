"""How long the network keeps trying counts from when a text leaves, however long it waited here."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.desk import reports
from gateway.domain.line import Accepted
from gateway.domain.schedule import at_instant
from tests.fake_modem import tpdu
from tests.office import ANNA, Office

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("useful_for", "octet"),
    [
        (timedelta(hours=1), 11),
        (timedelta(minutes=1), 0),
        (timedelta(days=6), 172),
        (None, 167),
    ],
)
def test_a_planned_text_is_kept_for_as_long_as_it_is_useful(
    office: Office, useful_for: timedelta | None, octet: int
) -> None:
    at = office.clock() + 6 * DAY
    send_by = None if useful_for is None else at + useful_for
    message = office.accept(when=at_instant(at, "Europe/London"), send_by=send_by)
    (stored,) = office.parts(message)
    office.clock.now = at
    claimed = office.claim()
    assert claimed is not None
    leaves = tpdu.decode_submit(claimed.tpdu)
    assert (leaves.validity, leaves.complaints) == (bytes([octet]), [])
    assert leaves.text == tpdu.decode_submit(stored.tpdu).text


@pytest.mark.parametrize(
    ("useful_for", "not_yet", "then"),
    [
        (None, DAY, DAY + timedelta(hours=1, seconds=1)),
        (timedelta(hours=2), timedelta(hours=3), timedelta(hours=3, seconds=1)),
        (4 * DAY, 4 * DAY, 4 * DAY + timedelta(hours=1, seconds=1)),
        # the network was told 3 days, for longer ones are told in whole days
        (2.5 * DAY, 2.5 * DAY + timedelta(hours=2), 3 * DAY + timedelta(hours=1, seconds=1)),
    ],
)
def test_a_report_is_missed_once_the_network_stopped_trying(
    office: Office, useful_for: timedelta | None, not_yet: timedelta, then: timedelta
) -> None:
    sent_at = office.clock()
    message = office.accept(ANNA, send_by=None if useful_for is None else sent_at + useful_for)
    office.send_one(Accepted(3))
    for waited, reason in ((not_yet, None), (then, "report_overdue")):
        office.clock.now = sent_at + waited
        office.write(lambda tx: reports.note_missing(tx, office.clock()))
        assert office.message(message).reason == reason
