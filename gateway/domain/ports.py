"""What was found on a port when every port was asked: as the running program tells it to the panel."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Port:
    """One port, and what answered on it.

    `code` and `facts` are those of a probe (keys of `line_words` and `port_words`); `use` is what a line is
    given as its port; `product`: what USB calls the device; `is_best`: whether this port of the device is
    the one to take; `line`: the line that has it already; `mode`: of a modem that shows no port, the mode it
    is in (cd_rom, network_card), with its USB id as its path.
    """

    path: str
    code: str
    facts: dict[str, str] = field(default_factory=dict)
    use: str = ""
    product: str = ""
    is_best: bool = False
    line: str = ""
    mode: str = ""
