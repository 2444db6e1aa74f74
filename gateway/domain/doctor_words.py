"""What the doctor looks at, what it may find, and what to do then: one table, in the order of what matters.

docs/doctor.md is made from it. What is said of a line's state stands in `line_words`, of ports in
`port_words`, of the clock in `clock_words`.
"""

from __future__ import annotations

from gateway.domain.doctor_box_words import BOX
from gateway.domain.doctor_data_words import DATA
from gateway.domain.doctor_finding import SYSTEM_LOG, Finding, Subject
from gateway.domain.doctor_line_words import LINES

SUBJECTS: dict[str, Subject] = {**DATA, **LINES, **BOX}
"""Everything that is looked at, by its key, in the order of what matters."""

COULD_NOT = Finding("could not be looked at: {why}", "{advice}", unseen=True)
REST = "the rest"
SKIPPED = Finding(
    "could not be looked at: {names}",
    "See what is said of the data folder, the database and secret.key.",
    unseen=True,
)
"""Said once of everything that needs a folder or a database that cannot be read."""
TOO_LONG = Finding(
    "gave no answer within {seconds} seconds",
    f"If it is about the disk, it hangs: {SYSTEM_LOG}. Else try again.",
)
"""Said of a check that did not end."""
MISTAKE = Finding(
    "the doctor itself failed: {why}", "Report it with the output of: sms-gateway doctor --json"
)
"""Said of a check that broke."""
DAMAGED = "See what is said of the database."

WELL = "Nothing needs you."
WELL_SO_FAR = "Nothing that could be looked at needs you; {count} could not be looked at."
ONE_THING = "1 thing needs you: {first}."
THINGS = "{count} things need you, the first is {first}."


def summary(wrong: list[str], unseen: int) -> str:
    """The last sentence; `wrong` are names with what was found, the heaviest first."""
    if not wrong:
        return WELL_SO_FAR.format(count=unseen) if unseen else WELL
    first = wrong[0].rstrip(".")
    return ONE_THING.format(first=first) if len(wrong) == 1 else THINGS.format(count=len(wrong), first=first)
