"""How each fault of the checklist is put in force in a story, and what a person is told meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.faults.bench import PIN


@dataclass(frozen=True)
class Case:
    """One fault in one story.

    `before`: in force before the line is first opened. `lasts`: virtual seconds until it is cleared, None
    where it ends by itself. `says`: what the line must have said meanwhile, a code of `LineState`. `cure`:
    faults put in force to end it. `fix`: what a person does to end it, a key of `FIXES`. `modem`: how the
    device is made. `unclear`: whether a text may end without anybody knowing whether it went. `replug`: the
    device has to be unplugged and plugged in to recover. `reports_lost`: as for `Bench.check`.
    """

    params: dict[str, Any] = field(default_factory=dict)
    before: bool = False
    lasts: float | None = 30.0
    says: str = ""
    cure: tuple[str, ...] = ()
    fix: str = ""
    modem: dict[str, Any] = field(default_factory=dict)
    unclear: bool = False
    replug: bool = False
    reports_lost: bool = False


_PLAIN = Case()
_ONCE = Case(lasts=None)
_MESSAGE = Case(lasts=None)

CASES: dict[str, Case] = {
    # the line
    "echo-on": _ONCE,
    "echo-returns-after-reset": Case(lasts=None, unclear=True),
    "echo-split": _PLAIN,
    "pdu-echo": _PLAIN,
    "eol": Case({"how": "lf"}, before=True),
    "numeric-results": Case(before=True),
    "verbose-errors": Case(before=True),
    "no-space-after-colon": Case(before=True),
    "lowercase-hex": Case(before=True),
    "chunking": Case({"how": "byte"}, before=True),
    "inter-byte-ms": Case({"ms": 2}),
    "latency": Case({"after": 0.5}),
    "jitter": Case({"most": 0.5}),
    "drop-first-at-after-idle": Case({"idle": 5.0}, lasts=300.0),
    "garbage": Case({"n": 64}, lasts=None),
    "nul-prefix": Case({"n": 3, "count": 20}),
    "0xff-burst": _ONCE,
    "latin1-operator": _PLAIN,
    "truncate-answer": Case({"count": 3}, lasts=60.0, unclear=True),
    "drop-ok": Case({"count": 3}, lasts=60.0),
    "double-ok": Case({"count": 3}, lasts=60.0),
    "late-answer": Case({"after": 12.0}, lasts=60.0),
    "swap-answers": Case(lasts=60.0, unclear=True),
    "mute": Case(lasts=240.0, says="no_answer", unclear=True),
    "half-mute": Case(lasts=240.0, unclear=True),
    "error-storm": Case(lasts=60.0, unclear=True),
    "busy-storm": Case(lasts=60.0, unclear=True),
    "urc-flood": Case({"text": "^RSSI:17", "per_second": 200}, lasts=20.0),
    "urc-in-answer": Case({"text": "^RSSI:17", "at": "header-to-body", "count": 5}, lasts=60.0),
    "write-stall": Case(lasts=60.0, unclear=True),
    "eio": Case(lasts=60.0, unclear=True),
    "zero-read": Case(lasts=60.0, unclear=True),
    "hangup": Case(lasts=None, unclear=True),
    "vanish-and-return": Case({"after": 20.0}, lasts=None, unclear=True),
    "second-reader": Case({"share": 0.3}, lasts=60.0, unclear=True, reports_lost=True),
    "binary-port": Case(lasts=60.0, unclear=True),
    "nmea-port": Case(lasts=60.0, unclear=True),
    "tcp-half-open": Case(modem={"tcp": 0}, lasts=None, unclear=True),
    "tcp-reset": Case(modem={"tcp": 0}, lasts=None, unclear=True),
    # SIM and network
    "sim-absent": Case(before=True, lasts=60.0, says="sim_missing"),
    "sim-pin": Case({"pin": PIN}, before=True, lasts=None, says="sim_pin", fix="pin"),
    "sim-puk": Case(before=True, lasts=None, says="sim_puk", fix="unblock"),
    "sim-busy": Case({"seconds": 20.0}, before=True, lasts=None),
    "sim-pulled": Case(lasts=60.0, says="sim_missing", cure=("sim-returned",), unclear=True),
    "sim-returned": Case(lasts=None),
    "sim-other": Case(lasts=None, says="other_sim", fix="confirm", unclear=True),
    "sim-locked-network": Case(before=True, lasts=60.0, says="sim_locked"),
    "cpin-no-ok": Case(before=True),
    "cpin-quoted": Case(before=True),
    "retry-counter": Case({"command": None}, before=True),
    "reg": Case({"states": [2, 2, 3, 1], "every": 30.0}, lasts=None),
    "reg-blink-after-send": Case({"blink": 5.0}),
    "csq": Case({"values": [3, 9, 31]}),
    "csq-99": _PLAIN,
    "csq-dot": _PLAIN,
    "no-csca": Case(before=True, says="no_smsc", fix="smsc"),
    "csca-lost-after": Case({"after": 5.0}, says="no_smsc", fix="smsc"),
    "csca-ucs2": Case(before=True),
    "airplane": Case(lasts=None),
    "cfun-reset": _PLAIN,
    "cfun-reset-ignored": _PLAIN,
    "cfun-reset-other-usb-mode": Case(replug=True, unclear=True),
    "balance-exhausted": Case({"cms": 50}, lasts=120.0),
    "clock": Case({"time": "26/03/02,09:30:00+00"}),
    # sending
    "prompt": Case({"form": "bare"}),
    "stuck-prompt-on-open": Case({"to": "+12025550143", "typed": "Your table is bo"}, before=True),
    "send-delay": Case({"least": 60.0, "most": 120.0}, lasts=300.0),
    "send-result": Case({"result": "cms 38", "count": 1}, lasts=60.0),
    "late-result": Case({"after": 200.0, "busy": False, "accepted": True}, lasts=None, unclear=True),
    "sent-but-error": Case({"cms": 500, "count": 1}, lasts=None, unclear=True),
    "error-but-not-sent": Case({"cms": 38, "count": 1}, lasts=None),
    "reset-before-ctrlz": Case({"when": "at-prompt"}, lasts=None),
    "reset-after-ctrlz": Case({"accepted": True}, lasts=None, unclear=True),
    "vanish-after-ctrlz": Case({"accepted": True, "back_after": 20.0}, lasts=None, unclear=True),
    "mr": Case({"how": "missing"}),
    "cmgs-with-scts": _PLAIN,
    "len-check": _PLAIN,
    "long-pdu-hang": _PLAIN,
    "text-ucs2-over-133-stuck": _PLAIN,
    "incoming-collision": Case(lasts=None, unclear=True),
    "store-full-blocks-send": _PLAIN,
    "cmgw-unsupported": _PLAIN,
    "cmss-flips-stat": _PLAIN,
    "cmms-error": Case(before=True),
    # receiving
    "deliver": Case({"sample": "D1"}, lasts=None),
    "deliver-burst": Case({"n": 15, "over": 3.0}, lasts=None),
    "deliver-while-offline": Case({"until": "registration", "after": 40.0, "n": 3}, lasts=None),
    "multipart": Case({"how": "order"}, lasts=None),
    **dict.fromkeys(("class0", "class2", "mwi-set", "mwi-clear", "type0", "replace"), _MESSAGE),
    **dict.fromkeys(("mms-notification", "port-data", "alnum-sender", "alnum-7-at"), _MESSAGE),
    **dict.fromkeys(("empty-sender", "empty-body", "turkish-single", "turkish-locking"), _MESSAGE),
    **dict.fromkeys(("portuguese", "bad-scts", "far-scts", "negative-zone"), _MESSAGE),
    **dict.fromkeys(("truncated-pdu", "non-hex-pdu", "ucs2-odd-length"), _MESSAGE),
    "cmti-only": _PLAIN,
    "cmti-lost": _PLAIN,
    "cmti-double": _PLAIN,
    "cmti-before-readable": Case({"after": 4.0}),
    "cmti-other-store": Case({"store": "SM"}),
    "cmti-other-port": _PLAIN,
    "cmt-direct": _PLAIN,
    "cmt-needs-ack": _PLAIN,
    "cnmi-silently-reset": Case(lasts=None),
    "cmgl-hang": Case(lasts=240.0),
    "cmgl-partial": Case({"items": 1}, lasts=120.0),
    "cmgl-first-part-only": _PLAIN,
    "cmgr-empty-ok": _PLAIN,
    "cmgr-321": Case(lasts=60.0),
    "cmgd-slow": Case({"after": 15.0}, lasts=120.0),
    "cmgd-fails": Case({"count": 3}, lasts=200.0),
    "cmgd-deletes-neighbour": _ONCE,
    "slot-reused": _ONCE,
    "index-base": Case({"first": 301}, lasts=None),
    "stat-read-flip": _PLAIN,
    "foreign-entries": Case({"n": 3}, lasts=None),
    "store-full": Case({"free": 0}, lasts=120.0),
    "report": Case({"before_cmgs": True}),
    # calls and USSD
    "ring": Case({"number": "+12025550155", "rings": 3}, lasts=None),
    "ring-other-port": _PLAIN,
    "hangup-honoured": _PLAIN,
    "clip-hangs-device": Case(before=True, replug=True),
    "ussd": _PLAIN,
    "cusd-2-hangs": _PLAIN,
}
