"""Final results of a send: meaning, class, and which of the outcomes of the Line contract they are.

Numbers are data (3GPP TS 27.005 3.2.5, TS 24.011 annex E, TS 23.040 9.2.3.22, TS 27.007 9.2). Status
values of delivery reports (TP-ST) are not here but in `gateway.domain.pdu`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from gateway.domain.line import CannotTell, NotNow, RefusedForGood, Scope, SendOutcome

from .answers import Result, ResultKind


class Remedy(Enum):
    """What an error asks for, apart from whether the text may have left."""

    LATER = "T"  # transient: this text again later
    SOON = "T, seconds"  # the device is busy for a moment
    NETWORK = "T, wait for registration"
    NEVER = "P"  # permanent for this text
    DEVICE = "D"  # SIM, subscription or device: the line waits for a person or recovery
    OURS = "B"  # we asked for something the network or device cannot read
    DRAIN = "drain"  # a store is full: read, tell and delete what lies there
    LADDER = "ladder"  # the device failed: if it does so again, it has to be brought back
    CENTRE = "centre"  # the service centre's number is missing or wrong: read it again, set it
    GONE = "sent"  # the network already has it


@dataclass(frozen=True, slots=True)
class Meaning:
    """`key` is stable and is looked up in the wording table. `tries`: how often the text itself may meet this
    before it is given up, `after_s`: seconds between two tries; None: as its remedy has it (`TRIES`)."""

    key: str
    remedy: Remedy
    tries: int | None = None
    after_s: float | None = None


_T, _S, _N = Remedy.LATER, Remedy.SOON, Remedy.NETWORK
_P, _D, _B = Remedy.NEVER, Remedy.DEVICE, Remedy.OURS
_FULL, _UP, _SC = Remedy.DRAIN, Remedy.LADDER, Remedy.CENTRE

TRIES: dict[Remedy, tuple[int, float]] = {
    Remedy.NEVER: (2, 60.0),  # the second a minute later: by then it shows whether it is the line's trouble
    Remedy.OURS: (2, 5.0),  # the command or the text may have been garbled on the wire
}
"""Tries of a text whose number says no more than its remedy, and seconds between them. What is not here is
tried until it is useless."""

CMS: dict[int, Meaning] = {
    1: Meaning("unassigned_number", _P),
    8: Meaning("operator_barring", _D),
    10: Meaning("call_barred", _P),
    21: Meaning("transfer_rejected", _T, tries=2, after_s=600.0),
    22: Meaning("memory_exceeded", _T),
    27: Meaning("destination_out_of_order", _T),
    28: Meaning("unidentified_subscriber", _P),
    29: Meaning("facility_rejected", _T, tries=2),
    30: Meaning("unknown_subscriber", _P),
    38: Meaning("network_out_of_order", _T, tries=3),
    41: Meaning("temporary_failure", _T),
    42: Meaning("congestion", _T),
    47: Meaning("resources_unavailable", _T),
    50: Meaning("not_subscribed", _D),
    69: Meaning("not_implemented", _B),
    81: Meaning("invalid_reference", _T, tries=2),
    95: Meaning("invalid_message", _B),
    96: Meaning("invalid_mandatory_information", _B),
    97: Meaning("unknown_message_type", _B),
    98: Meaning("message_not_expected", _B),
    99: Meaning("unknown_element", _B),
    111: Meaning("protocol_error", _B),
    127: Meaning("interworking", _T, tries=3),
    128: Meaning("telematic_unsupported", _B),
    129: Meaning("type_0_unsupported", _B),
    130: Meaning("replace_refused", _B),
    143: Meaning("pid_error", _B),
    144: Meaning("alphabet_unsupported", _B),
    145: Meaning("class_unsupported", _B),
    159: Meaning("coding_error", _B),
    160: Meaning("command_refused", _B),
    161: Meaning("command_unsupported", _B),
    175: Meaning("command_error", _B),
    176: Meaning("tpdu_unsupported", _B),
    192: Meaning("centre_busy", _T),
    193: Meaning("no_centre_subscription", _D),
    194: Meaning("centre_failure", _T),
    195: Meaning("invalid_address", _P),
    196: Meaning("destination_barred", _P),
    197: Meaning("duplicate", Remedy.GONE),
    198: Meaning("validity_format", _B),
    199: Meaning("validity_unsupported", _B),
    208: Meaning("sim_store_full", _FULL),
    209: Meaning("no_sim_store", _FULL),
    210: Meaning("device_error", _T, tries=3),
    211: Meaning("store_exceeded", _FULL),
    212: Meaning("toolkit_busy", _S),
    213: Meaning("data_download_error", _T, tries=3),
    **{number: Meaning("application_error", _T, tries=2) for number in range(224, 255)},
    255: Meaning("unspecified", _T),
    300: Meaning("device_failure", _UP),
    301: Meaning("service_reserved", _S),
    302: Meaning("not_allowed", _D),
    303: Meaning("not_supported", _B),
    304: Meaning("invalid_pdu", _B),
    305: Meaning("invalid_text", _B),
    310: Meaning("sim_missing", _D),
    311: Meaning("sim_pin", _D),
    312: Meaning("sim_locked", _D),
    313: Meaning("sim_failure", _D),
    314: Meaning("sim_busy", _S),
    315: Meaning("sim_wrong", _D),
    316: Meaning("sim_puk", _D),
    317: Meaning("sim_pin2", _T),
    318: Meaning("sim_puk2", _T),
    320: Meaning("store_failure", _UP),
    321: Meaning("no_such_slot", _T),
    322: Meaning("store_full", _FULL),
    330: Meaning("no_smsc", _SC),
    331: Meaning("no_network", _N),
    332: Meaning("network_timeout", _T),
    340: Meaning("no_acknowledgement_due", _T),
    500: Meaning("unknown_error", _UP),
}
"""Numbers of +CMS ERROR. 512 and up are the makers' own and collide: see `maker_codes`."""

