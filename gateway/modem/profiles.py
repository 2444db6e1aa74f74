"""The families of devices and how to know them. No behaviour lives here.

A quirk is a field of `Profile`; where it comes from is said beside it. `generic-27005` matches whatever is
left: what it can do is found by asking.
"""

from __future__ import annotations

import re
from dataclasses import replace

from .maker_codes import (
    QUECTEL_CMS,
    SIEMENS_CME,
    SIEMENS_CMS,
    WAVECOM_CME,
    WAVECOM_CMS,
    WAVECOM_PROVEN,
)
from .notices import Modes
from .profile import STANDARD_COUNTER, PinCounter, Profile

_MODE_1_NEXT: Modes = ((2, 1), (1, 1), (2, 2), (1, 2), (3, 1), (3, 2), (2, 0), (1, 0), (3, 0))
"""Qualcomm's firmwares offer mode 2 and may refuse it; mode 1 with a report is better than 2 without."""
_CRSM = "AT+CRSM=176,12258,0,0,10"

GENERIC = Profile("generic-27005", "")

HUAWEI = Profile(
    name="huawei",
    matches=r"\bhuawei",
    setup=("AT^CURC=0", "AT^USSDMODE=0"),  # URC floods let sticks hang; service codes as text
    iccid_commands=("AT^ICCID?", "AT+CCID", _CRSM),
    # ^CPIN: <state>,<tries>,<puk1>,<pin1>,<puk2>,<pin2>
    pin_counter_commands=(
        PinCounter("AT^CPIN?", r"\^CPIN: *[^,]*,[^,]*,\d*,(\d+)"),
        STANDARD_COUNTER,
    ),
    notices=_MODE_1_NEXT,
    sim_out_notices=("^SIMST:255", "^SIMST: 255"),
    preferred_store="SM",  # sticks born for surfing may receive into the SIM alone
    ussd=("packed", "plain", "ucs2"),  # whatever +CSCS says
)

ZTE = Profile(
    name="zte",
    matches=r"\bzte\b",
    calming=("AT+CPMS?",),  # ends the flood of +ZUSIMR:2, which ends in a crash
    setup=("AT+ZOPRT=5",),
    iccid_commands=("AT+ZGETICCID", "AT+CCID", _CRSM),
    pin_counter_commands=(PinCounter("AT+ZPINPUK=?", r"\+ZPINPUK: *(\d+)"), STANDARD_COUNTER),
    notices=_MODE_1_NEXT,
)

QUECTEL = Profile(
    name="quectel",
    matches=r"quectel",
    setup=('AT+QINDCFG="smsincoming",1',),
    iccid_commands=("AT+QCCID", "AT+CCID", _CRSM),
    pin_counter_commands=(PinCounter("AT+QPINC?", r'\+QPINC: *"SC", *(\d+)'), STANDARD_COUNTER),
    ready_notices=("+QIND: SMS DONE",),
    # with ds=2 a report lies in SR and is announced in SM or ME, where another text may lie
    notices=((2, 1), (1, 1), (3, 1), (2, 0), (1, 0), (3, 0)),
    preferred_store="ME",
    cms=QUECTEL_CMS,
)

SIMCOM_7600 = Profile(
    name="simcom-7600",
    matches=r"SIM[ _-]?A?7\d{3}|\bA76\d\d",
    setup=("AT+CSCLK=0",),
    iccid_commands=("AT+CICCID", "AT+CCID", _CRSM),
    pin_counter_commands=(PinCounter("AT+SPIC", r"\+SPIC: *(\d+)"), STANDARD_COUNTER),
    ready_notices=("SMS DONE", "SMS READY"),
    cms=SIEMENS_CMS,
    cme=SIEMENS_CME,
)

SIMCOM_800 = Profile(
    name="simcom-800",
    matches=r"simcom|SIM[89]\d\d",
    setup=("AT+CSCLK=0",),  # asleep it loses the first command
    pin_counter_commands=(PinCounter("AT+SPIC", r"\+SPIC: *(\d+)"), STANDARD_COUNTER),
    ready_notices=("SMS READY",),
    cms=SIEMENS_CMS,
    cme=SIEMENS_CME,
)

TELIT = Profile(
    name="telit",
    matches=r"\btelit",
    setup=("AT+CSMP=49,167,0,0",),  # without, an HE910 hands on no report at all
    iccid_commands=("AT#CCID", "AT+CCID", _CRSM),
    # the counter is that of what the SIM asks for now
    pin_counter_commands=(PinCounter("AT#PCT", r"#PCT: *(\d+)"), STANDARD_COUNTER),
    reset_command="AT#REBOOT",
    inter_command_s=0.02,  # a command that comes sooner after a result is not heard
)

WAVECOM = Profile(
    name="wavecom",
    matches=r"wavecom|\bsierra.*\b(Q2\d{3}|SL60\d\d|FXT\d+)",
    setup=("AT+WIND=15",),
    sim_state_unended=True,
    ready_notices=("+WIND: 4", "+WIND:4"),
    sim_out_notices=("+WIND: 0", "+WIND:0"),
    one_store=True,
    cms=WAVECOM_CMS,
    cme=WAVECOM_CME,
    proven_not_sent=WAVECOM_PROVEN,
    reset_command="AT+CFUN=1",
    inter_char_s=0.0005,  # old parsers lose octets that come at full speed
)

SIERRA = Profile(
    name="sierra",
    matches=r"\bsierra",
    iccid_commands=("AT!ICCID?", "AT+CCID", _CRSM),
    cms=WAVECOM_CMS,
    cme=WAVECOM_CME,
    proven_not_sent=WAVECOM_PROVEN,
    reset_command="AT!RESET",
)

SIEMENS = Profile(
    name="siemens",
    matches=r"siemens|cinterion|gemalto|\bthales",
    iccid_commands=("AT^SCID", "AT+CCID", _CRSM),
    pin_counter_commands=(PinCounter("AT^SPIC", r"\^SPIC: *(\d+)"), STANDARD_COUNTER),
    # direct reports need +CSMS=1, and with it an acknowledgement for each
    notices=((2, 2), (3, 2), (1, 2), (2, 1), (3, 1), (1, 1), (2, 0), (3, 0), (1, 0)),
    notice_buffer="1",
    sim_out_notices=("^SCKS: 0", "^SCKS:0"),
    cms=SIEMENS_CMS,
    cme=SIEMENS_CME,
)

UBLOX = Profile(
    name="u-blox",
    matches=r"u-?blox",
    setup=("AT+UPSV=0", "AT+UMWI=0"),  # asleep it loses the first command
    # +UPINCNT: <pin>,<pin2>,<puk>,<puk2>
    pin_counter_commands=(PinCounter("AT+UPINCNT", r"\+UPINCNT: *(\d+)"), STANDARD_COUNTER),
)

NEOWAY = replace(GENERIC, name="neoway", matches=r"\bM590", radio_step=False)

PROFILES: tuple[Profile, ...] = (
    HUAWEI,
    ZTE,
    QUECTEL,
    SIMCOM_7600,
    SIMCOM_800,
    TELIT,
    WAVECOM,
    SIERRA,
    SIEMENS,
    UBLOX,
    NEOWAY,
    GENERIC,
)
"""First match wins; the last one matches everything."""


def profile_for(maker: str, model: str, firmware: str) -> Profile:
    """The profile of a device by what it says of itself."""
    identity = f"{maker} {model} {firmware}"
    return next((p for p in PROFILES if re.search(p.matches, identity, re.IGNORECASE)), GENERIC)
