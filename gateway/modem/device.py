"""What is known of a device once its opening dialogue is over, for whoever works with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from gateway.domain.line import Abilities

from .profile import Profile
from .profiles import GENERIC
from .textmode import TextMode


@dataclass(slots=True)
class Device:
    """What the dialogue learnt. `facts` as in `LineState`.

    `stores` are those that are listed, the first of them is selected and is `receives_into`. `cnmi` is the
    setting that was accepted, empty where the device announces nothing and has to be polled. `abilities`
    are those of its profile without what it refused. `text` says how it writes texts where it has no PDU
    mode (27.005 clause 3). `iccid_command` is the one that told the SIM's name.
    """

    profile: Profile = GENERIC
    facts: dict[str, str] = field(default_factory=dict)
    stores: tuple[str, ...] = ()
    receives_into: str = ""
    cnmi: str = ""
    iccid_command: str = ""
    text: TextMode | None = None
    abilities: Abilities = field(default_factory=lambda: GENERIC.abilities)

    @property
    def text_mode(self) -> bool:
        """Whether it was told to write texts, not PDUs."""
        return self.text is not None

    @property
    def sim(self) -> str:
        """What names the SIM: ICCID, IMEI where it is not told, else empty."""
        return self.facts.get("iccid") or self.facts.get("imei") or ""

    def learn(self, name: str, value: str | None) -> None:
        """Keep a fact, if it says anything."""
        if value:
            self.facts[name] = value

    def cannot(self, ability: str) -> None:
        """It refused what this field of `Abilities` needs."""
        change: dict[str, Any] = {ability: False}
        self.abilities = replace(self.abilities, **change)
