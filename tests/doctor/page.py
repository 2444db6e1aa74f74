"""Makes docs/doctor.md from the program's own tables; `tests.docs` writes it and
`tests/test_docs.py` holds it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateway.domain import clock_words, line_words, port_words
from gateway.domain.clock_trust import Doubt
from gateway.domain.doctor_finding import Finding
from gateway.domain.doctor_words import SUBJECTS
from gateway.modem.holders import TROUBLEMAKERS

HEAD = """\
# What the doctor finds

Texts do not go, do not come, the panel does not open? The short way is [trouble.md](trouble.md); this page is
the long one.

    sms-gateway doctor            # what needs you first, then what is well
    sms-gateway doctor --json     # the same for programs

Where sms-gateway is installed as a service, write `sudo` before them: the data is the service's alone, and
root also sees which program holds a port.

One line for each thing that was looked at: `!!` needs you, `??` could not be looked at, `ok` is well. Below
what needs you stands what to do. The last line counts: *3 things need you, the first is ...* The exit code
is 1 when something needs you, else 0.

It changes nothing and sends nothing. While the program runs, what is said of a line is what
the program knows; while it does not, the modem is asked itself, and no PIN is tried. Each check ends after a
while, whatever hangs.

    sms-gateway doctor --send-test +44...    # also a text to this phone of yours; waits for its report

`--json` prints a list of objects: `name`, `ok`, `found`, `remedy`, `seen` (whether it could be looked at),
and `subject` and `finding`, which stay the same from version to version.

If the office's computer has died, see [backup.md](backup.md). How to report a modem that misbehaves:
[modems.md](modems.md).

Below is everything that may be found, in the order of what matters. What is *slanted* is filled in.
"""


def page() -> str:
    """What docs/doctor.md must hold."""
    lines = HEAD.splitlines()
    for key, subject in SUBJECTS.items():
        lines += ["", f"## {_filled(subject.name)}", "", subject.looks_at]
        findings = list(SPELT[key]) if key in SPELT else list(_of_table(subject.findings.values()))
        if findings:
            lines += ["", "| found | what to do |", "|---|---|"]
            lines += [f"| {_cell(is_)} | {_cell(do)} |" for is_, do in findings]
    return "\n".join(lines) + "\n"


def _of_table(findings: Iterable[Finding]) -> Iterable[tuple[str, str]]:
    return ((one.is_, one.do) for one in findings if one.do)


def _line_states() -> Iterable[tuple[str, str]]:
    for code, said in line_words.LINES.items():
        if code != "ready":
            yield ". ".join(filter(None, (said.is_, said.cause))), said.you_can or said.doing


def _finding(name: str) -> tuple[str, str]:
    said = line_words.FINDINGS[name]
    return ". ".join(filter(None, (said.is_, said.cause))), said.you_can


SPELT: dict[str, Iterable[tuple[str, str]]] = {
    "line": list(_line_states()),
    "memory": [_finding("storage")],
    "line_clock": [_finding("clock")],
    "clock": [(clock_words.in_doubt(doubt), clock_words.REMEDY) for doubt in Doubt],
    "programs": [
        (f"running: {name}", port_words.troublemaker(name))
        for name in TROUBLEMAKERS
        if name not in ("brltty", "sms-gateway")
    ],
    "brltty": [port_words.BRLTTY_SIGN],
    "stick": [
        (f"{kind} {is_}", do)
        for kind, usb in (("a stick of Huawei", "12d1:*usb*"), ("another one", ""))
        for mode in port_words.MODES
        for is_, do in [port_words.stick_without_port(usb, mode)]
    ],
}
"""Findings whose words stand in tables of their own."""


def _filled(text: str) -> str:
    return re.sub(r"{(\w+?)_?}", r"*\1*", text)


def _cell(text: str) -> str:
    return _filled(text).replace("|", "\\|").replace("\n", "<br>")
