"""What a fake modem must be able to play, by name, and where each is tested.

The names are those of the checklist the fake modem is built to. A test fails when a name is played by
nothing, or tested nowhere: once on the fake modem alone, and once with the program on the other end.
"""

from __future__ import annotations

PERSONALITIES = (
    "huawei-e3131",
    "huawei-e220-hang",
    "zte-mf190",
    "quectel-ec25",
    "sim800",
    "sim7600",
    "telit-he910",
    "wavecom-q2403",
    "siemens-tc35",
    "ublox-sara",
    "line-adapter-text",
    "text-gsm-ucs2",
    "generic-27005",
    "minimal-gsm",
)

LINE_LAYER = """
    echo-on echo-returns-after-reset echo-split pdu-echo eol numeric-results verbose-errors
    no-space-after-colon lowercase-hex chunking latency jitter drop-first-at-after-idle garbage nul-prefix
    0xff-burst latin1-operator truncate-answer drop-ok double-ok late-answer swap-answers mute half-mute
    error-storm busy-storm urc-flood urc-in-answer write-stall eio zero-read hangup vanish-and-return
    second-reader binary-port nmea-port tcp-half-open tcp-reset telnet-iac telnet-login
"""

SIM_AND_NETWORK = """
    sim-absent sim-pin sim-puk sim-busy sim-pulled sim-returned sim-other sim-locked-network cpin-no-ok
    cpin-quoted retry-counter reg reg-blink-after-send csq csq-99 csq-dot no-csca csca-lost-after csca-ucs2
    airplane cfun-reset cfun-reset-ignored cfun-reset-other-usb-mode
"""

SENDING = """
    prompt stuck-prompt-on-open send-delay send-result sent-but-error error-but-not-sent reset-before-ctrlz
    reset-after-ctrlz vanish-after-ctrlz mr cmgs-with-scts len-check long-pdu-hang text-ucs2-over-133-stuck
    incoming-collision store-full-blocks-send cmgw-unsupported cmss-flips-stat cmms-error
"""

RECEIVING = """
    deliver deliver-burst deliver-while-offline multipart class0 class2 mwi-set mwi-clear type0 replace
    mms-notification port-data alnum-sender alnum-7-at empty-sender empty-body turkish-single turkish-locking
    portuguese bad-scts far-scts negative-zone truncated-pdu non-hex-pdu ucs2-odd-length cmti-only cmti-lost
    cmti-double cmti-before-readable cmti-other-store cmti-other-port cmt-direct cmt-needs-ack
    cnmi-silently-reset cmgl-hang cmgl-partial cmgl-first-part-only cmgr-empty-ok cmgr-321 cmgd-slow
    cmgd-fails index-base stat-read-flip foreign-entries store-full report
"""

VOICE_AND_USSD = """
    ring ring-other-port hangup-honoured clip-hangs-device ussd cusd-2-hangs
"""

FAULTS = tuple(" ".join((LINE_LAYER, SIM_AND_NETWORK, SENDING, RECEIVING, VOICE_AND_USSD)).split())
