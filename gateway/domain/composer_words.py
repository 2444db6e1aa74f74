"""What is said to somebody who writes a text, or changes one that waits."""

from __future__ import annotations

from gateway.domain.language import t
from gateway.domain.schedule import Kind

TIMES: dict[Kind, str] = {Kind.WAKE: t("When they wake"), Kind.OPEN: t("When we open")}
"""Times one may choose by name."""

WAITS_FOR_LINE = t("This waits here and goes when the line works again.")
"""Said before Send is pressed on a line that is down."""

WAITS_THEN = t("If that is still so then, this waits here.")
"""Said of a line that is down, where the text goes later anyway."""

WITHOUT_A_TIME = t("This is about sending it without a chosen time.")
"""Said beside what is said before Send is pressed, where that does not follow what is chosen."""

URGENT_AT_ITS_TIME = t("A time you chose holds; only their hours do not.")
"""Said where a text may be called urgent before it is sent."""

NOT_ENTITLED = t("Only a manager can send at night as urgent.")
"""Said to somebody who may not."""

NOT_YOURS = t("Only the person who wrote this text, or a manager, may change it or its time.")
"""Said to somebody who may not."""

DONE: dict[str, str] = {
    "canceled": t("Canceled: the text to {who} will not go."),
    "moved": t("Saved: the text to {who} will go {when}."),
    "now": t("Saved: the text to {who} goes as soon as it may."),
    "urgent": t("The text to {who} goes now, as urgent."),
}
"""What was done with a text that waits; said once, on the page that follows."""

NO_REPORTS = t("The line {line} is not told whether a text arrived: texts stay at Sent.")
"""Said where one writes on such a line."""
