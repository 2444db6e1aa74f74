"""Error numbers from 512 up, which every maker gives a meaning of its own, and what they prove.

Numbers are data. Sources: smstools3's notes for Wavecom (which follow 3GPP TS 24.011's names of the layers),
gammu's table for Siemens and SIMCom, Quectel's and Sierra's manuals.
"""

from __future__ import annotations

from .codes import PROVEN_NOT_SENT, Meaning, Remedy

_T, _S, _N = Remedy.LATER, Remedy.SOON, Remedy.NETWORK
_D, _B = Remedy.DEVICE, Remedy.OURS

WAVECOM_CMS: dict[int, Meaning] = {
    512: Meaning("no_connection", _S),  # or a text came in at the same moment
    513: Meaning("network_timeout", _T),  # the lower layer's acknowledgement: it may have gone
    514: Meaning("congestion", _T),
    515: Meaning("device_starting", _S),
}
WAVECOM_CME: dict[int, Meaning] = {
    515: Meaning("device_starting", _S),
    536: Meaning("device_failure", Remedy.LADDER),
}
WAVECOM_PROVEN: frozenset[str] = PROVEN_NOT_SENT | {"CMS 512", "CMS 515"}
"""512: no connection to the network was made to send over; 515: the device did not begin. 514 is an error
of the layer that carries the text, and like 513 says nothing about where the text was by then."""

SIEMENS_CMS: dict[int, Meaning] = {
    512: Meaning("aborted", _T),
    513: Meaning("store_full", Remedy.DRAIN),
    514: Meaning("invalid_status", _B),
    515: Meaning("invalid_address", _B),
    **{number: Meaning("invalid_pdu", _B) for number in range(516, 521)},
    521: Meaning("device_timeout", _T),
    522: Meaning("temporarily_not_allowed", _T),
    532: Meaning("sim_busy", _S),
    535: Meaning("service_busy", _T),
    538: Meaning("wrong_parameters", _B),
    **{number: Meaning("invalid_pdu", _B) for number in range(549, 555)},
    **{number: Meaning("no_network", _N) for number in (615, 616, 639, 640)},
    769: Meaning("module_control", _T),
    770: Meaning("denied", _D),
    771: Meaning("call_set_up", _T),
    772: Meaning("sim_powered_down", _D),
}
"""SIMCom's modules have the same table."""
SIEMENS_CME: dict[int, Meaning] = {772: Meaning("sim_powered_down", _D)}

QUECTEL_CMS: dict[int, Meaning] = {
    512: Meaning("sim_busy", _S),
    513: Meaning("message_too_long", _B),
    514: Meaning("wrong_parameters", _B),
    515: Meaning("store_failure", Remedy.LADDER),
    517: Meaning("wrong_mode", _B),
    529: Meaning("not_allowed", _D),
    531: Meaning("store_full", Remedy.DRAIN),
    604: Meaning("device_starting", _S),
}
