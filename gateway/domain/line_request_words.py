"""Why what was asked of a line could not be done."""

from __future__ import annotations

from gateway.domain.language import t
from gateway.domain.reason_words import reason

UNANSWERED: dict[str, str] = {
    "crash": t("The program stopped before it was done. Ask again."),
    "down": t("The line is down, so it cannot be asked now."),
    "removed": t("The line was removed before it answered."),
    "unsupported": t("This line's device cannot do that."),
    "unknown_code": t("The network does not know this service code. Check it with the operator."),
    "line_down": t("The line does not work now, so it cannot be asked."),
    "timeout": t("The network did not answer. Ask again in a minute."),
    "no_answer": t("The modem did not answer. Ask again in a minute."),
    "refused": t("The network refused the service code. Check it with the operator."),
    "busy": t("The line is busy with something else. Ask again in a minute."),
    "too_late": t("The program did not answer within 75 seconds. See how the line is: sms-gateway line list"),
}
"""Why what was asked of a line could not be done, by the code the line gave."""


def unanswered(told: str) -> str:
    """The sentence for a request that failed: a code, with the device's own words behind a colon."""
    code, _, detail = told.partition(": ")
    said = UNANSWERED.get(code) or reason(code)
    return t("{said} (It said: {detail}.)").format(said=said, detail=detail) if detail else said
