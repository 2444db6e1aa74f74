"""The devices a fake modem can be, one file a family. Importing this enters them in `PERSONALITIES`."""

from . import adapter, huawei, plain, quectel, siemens, simcom, telit, ublox, wavecom, zte

__all__ = ["adapter", "huawei", "plain", "quectel", "siemens", "simcom", "telit", "ublox", "wavecom", "zte"]