CME: dict[int, Meaning] = {
    0: Meaning("device_failure", _UP),
    1: Meaning("no_connection", _D),
    2: Meaning("link_reserved", _D),
    3: Meaning("not_allowed", _D),
    4: Meaning("not_supported", _B),
    5: Meaning("sim_locked", _D),
    6: Meaning("sim_locked", _D),
    7: Meaning("sim_locked", _D),
    10: Meaning("sim_missing", _D),
    11: Meaning("sim_pin", _D),
    12: Meaning("sim_puk", _D),
    13: Meaning("sim_failure", _D),
    14: Meaning("sim_busy", _S),
    15: Meaning("sim_wrong", _D),
    16: Meaning("sim_pin_refused", _D),
    17: Meaning("sim_pin2", _T),
    18: Meaning("sim_puk2", _T),
    20: Meaning("store_full", _FULL),
    21: Meaning("no_such_slot", _T),
    22: Meaning("no_such_slot", _T),
    23: Meaning("store_failure", _UP),
    **{number: Meaning("invalid_text", _B) for number in range(24, 28)},
    30: Meaning("no_network", _N),
    31: Meaning("network_timeout", _T),
    32: Meaning("emergency_only", _N),
    **{number: Meaning("sim_locked", _D) for number in range(40, 49)},
    50: Meaning("wrong_parameters", _B),
    51: Meaning("not_allowed", _B),
    52: Meaning("aborted", _T),
    100: Meaning("unknown_error", _UP),
    **{number: Meaning("denied", _D) for number in (103, 106, 111, 112, 113)},
    126: Meaning("temporarily_not_allowed", _T),
    **{number: Meaning("service_option", _D) for number in (132, 133, 134)},
    256: Meaning("temporarily_not_allowed", _T),
    **{number: Meaning("aborted", _T) for number in (257, 258, 259, 260, 261, 263)},
    262: Meaning("sim_blocked", _D),
}
"""Numbers of +CME ERROR."""

WORDS: dict[str, int] = {
    "me failure": 300,
    "sms service of me reserved": 301,
    "operation not allowed": 302,
    "operation not supported": 303,
    "invalid pdu mode parameter": 304,
    "invalid text mode parameter": 305,
    "sim not inserted": 310,
    "sim pin required": 311,
    "sim pin necessary": 311,
    "ph-sim pin required": 312,
    "ph-sim pin necessary": 312,
    "sim failure": 313,
    "sim busy": 314,
    "sim wrong": 315,
    "sim puk required": 316,
    "memory failure": 320,
    "invalid memory index": 321,
    "memory full": 322,
    "smsc address unknown": 330,
    "no network service": 331,
    "network timeout": 332,
    "unknown error": 500,
}
"""27.005 3.2.5 in words, as written with +CMEE=2; the +CMS number each stands for."""

