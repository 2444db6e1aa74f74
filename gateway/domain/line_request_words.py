"""Why what was asked of a line could not be done."""

from __future__ import annotations

from gateway.domain.reason_words import reason

UNANSWERED: dict[str, str] = {
    "crash": "The program stopped before it was done. Ask again.",
    "down": "The line is down, so it cannot be asked now.",
    "removed": "The line was removed before it answered.",
    "unsupported": "This line's device cannot do that.",
    "unknown_code": "The network does not know this service code. Check it with the operator.",
    "line_down": "The line does not work now, so it cannot be asked.",
    "timeout": "The network did not answer. Ask again in a minute.",
    "no_answer": "The modem did not answer. Ask again in a minute.",
    "refused": "The network refused the service code. Check it with the operator.",
    "busy": "The line is busy with something else. Ask again in a minute.",
    "too_late": "The program did not answer within 75 seconds. See how the line is: sms-gateway line list",
}
"""Why what was asked of a line could not be done, by the code the line gave."""


def unanswered(told: str) -> str:
    """The sentence for a request that failed: a code, with the device's own words behind a colon."""
    code, _, detail = told.partition(": ")
    said = UNANSWERED.get(code) or reason(code)
    return f"{said} (It said: {detail}.)" if detail else said
