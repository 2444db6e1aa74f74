"""The line that answers itself: its PDUs are what a modem would give, checked by an independent decoder."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from smspdudecoder.easy import read_incoming_sms

from gateway.domain.line import NotNow, Submission, Withdrawn
from gateway.domain.pdu import StatusReport, decode_incoming, encode_message
from gateway.modem.loopback import ANSWERS, LoopbackSupervisor, deliver_pdu, report_pdu

from .conftest import Office, part, until, yes

TO = "+12025550123"
AT = datetime(2026, 3, 5, 7, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize("answer", ANSWERS)
def test_answers_are_what_a_phone_would_send(answer: str) -> None:
    read = read_incoming_sms(deliver_pdu(TO, answer, AT))
    assert (read["sender"], read["content"]) == (TO, answer)
    assert read["date"] == AT


def test_reports() -> None:
    report = decode_incoming(report_pdu(TO, 7, AT))
    assert isinstance(report, StatusReport)
    assert (report.recipient.number, report.reference, report.status) == (TO, 7, 0)
    assert report.sent_at == report.discharged_at == AT


async def test_it_accepts_reports_and_answers() -> None:
    office = Office()
    line = LoopbackSupervisor(office.hear, report_after_s=0.01, reply_after_s=0.02)
    assert line.line is None
    with pytest.raises(NotNow):
        await line.send(part(), yes)
    task = asyncio.create_task(line.run())
    await line.wait_up()
    assert line.line is line
    assert (await line.send(part(), yes)).reference == 0
    await until(lambda: office.reports and office.pdus)
    assert office.codes == ["ready"]
    await line.close()
    await task
    assert line.line is None


async def test_a_long_text_is_answered_once() -> None:
    office = Office()
    line = LoopbackSupervisor(office.hear, report_after_s=0, reply_after_s=0)
    task = asyncio.create_task(line.run())
    await line.wait_up()
    parts = encode_message(TO, "A long story. " * 40, reference=5, report=True, validity=None)
    assert len(parts) > 2
    for tpdu in parts:
        await line.send(Submission(1, tpdu), yes)
    await until(lambda: len(office.reports) == len(parts) and office.pdus)
    await line.close()
    await task
    assert len(office.pdus) == 1


async def test_what_may_not_leave_is_not_answered() -> None:
    async def no() -> bool:
        return False

    office = Office()
    line = LoopbackSupervisor(office.hear, report_after_s=0, reply_after_s=0)
    task = asyncio.create_task(line.run())
    await line.wait_up()
    with pytest.raises(Withdrawn):
        await line.send(part(), no)
    await asyncio.sleep(0.01)
    await line.close()
    await task
    assert office.events == []