PROVEN_NOT_SENT: frozenset[str] = frozenset(
    # the network's refusal of this very message: RP-ERROR causes (24.011 8.2.5.4)
    [f"CMS {n}" for n in (1, 8, 10, 21, 22, 27, 28, 29, 30, 38, 41, 42, 47, 50, 69, 81)]
    + [f"CMS {n}" for n in (95, 96, 97, 98, 99, 111, 127)]
    # the service centre's refusal: TP-FCS (23.040 9.2.3.22)
    + [f"CMS {n}" for n in (128, 129, 130, 143, 144, 145, 159, 160, 161, 175, 176)]
    + [f"CMS {n}" for n in (192, 193, 194, 195, 196, 198, 199)]
    # the device would not begin: it has no SIM, no network, no centre, or cannot read what it was given
    + [f"CMS {n}" for n in (301, 302, 303, 304, 305, 310, 311, 312, 314, 315, 316, 317, 318, 330, 331)]
    + [f"CME {n}" for n in (3, 4, 5, 10, 11, 12, 14, 17, 18, 30, 32)]
)
"""Answers after Ctrl-Z that prove nothing left. A closed list: every other error may mean "sent"."""

_UNKNOWN = Meaning("unknown_error", Remedy.LATER)


def normal_code(result: Result) -> str:
    """The stable name of an error; words become the number they stand for: "CMS 332", "ERROR", "BUSY"."""
    if result.kind in (ResultKind.CMS, ResultKind.CME) and result.number is None:
        number = WORDS.get(result.value.strip().lower())
        if number is not None:
            return f"CMS {number}"
    return result.code


class Tables(Protocol):
    """What is particular about a maker's errors; a `Profile` is one."""

    @property
    def cms(self) -> Mapping[int, Meaning]:
        """Numbers of +CMS ERROR that are the maker's own; they go before those of the book."""

    @property
    def cme(self) -> Mapping[int, Meaning]:
        """The same of +CME ERROR."""

    @property
    def proven_not_sent(self) -> frozenset[str]:
        """Answers after Ctrl-Z that prove nothing left, as `PROVEN_NOT_SENT`."""


@dataclass(frozen=True, slots=True)
class Book:
    """The tables of a device whose maker is not known: no number from 512 up means anything."""

    cms: Mapping[int, Meaning] = field(default_factory=dict)
    cme: Mapping[int, Meaning] = field(default_factory=dict)
    proven_not_sent: frozenset[str] = PROVEN_NOT_SENT


BOOK = Book()


def meaning(code: str, tables: Tables = BOOK) -> Meaning:
    """Meaning of a code as made by `normal_code`; what is not known is temporary and has no name."""
    family, _, value = code.partition(" ")
    if not (value.isdecimal() and len(value) < 6):
        return _UNKNOWN
    makers, book = {"CMS": (tables.cms, CMS), "CME": (tables.cme, CME)}.get(family, ({}, {}))
    return makers.get(int(value)) or book.get(int(value), _UNKNOWN)


def outcome(result: Result, *, handed_over: bool, tables: Tables = BOOK) -> SendOutcome | None:
    """The outcome of a send that ended with an error; None when it means the text was accepted.

    `handed_over` says whether Ctrl-Z was written: before it every error is proof that nothing left, after
    it only those of the closed list are.
    """
    code = normal_code(result)
    found = meaning(code, tables)
    if found.remedy is Remedy.GONE and handed_over:
        return None
    if handed_over and code not in tables.proven_not_sent:
        return CannotTell(code)
    if found.remedy in TRIES:
        tries, after_s = TRIES[found.remedy]
        return RefusedForGood(code, found.tries or tries, found.after_s or after_s)
    return NotNow(code, _SCOPES.get(found.remedy, Scope.MESSAGE), found.tries, found.after_s)


_SCOPES = {
    Remedy.SOON: Scope.BUSY,
    Remedy.NETWORK: Scope.LINE,
    Remedy.DEVICE: Scope.LINE,
    Remedy.DRAIN: Scope.LINE,
    Remedy.LADDER: Scope.LINE,
    Remedy.CENTRE: Scope.LINE,
}
