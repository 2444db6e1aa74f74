"""Wordings of lines: their states, what they did to heal, what they cannot do."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.domain.language import joined, t, tn
from gateway.domain.line import LineStatus, Rung
from gateway.domain.phrases import as_sentence
from gateway.domain.port_words import PORTS, denial, port_denied, port_in_use, remedy_for_holder, with_port


@dataclass(frozen=True, slots=True)
class LineWording:
    """How a line is, in four sentences: its state, the likely cause, what we are doing, what you can do.

    `is_` is put after the line's name; it stands alone too, but where `alone` says that better. The others
    are whole sentences or empty. NAME in a command stands for the line's name.
    """

    is_: str
    cause: str = ""
    doing: str = ""
    you_can: str = ""
    alone: str = ""


_RETRY = t("We try again every few seconds. Texts wait here and go when it is back.")

LINES: dict[str, LineWording] = {
    "ready": LineWording(t("works"), alone=t("the line works")),
    "opening": LineWording(
        t("is starting"),
        t("The modem is being asked who it is."),
        t("This takes up to a minute."),
        alone=t("the line is starting"),
    ),
    "port_missing": LineWording(
        t("the modem is not plugged in"),
        t("There is no device under the path that was given."),
        _RETRY,
        t(
            "Plug the modem in. If it is, see where it answers (sms-gateway modems), then give that port: "
            "sms-gateway line set NAME port PATH"
        ),
    ),
    "port_denied": LineWording(
        t("this program may not open the modem's port"),
        t("Its user has no right to use serial ports."),
        _RETRY,
        t("Add its user to the group dialout (sudo usermod -aG dialout USER) and start it again."),
    ),
    "port_busy": LineWording(
        t("another program is using the modem"),
        t("Two programs cannot share a modem; often the other one is ModemManager."),
        _RETRY,
        t("Stop that program, for example: sudo systemctl mask --now ModemManager"),
    ),
    "not_a_modem": LineWording(
        t("what is on this port does not answer as a modem"),
        t("Many modems have several ports and answer on one of them."),
        _RETRY,
        t("See which port answers (sms-gateway modems), then give it: sms-gateway line set NAME port PATH"),
    ),
    "no_answer": LineWording(
        t("the modem does not answer"),
        t("It hangs, or its cable is bad."),
        t("We keep asking, and restart it if that does not help. Texts wait here."),
        t("If this stays, unplug the modem, wait 10 seconds, and plug it in again."),
    ),
    "port_lost": LineWording(
        t("lost contact with the modem"),
        t("It was unplugged, it restarted, or it gets too little power."),
        _RETRY,
        t("Check its plug if this stays. Use a short cable or a hub with its own power."),
        alone=t("the line lost contact with the modem"),
    ),
    "sim_missing": LineWording(
        t("there is no SIM in the modem"),
        t("None is in, it sits loose, or it lies the wrong way round."),
        t("We look again every few seconds. Texts wait here."),
        t("Put the SIM in, or push it in firmly."),
    ),
    "sim_pin": LineWording(
        t("the SIM asks for its PIN"),
        t("It is locked with a PIN and we were given none."),
        t("Texts wait here."),
        t("Write the PIN to a file and give it: sms-gateway line pin NAME --pin-file FILE"),
    ),
    "sim_pin_refused": LineWording(
        t("the SIM refused the PIN"),
        t("The PIN that was given is not this SIM's."),
        t("It is not tried again, so that the SIM is not blocked. Texts wait here."),
        t("Give the right one: sms-gateway line pin NAME --pin-file FILE"),
    ),
    "sim_pin_last": LineWording(
        t("the SIM has one try left for its PIN"),
        t("Wrong PINs were entered before. One more would block it."),
        t("It is left to you: we never use the last try. Texts wait here."),
        t("Put the SIM in a phone and enter the right PIN there; it then has three tries again."),
    ),
    "sim_puk": LineWording(
        t("the SIM is blocked"),
        t("A wrong PIN was entered too often. It asks for its PUK, which we never enter."),
        t("Texts wait here."),
        t("Ask the operator for the PUK and unblock the SIM in a phone."),
    ),
    "sim_failure": LineWording(
        t("the SIM cannot be read"),
        t("Its contacts are dirty, it sits loose, or it is worn out."),
        t("We look again every few seconds. Texts wait here."),
        t("Clean its contacts, or try it in a phone. If it fails there too, ask the operator for another."),
    ),
    "sim_locked": LineWording(
        t("the modem refuses this SIM"),
        t("The modem was sold locked to one operator."),
        t("Texts wait here."),
        t("Use a SIM of that operator, or a modem that is not locked."),
    ),
    "not_registered": LineWording(
        t("no network"),
        t("No mast is in reach, or the antenna is loose."),
        t("The modem is searching, and is restarted now and then. Texts wait here and go when it is back."),
        t("Check the antenna, or move the modem to a window."),
    ),
    "denied": LineWording(
        t("the network does not accept the SIM"),
        t("It is not active yet, not paid, or barred."),
        t("We ask again now and then. Texts wait here."),
        t("Ask the operator whether the SIM is active and paid."),
    ),
    "roaming": LineWording(
        t("the SIM is in a foreign network"),
        t("Each text may cost extra there, so none is sent unless you allow it."),
        t("Texts wait here until it is home again. What comes in is read."),
        t("To send all the same: sms-gateway line set NAME roaming yes"),
    ),
    "no_smsc": LineWording(
        t("the SIM does not know its message centre"),
        t("The number of the operator's message centre (SMSC) is gone from it."),
        t("Texts wait here."),
        t("Ask the operator for the SMSC number and set it: sms-gateway line set NAME smsc NUMBER"),
    ),
    "other_sim": LineWording(
        t("another SIM is in the modem"),
        t("It is not the one this line worked with, so customers would see another number."),
        t("Nothing is sent by it until somebody says that this is right."),
        t("Put the former SIM back. Or, if this one is right, confirm it: sms-gateway line confirm NAME"),
    ),
    "other_modem": LineWording(
        t("another modem is on this port"),
        t("It is not the one this line worked with."),
        t("Nothing is sent by it until somebody says that this is right."),
        t("Plug the former modem in. Or, if this one is right, confirm it: sms-gateway line confirm NAME"),
    ),
    "restarting": LineWording(
        t("is restarting"),
        t("Somebody asked for a restart of the modem."),
        t("This takes about a minute. Texts wait here and go when it is back."),
        alone=t("the line is restarting"),
    ),
    "recovering": LineWording(
        t("the modem is being brought back"),
        t("It stopped doing what it was asked."),
        t(
            "We go from the mildest remedy to a restart, one step at a time. Texts wait here and go when "
            "it is back."
        ),
        t("If this stays for an hour, unplug it, wait 10 seconds, and plug it in again."),
    ),
    "notices_off": LineWording(
        t("the modem stopped announcing texts"),
        t("Some modems lose that setting when their power dips."),
        t("It was made to announce them again, and we look every minute for what it did not announce."),
        t("If this comes every day, use a hub with its own power, or another modem."),
    ),
    "refuses": LineWording(
        t("the network refuses our texts"),
        t("Often the SIM is out of credit, or sending is barred on it."),
        t("We try one text now and then. The others wait here."),
        t("Check its credit, and ask the operator whether it may send texts."),
    ),
    "refused_by_network": LineWording(
        t("the network refuses every text"),
        t("Often the SIM is not active, not paid, or barred from sending."),
        t("We try one text now and then, at least every 15 minutes. The others wait here."),
        t("Ask the operator: is the SIM active and paid, and may it send texts?"),
    ),
    "no_dialtone": LineWording(
        t("there is no dial tone"),
        t("The telephone cable is not in, or the socket is dead."),
        t("We try again every minute. Texts wait here and go when it is back."),
        t("Check the cable from the adapter to the socket, and listen there with a telephone."),
    ),
    "unsupported": LineWording(
        t("this device cannot send texts"),
        t("It does not know the command to send one (AT+CMGS)."),
        t("Texts wait here."),
        t(
            "Use another modem, one that takes texts by AT commands in PDU mode (3GPP TS 27.005). Whether "
            "one does: plug it in and run: sms-gateway modems"
        ),
    ),
    "paused": LineWording(
        t("is paused"),
        t("Somebody paused it."),
        t("Texts wait here until it is resumed. What comes in is read."),
        t("Resume it to let them go."),
        alone=t("the line is paused"),
    ),
    "stopped": LineWording(
        t("the program is not running"), "", t("Texts wait here."), t("Start it with: sms-gateway run")
    ),
}


NO_MODEM = frozenset({"port_missing", "port_denied", "port_busy", "port_lost", "not_a_modem"})
"""States in which there is no modem to ask for anything."""

AUTO = "auto"
_NONE_FOUND: tuple[str, str] = (
    t("No modem was found on the serial ports that may be asked."),
    t(
        "Plug the modem in. If it is, see what answers (sms-gateway modems). Which ports may be asked stands "
        "in config.toml, as serial_ports."
    ),
)
"""Cause and remedy where the port is found by itself."""

ON_PAGE: dict[str, str] = {
    "other_sim": t("Put the former SIM back. Or, if this one is right, press “Confirm this SIM”."),
    "other_modem": t("Plug the former modem in. Or, if this one is right, press “Confirm this modem”."),
}
"""What you can do where the line's page has a button for it."""

