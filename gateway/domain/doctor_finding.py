"""How a finding of the doctor is worded, and what many of the remedies share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that may be found. `is_` follows the subject's name; `do` is what a person has to do, empty
    where all is well. `unseen`: it could not be looked at, and `do` says how it can be."""

    is_: str
    do: str = ""
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that is looked at: its name in the list, what is looked at in a sentence, its findings by
    their codes."""

    name: str
    looks_at: str
    findings: Mapping[str, Finding]


SERVICE = "sms-gateway.service"
RESTORE = "Stop the program and restore the newest backup (sms-gateway restore --help)."
SYSTEM_LOG = "Look for the disk's errors: sudo journalctl -k"
GIVE_BACK = "Give it back to the service: sudo chown {owner}: {path} && sudo chmod 600 {path}"
AS_ROOT = "To see it, run: sudo sms-gateway doctor"
