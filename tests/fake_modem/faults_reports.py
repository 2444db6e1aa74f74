"""Faults of status reports: when they come, which, for whom, in what form."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from . import textmode, tpdu
from .faults import Fault, ReportPlan, fault
from .stores import Store

NATIONAL_DIGITS = 10  # the last digits of a number, without country


@fault
class Report(Fault):
    """What becomes of the reports of what is sent from now on.

    `delay` seconds they take; `reverse` that many are held and come last first; `before_cmgs`: ahead of the
    result. `per` part | last: of the last part only. `never`; `duplicate`: each twice. `national`: the
    recipient with that prefix instead of its country ("0"). `wrong_mr`: added to the reference. `status`:
    TP-ST, one or a list told in turn. `in_sr`: stored in "SR", announced in "SM". `text_form`: +CDS as in
    text mode. `comma`: a stray one in its header.
    """

    name, count = "report", None
    params: ClassVar = {
        "delay": None, "reverse": 0, "before_cmgs": False, "per": "part", "never": False, "duplicate": False,
        "national": None, "wrong_mr": 0, "status": None, "in_sr": False, "text_form": False, "comma": False,
    }  # fmt: skip

    def start(self) -> bool:
        if self.per not in ("part", "last"):
            raise ValueError(f"report comes per part or last, not per {self.per!r}")
        self.held: list[tpdu.StatusReport] = []
        self.told = 0
        if self.in_sr and "SR" not in self.modem.stores:
            self.modem.stores["SR"] = Store("SR", 20, self.modem.personality.index_base)
        return True

    def report(self, plan: ReportPlan) -> ReportPlan:
        self.use()
        unwanted = self.never or (self.per == "last" and plan.part != plan.parts)
        reports = [] if unwanted else [self._bent(one) for one in plan.reports]
        if self.duplicate:
            reports = [dataclasses.replace(one) for one in reports for _ in range(2)]
        if self.reverse:
            self.held += reports
            reports = self.held[::-1] if len(self.held) >= self.reverse else []
            self.held = [] if reports else self.held
        delay = plan.delay if self.delay is None else self.delay
        return dataclasses.replace(plan, reports=reports, delay=delay, first=plan.first or self.before_cmgs)

    def _bent(self, one: tpdu.StatusReport) -> tpdu.StatusReport:
        recipient = one.recipient
        if self.national is not None:
            recipient = self.national + recipient[-NATIONAL_DIGITS:]
        return dataclasses.replace(
            one, recipient=recipient, reference=(one.reference + self.wrong_mr) % 256,
            status=self._status(one.status),
        )  # fmt: skip

    def _status(self, honest: int) -> int:
        if self.status is None:
            return honest
        wanted = self.status if isinstance(self.status, list | tuple | range) else [self.status]
        self.told += 1
        return int(wanted[(self.told - 1) % len(wanted)])

    def announce(self, urc: str) -> list[str]:
        return ['+CDSI: "SM",0' if self.in_sr and urc.startswith("+CDSI") else urc]

    def report_header(self, header: str, octets: bytes) -> str:
        if self.text_form:
            return textmode.direct_header(self.modem, "+CDS", octets)
        return header.replace("+CDS: ", "+CDS: ,", 1) if self.comma else header