AFTER_CONFIRM = t("If this SIM has another number, say it: sms-gateway line set NAME number +...")
"""Said once another SIM was confirmed."""


def line(code: str, facts: Mapping[str, str] | None = None) -> LineWording:
    """Wording of a line's state; a code without a row is said as it is. With the line's facts, whoever
    holds a busy port is named, and why one may not be opened."""
    if code == "port_denied" and (denied := denial(facts or {})):
        why, remedy = denied
        return replace(LINES[code], cause=as_sentence(why), you_can=remedy)
    holder = (facts or {}).get("holder")
    if code == "port_busy" and holder:
        remedy = remedy_for_holder(holder)
        return replace(
            LINES[code], is_=t("{program} is using the modem").format(program=holder), you_can=remedy
        )
    if code in LINES:
        return LINES[code]
    is_, alone = t("has trouble ({code})"), t("the line has trouble ({code})")
    return LineWording(is_.format(code=code), alone=alone.format(code=code))


def line_of(name: str, port: str, code: str, facts: Mapping[str, str] | None = None) -> LineWording:
    """The same with that line's own name and port in its commands."""
    said, known = line(code, facts), facts or {}
    if port == AUTO and code in ("port_missing", "not_a_modem"):
        cause, you_can = _NONE_FOUND
        return replace(said, cause=cause, you_can=you_can)
    path = known.get("device") or port
    you_can = said.you_can
    if code in ("port_busy", "port_denied") and path != AUTO:
        you_can = with_port(you_can, path)
    return replace(said, you_can=for_line(you_can, name))


