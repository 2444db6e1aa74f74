"""Why a text ended as it did, or waits to be tried again, by the code that is stored with it."""

from __future__ import annotations

from gateway.domain import backup_words
from gateway.domain.line_words import LINES, line_alone

REASONS: dict[str, str] = {
    # how a text ended without being tried
    "opted_out": "They asked us to stop.",
    "canceled": "It was canceled before it went.",
    "they_wrote_first": "They wrote before it went, so it was not sent.",
    "expired": "It was not sent in time.",
    "number_moved": "The number changed hands before it went.",
    "blocked_contact": "They are blocked, so nothing goes to them by itself.",
    "number_bad": "Their number has failed again and again. Correct it, or say that it works.",
    "number_confirm": "Nobody has used this number for two years. Ask whether it is still theirs.",
    "number_wrong": "Somebody wrote that this is the wrong number. Decide whose it is.",
    "line_removed": "Its line was removed before it went.",
    # why nobody can tell
    "timeout": "The modem stopped answering while sending. No report has come.",
    "port_lost": "Contact with the modem broke while sending. No report has come.",
    "device_reset": "The modem restarted while sending. No report has come.",
    "crash": "The program stopped while sending. No report has come.",
    "unproven": "The modem reported an error that does not prove it was not sent. No report has come.",
    "restored": backup_words.REASON,
    "sent_again": "It is sent again, see below.",
    # delivery reports
    "report_permanent": "The network could not deliver it.",
    "report_temporary": "Their phone could not be reached and the network gave up.",
    "report_expired": "Their phone was off or out of reach for too long. The network gave up.",
    "report_overdue": "The network has not told us whether it arrived. Some never do.",
    # refusals of the network, by device code
    "CMS 1": "The network refused it: no such number.",
    "CMS 8": "The network refused it: the SIM is barred or out of credit.",
    "CMS 10": "The network refused it: sending is barred on this SIM.",
    "CMS 21": "The network rejected it.",
    "CMS 27": "Their phone cannot take texts now.",
    "CMS 28": "The network refused it: it does not know this subscriber.",
    "CMS 30": "The network refused it: it does not know this subscriber.",
    "CMS 38": "The network was out of order.",
    "CMS 41": "The network had a temporary failure.",
    "CMS 42": "The network was overloaded.",
    "CMS 47": "The network was overloaded.",
    "CMS 50": "The network refused it: this SIM has no text service.",
    "CMS 69": "The network does not offer this.",
    "CMS 304": "The modem did not accept the text as we wrote it. Please report this to the makers.",
    "CMS 330": "The SIM does not know its message centre.",
    "CMS 331": "The modem had no network.",
    "cannot_carry": "This line cannot carry a text like this. Send it by another line.",
    # telephone results of a line adapter
    "BUSY": "The telephone line was busy.",
    "NO ANSWER": "The message centre did not answer the call.",
    "NO DIALTONE": "There was no dial tone on the telephone line.",
    "NO DIAL TONE": "There was no dial tone on the telephone line.",
    "NO CARRIER": "The call to the message centre broke off.",
    "ringing": "Somebody was calling the line.",
    "no_prompt": "The modem was not ready to take the text.",
    "no_answer": "The modem did not answer.",
}

UNKNOWN_REASON = "The network or the modem refused it ({code})."


def reason(code: str | None) -> str:
    """The sentence for a stored reason; empty for none."""
    if not code:
        return ""
    if code in LINES:
        said = line_alone(code)
        return f"{said[:1].upper()}{said[1:]}."
    return REASONS.get(code, UNKNOWN_REASON.format(code=code))
