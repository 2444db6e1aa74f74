"""The doctor's words about lines, ports and modems."""

from __future__ import annotations

from gateway.domain.doctor_finding import SERVICE, Finding, Subject

LINES: dict[str, Subject] = {
    "lines": Subject(
        "lines",
        "Whether there is a line at all.",
        {
            "well": Finding("{count} set up"),
            "none": Finding("0 set up", "Add one with: sms-gateway line add NAME --port PATH"),
        },
    ),
    "line": Subject(
        "line {line}",
        "How each line is, as the running program tells it; where none runs the modem itself is asked.",
        {
            "well": Finding("{is_}"),
            "trouble": Finding("{is_}", "{advice}"),
        },
    ),
    "rights": Subject(
        "line {line}, rights",
        "Whether the service's user may open the line's device.",
        {
            "well": Finding("{user} may open {path}"),
            "denied": Finding(
                "{user} may not open {path} ({owner}:{group}, {mode})",
                "Add the user to that group and start the program again: sudo usermod -aG {group} {user}",
            ),
            "denied_to_group": Finding(
                "{user} may not open {path} ({owner}:{group}, {mode})",
                "Give it back to the group dialout: sudo chgrp dialout {path} && sudo chmod 660 {path}. If "
                "it comes again, write the udev rule of docs/service.md, in /usr/share/doc/sms-gateway.",
            ),
            "not_allowed": Finding(
                "the service may not open {path}: its DeviceAllow= does not name {kind}",
                f"Run: sudo systemctl edit {SERVICE}, and write below [Service]: DeviceAllow={{kind}} "
                "rw. Then: "
                f"sudo systemctl restart {SERVICE}",
            ),
            "listed_late": Finding(
                "the service was started before the driver of {path} was loaded, so it may not open it",
                f"Start it again: sudo systemctl restart {SERVICE}",
            ),
        },
    ),
    "memory": Subject(
        "line {line}, memory",
        "How full the SIM or the modem is with texts.",
        {"well": Finding("{is_}"), "full": Finding("{is_}", "{advice}")},
    ),
    "limits": Subject(
        "line {line}, limits",
        "Whether the line has used up what it may send in a day.",
        {
            "well": Finding("{left} of {limit} left"),
            "reached": Finding(
                "{limit} is used up: texts wait, the next goes {at}",
                "They go by themselves. If your operator allows more: "
                "sms-gateway line set {word} limits 6/minute,600/day",
            ),
        },
    ),
    "signal": Subject(
        "line {line}, signal",
        "Whether the signal is good enough.",
        {
            "well": Finding("{strength}, {dbm} dBm"),
            "weak": Finding(
                "weak, {dbm} dBm: texts may fail now and then",
                "Move the modem or its antenna to a window, away from other devices, or use a larger "
                "antenna.",
            ),
        },
    ),
    "line_clock": Subject(
        "line {line}, clock",
        "The network's clock as a second opinion on this box's.",
        {"well": Finding("{is_}"), "apart": Finding("{is_}", "{advice}")},
    ),
    "device": Subject(
        "line {line}, device",
        "Which modem, SIM, network and message centre it is, and what it cannot do.",
        {"well": Finding("{is_}")},
    ),
    "programs": Subject(
        "other programs",
        "Programs that are known to open modems by themselves: ModemManager, gammu-smsd and others.",
        {"well": Finding("{is_}"), "suspect": Finding("{is_}", "{advice}")},
    ),
    "brltty": Subject(
        "brltty",
        "Whether a program for braille displays takes a serial adapter away.",
        {"suspect": Finding("{is_}", "{advice}")},
    ),
    "stick": Subject(
        "modem {usb}",
        "Modems that are plugged in and show no port.",
        {"well": Finding("{is_}"), "missed": Finding("{is_}", "{advice}")},
    ),
}
"""What texts come and go by."""
