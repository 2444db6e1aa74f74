"""What is said of this box's clock when it is not trusted, and of what speaks for and against it."""

from __future__ import annotations

from datetime import timedelta

from gateway.domain.clock_trust import Doubt, Evidence
from gateway.domain.language import t

WHY: dict[Doubt, str] = {
    Doubt.NETWORK_DISAGREES: t("the mobile network shows another time"),
    Doubt.JUMPED: t("it was set to another time, and nobody has said yet that this one is right"),
    Doubt.BEFORE_BUILD: t("it shows a time before this program was made"),
    Doubt.BEFORE_RECORDS: t("it shows a time before the newest text kept here"),
    Doubt.NOT_SYNCHRONISED: t("this box has just started, and its time service has not set it yet"),
}

IN_DOUBT = t("The clock of this box may be wrong: {why}.")
MEANWHILE = t("Answers to what somebody just wrote go out; all other texts wait, and nothing expires.")
SHOWS = t("It shows {time}.")
CONFIRM = t("The time shown is right")
"""On the button."""
ASK = t("If that is wrong, the box's clock has to be set; an admin can do that.")
"""For those who may confirm the time: what to do when it is not right."""
CANNOT_CONFIRM = t("A manager can say that the time shown is right.")
"""For those who may not."""
TRUSTED = "trusted"
CONFIRMED = "The time is taken for right now. What waited for it is looked at again."
NOTHING_TO_CONFIRM = "The clock is trusted; there is nothing to confirm."
REMEDY = (
    "Set the clock, best by a time service: sudo timedatectl set-ntp true. "
    "If the time shown is right, say so: sms-gateway clock confirm"
)


def in_doubt(code: str | None) -> str:
    """Why the clock is in doubt, as a sentence; empty when it is not."""
    if not code:
        return ""
    why = WHY[Doubt(code)] if code in set(Doubt) else code
    return IN_DOUBT.format(why=why)


def evidence(found: Evidence) -> list[str]:
    """What is known of the clock, a line each."""
    told = {True: "has set the clock", False: "has not set the clock", None: "cannot be asked"}
    lines = [f"Time service: {told[found.synchronised]}"]
    lines += [f"Mobile network: {_apart(offset)}" for offset in found.offsets]
    if not found.offsets:
        lines.append("Mobile network: no line that works has told its time lately")
    if found.newest is not None:
        lines.append(f"Newest record: {found.newest:%Y-%m-%d %H:%M:%S} UTC")
    return lines


def _apart(offset: timedelta) -> str:
    seconds = round(abs(offset.total_seconds()))
    if seconds < 120:
        return f"agrees within {max(seconds, 1)} s"
    how_far = f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
    return f"is {how_far} {'ahead' if offset > timedelta(0) else 'behind'}"
