"""What devices write, and a short way to hear what the AT engine makes of it."""

from __future__ import annotations

from gateway.modem.answers import (
    Event,
    Final,
    Result,
    ResultKind,
)
from gateway.modem.at import Engine

OK = Final(Result(ResultKind.OK))
D1 = (
    "0791447700099099040C914477000910320000520141905021401EC8340B"
    "340EBB414950FB6D2F83DA79D09CFDA683E86F100DDEFE01"
)
D6 = (
    "0791447700099099040B912120550541F30008520141400100691A004400"
    "6F006E00650020D83DDC4D0020006D0065007200630069"
)
R0 = "0791447700099099064E0C91447700091032520141901200405201419012704000"
S1 = "0031000C914477000910320000A71FD9775D0EA287C5EC32283D0789DFEF75990C32BFE5A0584E3783B900"
CRLF = "\r\n"


def cms(value: str) -> Final:
    return Final(Result(ResultKind.CMS, value))


def answer(command: str, written: str, *, text_mode: bool = False) -> list[Event]:
    engine = Engine()
    engine.text_mode = text_mode
    engine.command(command)
    return engine.receive(written.encode("latin-1"))