TEST_TEXT = "A test of the line {line}. If you can read this, it works."
"""Sent on request, to a number of the staff."""

ABILITIES: dict[str, str] = {
    "receives": "receive texts",
    "delivery_reports": "tell whether a text arrived",
    "multipart": "send long texts as one",
    "unicode": "write emoji or other alphabets: plain letters only",
    "notifications": "announce texts: we look every ten seconds",
    "signal": "tell the signal",
    "calls": "tell of missed calls",
    "ussd": "ask for the balance",
    "deletes": "delete what was read, so its memory fills up",
}
"""What a line may be unable to do, as words behind "cannot" for commands and programs."""

UNABLE: dict[str, str] = {
    "receives": t("Receive texts. What people write to it is lost: give them another number."),
    "delivery_reports": t("Tell whether a text arrived. Texts stay at Sent."),
    "multipart": t(
        "Send long texts as one. They are refused, or sent as numbered texts: see the option Long texts."
    ),
    "unicode": t(
        "Write emoji or other alphabets: plain letters only. The counter names the characters to replace."
    ),
    "notifications": t("Announce texts: we look every ten seconds."),
    "signal": t("Tell the signal."),
    "calls": t("Tell of missed calls. Whoever calls it hears it ring."),
    "ussd": t("Ask for the balance."),
    "deletes": t("Delete what was read, so its memory fills up. Empty its memory by hand when it is full."),
}
"""The same on the line's page, under "It cannot", with what that means for whoever writes."""

UNUSABLE: dict[str, tuple[str, str]] = {
    "calls": ("calls", t("This line’s device does not tell of calls, so nothing can be done about them.")),
    "balance": ("ussd", t("This line’s device cannot ask for it. Ask the operator.")),
}
"""Options of a line that do nothing where its device lacks that ability, and what is said there."""

UNWRITTEN = t("Write these characters: {characters}.")
NO_PICTURES = t("Fetch pictures. A card shows who sent one and what to do.")
"""What no line can do yet."""


CLOCKS_AGREE = "agrees with the network's clock"

FINDINGS: dict[str, LineWording] = {
    "clock": LineWording(
        "the network's clock and this box's differ by {minutes} minutes",
        "",
        "",
        "If this box's clock is right, the network's is wrong and nothing needs to be done. Else set it, "
        "best by a time service: sudo timedatectl set-ntp true",
    ),
    "storage": LineWording(
        "{used} of {total} places for texts are taken in the SIM or the modem",
        "When it is full, the network cannot deliver texts until some are deleted.",
        "",
        "What the program has read it deletes. If this stays, put the SIM in a phone and delete texts there.",
    ),
    "unbound": LineWording(
        "bound to no SIM yet", "", "The SIM it first works with becomes its own; another has to be confirmed."
    ),
    "troublemakers": LineWording(
        "running: {names}",
        "They are known to open modems by themselves.",
    ),
}
"""What a check of the installation finds beside the states; the numbers are put in by the caller."""


def cannot(abilities: Mapping[str, bool] | None) -> list[str]:
    """What a line cannot do, in words; nothing while it is not known."""
    return [words for name, words in ABILITIES.items() if not (abilities or {}).get(name, True)]


