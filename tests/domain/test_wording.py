"""Every state, refusal and trouble has its words, and no word of the program leaks into them."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import gateway
from gateway.domain import line_words, message_words, phrases, reason_words, refusal_words
from gateway.domain.message import State, WaitingFor
from gateway.domain.message_words import Tone
from gateway.domain.refusal_words import Refused

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
SOURCES = [path.read_text(encoding="utf-8") for path in Path(gateway.__file__).parent.rglob("*.py")]


@pytest.mark.parametrize("state", State)
def test_every_state_has_words(state: State) -> None:
    said = message_words.message(state)
    assert said.words[0].isupper() or state is State.RECEIVING
    assert "_" not in said.words + said.why


@pytest.mark.parametrize("waits", WaitingFor)
def test_every_wait_has_words(waits: WaitingFor) -> None:
    said = message_words.message(
        State.QUEUED,
        waiting_for=waits,
        due="today at 10:30",
        line_code="port_lost",
        reason_code="CMS 41",
    )
    assert said.tone is Tone.WAITING
    assert said.words.startswith(("Waiting", "Will go today at 10:30"))
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
            {
                "state": State.QUEUED,
                "waiting_for": WaitingFor.RETRY,
                "due": "today at 10:31",
                "reason_code": "CMS 41",
            },
            "Waiting to be tried again: the network had a temporary failure, next today at 10:31",
            "",
        ),
        ({"state": State.QUEUED, "place": 1}, "Queued", ""),
        ({"state": State.QUEUED, "place": 3}, "Queued (3rd)", ""),
        ({"state": State.QUEUED, "place": 112}, "Queued (112th)", ""),
        (
            {
                "state": State.QUEUED,
                "waiting_for": WaitingFor.QUIET_HOURS,
                "due": "Tuesday at 08:00 their time (04:00 here)",
            },
            "Will go Tuesday at 08:00 their time (04:00 here)",
            "It waits for their day to begin.",
        ),
        (
            {"state": State.QUEUED, "waiting_for": WaitingFor.QUIET_HOURS},
            message_words.NO_HOURS,
            message_words.SET_ZONE,
        ),
        (
            {
                "state": State.QUEUED,
                "waiting_for": WaitingFor.RATE,
                "due": "today at 10:04",
                "place": 1,
            },
            "Waiting for its turn: the line is at its sending limit, today at 10:04",
            "",
        ),
        (
            {
                "state": State.QUEUED,
                "waiting_for": WaitingFor.BUDGET,
                "due": "Tuesday at 10:04",
                "place": 2,
            },
            "Waiting: the line has sent as many texts as it may in a day, goes on Tuesday at 10:04",
            "2nd in the queue.",
        ),
        (
            {"state": State.UNCONFIRMED, "reason_code": "crash"},
            "Unclear: may have gone",
            "The program stopped while sending. No report has come.",
        ),
    ],
)
def test_words_under_a_bubble(given: dict[str, object], words: str, why: str) -> None:
    said = message_words.message(**given)  # type: ignore[arg-type]
    assert (said.words, said.why) == (words, why)


def test_an_unknown_reason_names_its_code() -> None:
    assert reason_words.reason("CMS 999") == "The network or the modem refused it (CMS 999)."
    assert reason_words.reason(None) == reason_words.reason("") == ""
    assert reason_words.reason("{code}") == "The network or the modem refused it ({code})."


class _Reasons:
    """The words one module of ours puts into the column `reason`: found where they are handed over."""

    OUTCOMES = ("CannotTell", "NotNow", "RefusedForGood")
    """Their code becomes the reason of the text that was to be sent."""

    def __init__(self, source: str) -> None:
        self._module = ast.parse(source)
        functions = [node for node in ast.walk(self._module) if isinstance(node, FUNCTION)]
        self._functions = {function.name: function for function in functions}
        self._seen: set[tuple[str, str]] = set()

    def found(self) -> set[str]:
        """Every word, followed through names, parameters, returns and tables of the module."""
        handed_over = [
            (function, given)
            for function in self._functions.values()
            for call in _calls(function)
            for given in self._reasons_in(call)
        ]
        return {word for function, given in handed_over for word in self._words(given, function)}

    def _reasons_in(self, call: ast.Call) -> list[ast.expr]:
        name = _name_of(call)
        named = [keyword.value for keyword in call.keywords if keyword.arg == "reason"]
        if name == "end" and len(call.args) > 4:  # outbox.end(tx, message_id, ended, now, reason)
            return [call.args[4]]
        return call.args[:1] if name in self.OUTCOMES else named if name == "change" else []

    def _words(self, given: ast.expr, function: Function) -> set[str]:
        words: set[str] = set()
        for node in _outside_of_formats(given):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
            elif isinstance(node, ast.Name) and (function.name, node.id) not in self._seen:
                self._seen.add((function.name, node.id))
                for value, where in self._values(node.id, function):
                    words |= self._words(value, where)
        return words

    def _values(self, name: str, function: Function) -> Iterator[tuple[ast.expr, Function]]:
        """What a name may stand for, and the function in which to read on."""
        for node in (*ast.walk(function), *self._module.body):
            if isinstance(node, ast.Assign) and name in [getattr(to, "id", "") for to in node.targets]:
                yield node.value, function
        if name in self._functions:
            called = self._functions[name]
            yield from ((r.value, called) for r in ast.walk(called) if isinstance(r, ast.Return) and r.value)
        parameters = [parameter.arg for parameter in function.args.args]
        if name in parameters:
            at = parameters.index(name)
            for caller in self._functions.values():
                for call in _calls(caller):
                    if _name_of(call) == function.name and at < len(call.args):
                        yield call.args[at], caller


def _calls(function: Function) -> Iterator[ast.Call]:
    return (node for node in ast.walk(function) if isinstance(node, ast.Call))


def _name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def _outside_of_formats(given: ast.expr) -> Iterator[ast.AST]:
    """Nodes of an expression without those of f-strings, which are codes of a device ("CMS 21")."""
    yield given
    for child in ast.iter_child_nodes(given):
        if isinstance(child, ast.expr) and not isinstance(given, ast.JoinedStr):
            yield from _outside_of_formats(child)


def test_every_reason_the_program_writes_has_words() -> None:
    ours = set().union(*(_Reasons(source).found() for source in SOURCES))
    known = {"opted_out", "canceled", "expired", "line_removed", "sent_again", "timeout", "crash", "unproven"}
    known |= {"report_permanent", "report_expired", "report_overdue", "no_prompt", "port_lost", "opening"}
    assert known <= ours, "the search still finds what it must"
    assert ours <= set(reason_words.REASONS) | set(line_words.LINES)


def test_every_refusal_the_program_raises_is_in_the_table() -> None:
    raised = {key for source in SOURCES for key in re.findall(r'Refused\(\s*"(\w+)"', source)}
    assert raised
    assert raised <= set(refusal_words.REFUSALS)


@pytest.mark.parametrize("key", refusal_words.REFUSALS)
def test_refusals_fill_their_sentences(key: str) -> None:
    refusal = refusal_words.REFUSALS[key]
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
    assert {"ready", "sim_pin", "unsupported"} <= codes <= set(line_words.LINES)
    assert line_words.line("brand_new").is_ == "has trouble (brand_new)"


def test_names_in_a_sentence() -> None:
    assert phrases.list_of(["front", "back"]) == "front, back"
    assert phrases.list_of([]) == "none"


@pytest.mark.parametrize(("count", "said"), [(0, "0 minutes"), (1, "1 minute"), (2, "2 minutes")])
def test_so_many_of_something(count: int, said: str) -> None:
    assert phrases.counted(count, "minute") == said
