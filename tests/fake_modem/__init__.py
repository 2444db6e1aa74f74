"""A small world of modems, a network and phones to test a gateway against. README.md tells how."""

from .control import Control, FakeModem
from .modem import Modem
from .network import Network
from .phone import Part, Phone, Text
from .world import Complaint, World

__all__ = ["Complaint", "Control", "FakeModem", "Modem", "Network", "Part", "Phone", "Text", "World"]
