"""Why a text ended as it did, or waits to be tried again, by the code that is stored with it."""

from __future__ import annotations

from gateway.domain import backup_words
from gateway.domain.language import t
from gateway.domain.line_words import LINES, line_alone
from gateway.domain.phrases import as_sentence

REASONS: dict[str, str] = {
    # how a text ended without being tried
    "opted_out": t("They asked us to stop."),
    "canceled": t("It was canceled before it went."),
    "they_wrote_first": t("They wrote before it went, so it was not sent."),
    "expired": t("It was not sent in time."),
    "number_moved": t("The number changed hands before it went."),
    "blocked_contact": t("They are blocked, so nothing goes to them by itself."),
    "number_bad": t("Their number has failed again and again. Correct it, or say that it works."),
    "number_confirm": t("Nobody has used this number for two years. Ask whether it is still theirs."),
    "number_wrong": t("Somebody wrote that this is the wrong number. Decide whose it is."),
    "line_removed": t("Its line was removed before it went."),
    # why nobody can tell
    "timeout": t("The modem stopped answering while sending. No report has come."),
    "port_lost": t("Contact with the modem broke while sending. No report has come."),
    "device_reset": t("The modem restarted while sending. No report has come."),
    "crash": t("The program stopped while sending. No report has come."),
    "unproven": t("The modem reported an error that does not prove it was not sent. No report has come."),
    "restored": backup_words.REASON,
    "sent_again": t("It is sent again, see below."),
    # delivery reports
    "report_permanent": t("The network could not deliver it."),
    "report_temporary": t("Their phone could not be reached and the network gave up."),
    "report_expired": t("Their phone was off or out of reach for too long. The network gave up."),
    "report_overdue": t("The network has not told us whether it arrived. Some never do."),
    # refusals of the network, by device code
    "CMS 1": t("The network refused it: no such number."),
    "CMS 8": t("The network refused it: the SIM is barred or out of credit."),
    "CMS 10": t("The network refused it: sending is barred on this SIM."),
    "CMS 21": t("The network rejected it."),
    "CMS 27": t("Their phone cannot take texts now."),
    "CMS 28": t("The network refused it: it does not know this subscriber."),
    "CMS 30": t("The network refused it: it does not know this subscriber."),
    "CMS 38": t("The network was out of order."),
    "CMS 41": t("The network had a temporary failure."),
    "CMS 42": t("The network was overloaded."),
    "CMS 47": t("The network was overloaded."),
    "CMS 50": t("The network refused it: this SIM has no text service."),
    "CMS 69": t("The network does not offer this."),
    "CMS 304": t("The modem did not accept the text as we wrote it. Please report this to the makers."),
    "CMS 330": t("The SIM does not know its message centre."),
    "CMS 331": t("The modem had no network."),
    "cannot_carry": t("This line cannot carry a text like this. Send it by another line."),
    # telephone results of a line adapter
    "BUSY": t("The telephone line was busy."),
    "NO ANSWER": t("The message centre did not answer the call."),
    "NO DIALTONE": t("There was no dial tone on the telephone line."),
    "NO DIAL TONE": t("There was no dial tone on the telephone line."),
    "NO CARRIER": t("The call to the message centre broke off."),
    "ringing": t("Somebody was calling the line."),
    "no_prompt": t("The modem was not ready to take the text."),
    "no_answer": t("The modem did not answer."),
}

UNKNOWN_REASON = t("The network or the modem refused it ({code}).")


def reason(code: str | None) -> str:
    """The sentence for a stored reason; empty for none."""
    if not code:
        return ""
    if code in LINES:
        return as_sentence(line_alone(code))
    return REASONS.get(code) or UNKNOWN_REASON.format(code=code)