def cannot_in_full(abilities: Mapping[str, bool] | None, lacks: str = "") -> list[str]:
    """The same as sentences that say what follows from it; also what no line can do. `lacks` are characters
    of the plain alphabet that it cannot write."""
    known = abilities or {}
    said = [str(words) for name, words in UNABLE.items() if not known.get(name, True)]
    if lacks:
        said.append(UNWRITTEN.format(characters=" ".join(lacks)))
    return [*said, str(NO_PICTURES)]


def unusable(option: str, abilities: Mapping[str, bool] | None) -> str:
    """Why an option of a line does nothing on it; empty where it does, and while that is not known."""
    ability, why = UNUSABLE.get(option, ("", ""))
    return str(why) if ability and not (abilities or {}).get(ability, True) else ""


def probe(code: str, facts: Mapping[str, str]) -> str:
    """What answered on a port, in one sentence, for `sms-gateway modems`."""
    if code == "port_busy":
        return port_in_use(facts.get("holder", ""))
    if code == "port_denied":
        return port_denied(facts)
    if code in PORTS:
        return str(PORTS[code])
    if code not in ("ready", "sim_pin", "sim_pin_last", "sim_puk", "sim_missing", "not_registered"):
        found = line(code)
        return joined(f"{found.is_}.", found.you_can)
    device: str = " ".join(facts[key] for key in ("maker", "model") if facts.get(key)) or t("a modem")
    sim: str = t("SIM ready") if code in ("ready", "not_registered") else line(code).is_
    more = [t("operator {name}").format(name=facts["operator"])] if facts.get("operator") else []
    more += [t("signal {dbm} dBm").format(dbm=facts["signal_dbm"])] if facts.get("signal_dbm") else []
    return ", ".join(map(str, [device, sim, *more])) + "."


def line_alone(code: str, facts: Mapping[str, str] | None = None) -> str:
    """How a line is, as words that stand without its name: "the line is paused", "no network"."""
    said = line(code, facts)
    return str(said.alone or said.is_)


def line_sentence(code: str, facts: Mapping[str, str] | None = None) -> str:
    """The same as a whole sentence: "The line is paused."."""
    return as_sentence(line_alone(code, facts))


def for_line(sentence: str, name: str) -> str:
    """A sentence with the line's own name in its commands, in place of NAME."""
    return re.sub(r"\bNAME\b", lambda _: shlex.quote(name), str(sentence))


def line_now(status: str, code: str, paused: object) -> str:
    """Key of the row above for how a line is; being paused is said first, since a person did that."""
    return "paused" if paused and status == LineStatus.UP else code


RUNGS: dict[Rung, str] = {
    Rung.REOPEN: t("Closed the modem's port and opened it again"),
    Rung.RADIO: t("Switched the modem's radio off and on"),
    Rung.RESET: t("Restarted the modem"),
    Rung.USB: t("Reset the modem's USB port"),
    Rung.POWER: t("Cut the modem's power and gave it back"),
    Rung.PERSON: t("Tried everything: somebody has to look at the modem"),
    Rung.NOTICES: t("Had the modem announce texts again"),
}
"""What was done to bring a line back."""


_DEVICES_WORDS = re.compile(
    r"(?<!AT)[+^][A-Z]{2,}:|\b(?:ERROR|BUSY|NO CARRIER|NO DIAL ?TONE|NO ANSWER|CM[ES] (?:ERROR: )?[0-9]+)\b"
)


def devices_words(detail: str) -> str:
    """The detail of a trouble if it holds what the device said; empty if the words are only ours."""
    return detail if _DEVICES_WORDS.search(detail) else ""


def happened(kind: str, code: str, detail: str) -> str:
    """One entry of a line's log as a sentence without its full stop; see `gateway.store.line_history`."""
    if kind == "recovery":
        because, _, told = detail.partition(": ")
        if because == "asked":
            return str(t("The modem was restarted because somebody asked for it"))
        words = t("{done}, because {why}") if not told else t("{done}, because {why} ({told})")
        return words.format(done=RUNGS[Rung(code)], why=line_alone(because), told=told)
    if kind == "reroute":
        return tn(
            "The line {line} took over {count} text",
            "The line {line} took over {count} texts",
            int(detail),
            line=code,
        )
    if kind == "device" and code == "confirmed":
        return _confirmed(detail)
    if kind == "device":
        return t("Its SIM is in another modem: {which}").format(which=detail)
    said = as_sentence(line_alone(code)).removesuffix(".")
    return f"{said} ({detail})" if detail else said


def _confirmed(actor: str) -> str:
    """Who confirmed a SIM, as an entry of the log names them: "person:Anna"."""
    kind, _, name = actor.partition(":")
    if kind == "command":
        return str(t("Confirmed by the command line: this SIM and this modem are its own"))
    if kind == "rule":
        return str(t("Confirmed by itself: this SIM and this modem are its own"))
    return t("Confirmed by {who}: this SIM and this modem are its own").format(who=name or actor)
