"""A second port of a device: notices come out here, and nothing that is written to it is answered.

Knows no AT command.
"""

from __future__ import annotations

from .wire import PtyWire


class NoticePort(PtyWire):
    """A pty of its own behind `link`; `tell` is its only voice."""

    def __init__(self, link: str | None) -> None:
        super().__init__(lambda data: None, link)

    def write(self, data: bytes) -> None:
        """Answers go out on the device's other port."""

    def tell(self, text: str) -> None:
        """An unsolicited line."""
        super().write(f"\r\n{text}\r\n".encode("latin-1", "replace"))
