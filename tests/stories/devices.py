"""Which modems the stories are told on: all that speak PDUs and report, whole and byte by byte.

Devices in text mode and those that cannot report are told of in `tests.faults.stories`, which knows what a
line cannot do.
"""

from __future__ import annotations

import pytest

USUAL = ("generic-27005", "blob")
OTHERS_EACH_TIME = (("huawei-e3131", "byte"), ("wavecom-q2403", "random"))
PERSONALITIES = (
    "generic-27005", "huawei-e220-hang", "huawei-e3131", "quectel-ec25", "siemens-tc35", "sim7600", "sim800",
    "telit-he910", "ublox-sara", "wavecom-q2403", "zte-mf190",
)  # fmt: skip


def _product(each_time: tuple[tuple[str, str], ...]) -> list[object]:
    every = [(name, chunking) for name in PERSONALITIES for chunking in ("blob", "byte", "random")]
    return [
        pytest.param(one, marks=() if one in each_time else (pytest.mark.slow,), id=f"{one[0]}-{one[1]}")
        for one in every
    ]


every_device = pytest.mark.parametrize("device", _product((USUAL,)), indirect=True)
"""For a story that takes the fixture `modem`: the usual device each time, the others when all is run."""

several_devices = pytest.mark.parametrize("device", _product((USUAL, *OTHERS_EACH_TIME)), indirect=True)
"""The same with two more each time."""


def options(device: tuple[str, str]) -> tuple[str, ...]:
    """How a fake modem is started to be that device."""
    return ("--personality", device[0], "--chunking", device[1], "--boot-pace", "0.01")
