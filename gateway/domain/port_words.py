"""What is said of ports, of the programs that hold them, and of modems that show no port.

Tables of sentences. PATH in a command stands for the port, TTY for its name. A command ends
its sentence without a full stop, or stands in brackets.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from gateway.domain.language import joined, t

_REMEDIES: dict[str, str] = {
    "ModemManager": t(
        "It opens every new modem. Where mobile data is needed, keep it from this modem with "
        "ID_MM_DEVICE_IGNORE in a udev rule (docs/service.md, in /usr/share/doc/sms-gateway, has one to "
        "copy). Else stop it for good: sudo systemctl mask --now ModemManager"
    ),
    "modem-manager-gui": t(
        "Close the program modem-manager-gui, and remove it if it starts by itself: "
        "sudo apt remove modem-manager-gui"
    ),
    "brltty": t(
        "It takes serial adapters for braille displays. If none is used here, remove it (sudo apt remove "
        "brltty). Else: sudo systemctl mask --now brltty-udev.service && sudo ln -s /dev/null "
        "/etc/udev/rules.d/85-brltty.rules"
    ),
    "gammu-smsd": t(
        "Only one program can send texts by a modem. Stop it: sudo systemctl mask --now gammu-smsd"
    ),
    "smsd": t("Only one program can send texts by a modem. Stop it: sudo systemctl mask --now smstools"),
    "sms-gateway": t("Another sms-gateway has it. Stop that one, or give this line another modem."),
    "agetty": t(
        "It waits for somebody to sign in there. Stop it: sudo systemctl mask --now serial-getty@TTY.service"
    ),
    "pppd": t(
        "It keeps a data connection open. Give texts another port of the modem (sms-gateway modems), "
        "or end that connection."
    ),
}
_REMEDIES["getty"] = _REMEDIES["agetty"]

UNKNOWN_HOLDER = t("See which program it is, then stop it: sudo fuser -v PATH")


def remedy_for_holder(holder: str) -> str:
    """What to do about a program that holds a port; `holder` as in the facts: "smsd (process 812)"."""
    return _REMEDIES.get(holder.partition(" (")[0], UNKNOWN_HOLDER)


def with_port(sentence: str, path: str) -> str:
    """A sentence with the port's path in its commands, in place of PATH, and its name in place of TTY."""
    known = {"PATH": shlex.quote(path), "TTY": path.rpartition("/")[2]}
    return re.sub(r"\b(?:PATH|TTY)\b", lambda found: known[found[0]], str(sentence))


def troublemaker(name: str) -> str:
    """What to do about a running program that is known to open modems by itself."""
    return _REMEDIES.get(name, "")


BRLTTY_SIGN = (
    t("the port appears and is gone within a second: brltty takes it for a braille display"),
    _REMEDIES["brltty"],
)
"""Said of a serial adapter whose port vanishes right after it appeared: what is, what to do."""

# --- what answered on a port -------------------------------------------------------------------------

PORTS: dict[str, str] = {
    "data_port": t("takes commands but no texts: it is for data. Use another port of this modem."),
    "diag_port": t("is for the maker's diagnosis. Use another port of this modem."),
    "gnss_port": t("tells positions (GPS). Use another port of this modem."),
    "not_a_modem": t("nothing answered. Another port of the same modem may."),
    "port_denied": t("this user may not open it. Run: sudo sms-gateway modems"),
    "port_missing": t("there is no such port."),
    "port_lost": t("it vanished while it was asked. Wait ten seconds and try again."),
}

NO_PORTS = t("No serial port was found. Plug the modem in, wait ten seconds, and try again.")


def port_in_use(holder: str) -> str:
    """Said of a port another program has; `holder` is empty where it cannot be seen."""
    is_ = t("{program} is using it.").format(program=holder or t("another program"))
    return joined(is_, remedy_for_holder(holder))


def port_denied(facts: Mapping[str, str]) -> str:
    """Said of a port that may not be opened; `facts` as of `LineState`, without what is not known."""
    denied = denial(facts)
    return str(PORTS["port_denied"]) if denied is None else f"{denied[0]}. {denied[1]}"


def denial(facts: Mapping[str, str]) -> tuple[str, str] | None:
    """Why a port may not be opened, without its full stop, and what to do; None where that is not known."""
    if "mode" not in facts:
        return None
    user, group = facts["user"], facts["group"]
    if facts.get("rights") == "enough":
        return (
            t("{user} has the right to open it, and the service's unit (or a container) forbids it").format(
                user=user
            ),
            str(_UNIT_FORBIDS),
        )
    words = t("it belongs to {owner}, group {group}, mode {mode}, so {user} may not open it")
    why = words.format(owner=facts["owner"], group=group, mode=facts["mode"], user=user)
    if group != "root" and int(facts["mode"], 8) & 0o060 == 0o060:
        return why, _JOIN_GROUP.format(group=group, user=user)
    return why, str(_GIVE_GROUP)


_UNIT_FORBIDS = t(
    "Start the program again (sudo systemctl restart sms-gateway). If it stays: Another kind of serial "
    "port in docs/service.md, in /usr/share/doc/sms-gateway, says what to add."
)
_JOIN_GROUP = t(
    "Join that group: sudo usermod -aG {group} {user}. Start the program again (sudo systemctl restart "
    "sms-gateway); by hand, sign in anew."
)
_GIVE_GROUP = t(
    "Give it to the group dialout (a udev rule keeps it so: docs/service.md, in "
    "/usr/share/doc/sms-gateway, has one): sudo chgrp dialout PATH && sudo chmod 660 PATH"
)


def port_of_line(line: str) -> str:
    """Said of a port that is left alone because a line uses it."""
    return t("the line {line} uses it.").format(line=line)


def set_for_line(line: str) -> str:
    """Said of a port that was asked and is set for a line, which is not running now."""
    return f"It is set for the line {line}."


def use_this(name: str, path: str) -> str:
    """The advice under the port to take; `name` of the line to add."""
    return f"Use this one: sms-gateway line add {name} --port {path}"


def stable_name(path: str) -> str:
    """Said where the port has no name that stays the same."""
    return f"{path} may be another one next time; --port auto finds the modem wherever it is."


# --- modems without a port ---------------------------------------------------------------------------

_SWITCH = t("sudo apt install usb-modeswitch, then unplug the modem, wait ten seconds, and plug it in again.")
_HUAWEI_RULE = t(
    "Install usb-modeswitch (sudo apt install usb-modeswitch), then write these lines to "
    "/etc/usb_modeswitch.d/{file} and plug it in again:\n"
    "TargetVendor=0x12d1\n"
    "TargetProduct=0x1001\n"
    'MessageContent="55534243123456780000000000000011062000000100000000000000000000"\n'
    "If it still shows no port, use instead:\n"
    'MessageContent="55534243123456780000000000000011063000000100010000000000000000"'
)

MODES: Mapping[str, str] = {
    "cd_rom": t("is in CD-ROM mode and shows no port"),
    "network_card": t("is in network-card mode and shows no port"),
}


def stick_without_port(usb: str, mode: str) -> tuple[str, str]:
    """What is said of a modem that shows no port, and the exact fix; `mode` is cd_rom or network_card."""
    if usb.startswith("12d1:"):
        # a stick in network-card mode was switched there from its CD-ROM mode, which is where to begin
        return MODES[mode], _HUAWEI_RULE.format(file=usb if mode == "cd_rom" else "12d1:1f01")
    return MODES[mode], _SWITCH
