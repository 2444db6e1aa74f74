"""Every program known to take modems has a remedy, and every kind of port a sentence."""

from __future__ import annotations

import pytest

from gateway.domain import line_words, port_words
from gateway.modem.holders import TROUBLEMAKERS
from gateway.modem.probe import NO_PLACE_FOR_TEXTS


@pytest.mark.parametrize("name", TROUBLEMAKERS)
def test_every_troublemaker_has_its_remedy(name: str) -> None:
    remedy = port_words.troublemaker(name)
    assert remedy.rstrip()[-1].isalnum() or remedy.endswith((".", "rules"))
    assert port_words.remedy_for_holder(f"{name} (process 812)") == remedy
    said = line_words.line("port_busy", {"holder": f"{name} (process 812)"})
    assert (said.is_, said.you_can) == (f"{name} (process 812) is using the modem", remedy)


def test_a_program_nobody_knows_can_be_looked_up() -> None:
    assert "sudo fuser -v PATH" in port_words.port_in_use("minicom (process 9)")
    assert port_words.port_in_use("").startswith("another program is using it.")


@pytest.mark.parametrize("code", sorted(NO_PLACE_FOR_TEXTS))
def test_every_kind_of_port_has_a_sentence(code: str) -> None:
    said = line_words.probe(code, {})
    assert code not in said
    assert "has trouble" not in said
    assert said.endswith((".", "sudo fuser -v PATH", "sudo sms-gateway modems"))


def test_a_port_that_may_not_be_opened_comes_with_the_remedy_that_fits_its_rights() -> None:
    facts = {"user": "smsgw", "owner": "root", "group": "root", "mode": "600"}
    said = line_words.probe("port_denied", facts)
    assert said.startswith("it belongs to root, group root, mode 600, so smsgw may not open it. Give it")
    assert said.endswith("sudo chgrp dialout PATH && sudo chmod 660 PATH")
    said = line_words.probe("port_denied", {**facts, "group": "dialout", "mode": "660"})
    assert "sudo usermod -aG dialout smsgw" in said and "chmod" not in said


def test_a_port_whose_rights_suffice_is_forbidden_by_something_else() -> None:
    facts = {"user": "smsgw", "owner": "root", "group": "dialout", "mode": "660", "rights": "enough"}
    said = line_words.probe("port_denied", facts)
    assert "unit (or a container) forbids it. Start the program again" in said
    assert "Another kind of serial port" in said and "usermod" not in said


def test_a_line_says_why_its_port_may_not_be_opened() -> None:
    facts = {"user": "smsgw", "owner": "root", "group": "root", "mode": "600", "rights": "lacking"}
    said = line_words.line_of("front", "/dev/ttyS0", "port_denied", facts)
    assert said.cause == "It belongs to root, group root, mode 600, so smsgw may not open it."
    assert said.you_can.endswith("sudo chgrp dialout /dev/ttyS0 && sudo chmod 660 /dev/ttyS0")
    assert "USER" in line_words.line_of("front", "/dev/ttyS0", "port_denied").you_can


def test_the_fix_of_a_stick_begins_where_it_was_switched() -> None:
    assert "usb_modeswitch.d/12d1:1446 " in port_words.stick_without_port("12d1:1446", "cd_rom")[1]
    assert "usb_modeswitch.d/12d1:1f01 " in port_words.stick_without_port("12d1:14dc", "network_card")[1]
    assert "apt install usb-modeswitch" in port_words.stick_without_port("19d2:2000", "cd_rom")[1]
