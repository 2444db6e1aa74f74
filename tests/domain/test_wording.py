"""Every state, refusal and trouble has its words, and no word of the program leaks into them."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import gateway
from gateway.domain import wording
from gateway.domain.message import State, WaitingFor
from gateway.domain.wording import Refused, Tone

SOURCES = [path.read_text(encoding="utf-8") for path in Path(gateway.__file__).parent.rglob("*.py")]


@pytest.mark.parametrize("state", State)
def test_every_state_has_words(state: State) -> None:
    said = wording.message(state)
    assert said.words[0].isupper() or state is State.RECEIVING
    assert "_" not in said.words + said.why


@pytest.mark.parametrize("waits", WaitingFor)
def test_every_wait_has_words(waits: WaitingFor) -> None:
    said = wording.message(
        State.QUEUED, waiting_for=waits, due="10:30", line_code="port_lost", reason_code="CMS 41"
    )
    assert said.tone is Tone.WAITING
    assert said.words.startswith(("Waiting", "Scheduled for 10:30"))
    assert "{" not in said.words


@pytest.mark.parametrize(
    ("given", "words", "why"),
    [
        ({"state": State.DELIVERED, "at": "10:31"}, "Delivered 10:31", ""),
        ({"state": State.SENDING, "parts": 3, "parts_done": 1}, "Sending 2/3", ""),
        ({"state": State.SENDING, "parts": 3, "parts_done": 3}, "Sending 3/3", ""),
        ({"state": State.RECEIVING, "parts": 3, "parts_done": 1}, "1 of 3 parts are here", ""),
        (
            {"state": State.FAILED, "parts": 3, "parts_done": 2, "reason_code": "CMS 1"},
            "Failed",
            "The network refused it: no such number. 2 of 3 parts went.",
        ),
        (
            {"state": State.QUEUED, "waiting_for": WaitingFor.RETRY, "due": "10:31", "reason_code": "CMS 41"},
            "Waiting to be tried again: the network had a temporary failure, next at 10:31",
            "",
        ),
        (
            {"state": State.UNCONFIRMED, "reason_code": "crash"},
            "Unclear: may have gone",
            "The program stopped while sending. No report has come.",
        ),
    ],
)
def test_words_under_a_bubble(given: dict[str, object], words: str, why: str) -> None:
    said = wording.message(**given)  # type: ignore[arg-type]
    assert (said.words, said.why) == (words, why)


def test_an_unknown_reason_names_its_code() -> None:
    assert wording.reason("CMS 999") == "The network or the modem refused it (CMS 999)."
    assert wording.reason(None) == wording.reason("") == ""
    assert wording.reason("{code}") == "The network or the modem refused it ({code})."


def test_every_reason_the_program_writes_has_words() -> None:
    """Words that our own code puts into the column `reason`, not those of a device."""
    ours = {"opted_out", "canceled", "expired", "timeout", "port_lost", "device_reset", "crash", "unproven"}
    ours |= {"sent_again", "report_permanent", "report_temporary", "report_expired", "no_prompt", "no_answer"}
    assert ours <= set(wording.REASONS)


def test_every_refusal_the_program_raises_is_in_the_table() -> None:
    raised = {key for source in SOURCES for key in re.findall(r'Refused\(\s*"(\w+)"', source)}
    assert raised
    assert raised <= set(wording.REFUSALS)


@pytest.mark.parametrize("key", wording.REFUSALS)
def test_refusals_fill_their_sentences(key: str) -> None:
    refusal = wording.REFUSALS[key]
    fields = {name: "<x>" for _, name, _, _ in string.Formatter().parse(refusal.text) if name}
    refused = Refused(key, **fields)
    assert refused.text == str(refused)
    assert "{" not in refused.text
    assert 20_000 < refused.refusal.number < 40_000
    assert refused.refusal.title[0].isupper()


def test_every_state_of_a_line_in_the_contract_has_words() -> None:
    contract = Path(gateway.__file__).parent.joinpath("domain", "line.py").read_text(encoding="utf-8")
    (listed,) = re.findall(r"key of the wording table: (.*?)\.\n", contract, re.DOTALL)
    codes = set(re.findall(r"\w+", listed))
    assert {"ready", "sim_pin", "unsupported"} <= codes <= set(wording.LINES)
    assert wording.line("brand_new").is_ == "has trouble (brand_new)"


def test_names_in_a_sentence() -> None:
    assert wording.list_of(["front", "back"]) == "front, back"
    assert wording.list_of([]) == "none"
