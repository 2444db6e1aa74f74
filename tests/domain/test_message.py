"""The two tables of a message's life, walked, and the state derived from parts against design's own words."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.events import Event
from gateway.domain.message import (
    FINAL,
    PART_MOVES,
    UNFINISHED,
    Direction,
    IllegalMove,
    PartState,
    State,
    advance,
    message_state,
)

READY, SUBMITTING, ACCEPTED = PartState.READY, PartState.SUBMITTING, PartState.ACCEPTED
DELIVERED, UNDELIVERED, FAILED = PartState.DELIVERED, PartState.UNDELIVERED, PartState.FAILED
UNCONFIRMED, CANCELED, EXPIRED = PartState.UNCONFIRMED, PartState.CANCELED, PartState.EXPIRED

LEGAL = {
    (READY, SUBMITTING), (READY, FAILED), (READY, CANCELED), (READY, EXPIRED), (READY, UNCONFIRMED),
    (SUBMITTING, ACCEPTED), (SUBMITTING, FAILED), (SUBMITTING, UNCONFIRMED), (SUBMITTING, READY),
    (ACCEPTED, DELIVERED), (ACCEPTED, UNDELIVERED),
    (UNCONFIRMED, ACCEPTED), (UNCONFIRMED, DELIVERED), (UNCONFIRMED, UNDELIVERED),
    (UNDELIVERED, DELIVERED),
}  # fmt: skip

parts_of_a_message = st.lists(st.sampled_from(PartState), min_size=1, max_size=6)


@pytest.mark.parametrize(("was", "to"), list(itertools.product(PartState, PartState)))
def test_every_move(was: PartState, to: PartState) -> None:
    if (was, to) in LEGAL:
        assert advance(was, to) is to
    else:
        with pytest.raises(IllegalMove, match=f"from {was} to {to}"):
            advance(was, to)


def test_the_table_names_every_state() -> None:
    assert set(PART_MOVES) == set(PartState)


def test_nothing_comes_back_from_the_air_to_be_sent_but_what_is_proven_unsent() -> None:
    assert {was for was, to in LEGAL if to is READY} == {SUBMITTING}


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        ([READY], State.QUEUED),
        ([READY, READY], State.QUEUED),
        ([SUBMITTING], State.SENDING),
        ([ACCEPTED, READY], State.SENDING),
        ([DELIVERED, READY], State.SENDING),
        ([ACCEPTED], State.SENT),
        ([ACCEPTED, DELIVERED], State.SENT),
        ([DELIVERED, DELIVERED], State.DELIVERED),
        ([DELIVERED, UNDELIVERED], State.UNDELIVERED),
        ([ACCEPTED, UNDELIVERED], State.UNDELIVERED),
        ([ACCEPTED, FAILED, CANCELED], State.FAILED),
        ([DELIVERED, CANCELED], State.FAILED),
        ([UNDELIVERED, FAILED], State.FAILED),
        ([FAILED], State.FAILED),
        ([UNCONFIRMED, READY], State.UNCONFIRMED),
        ([UNCONFIRMED, FAILED], State.UNCONFIRMED),
        ([ACCEPTED, UNCONFIRMED, CANCELED], State.UNCONFIRMED),
        ([FAILED, READY], State.SENDING),
    ],
)
def test_states_of_messages(parts: list[PartState], state: State) -> None:
    assert message_state(parts) is state


@pytest.mark.parametrize("ended", [State.CANCELED, State.EXPIRED, State.BLOCKED])
@pytest.mark.parametrize("parts", [[READY], [CANCELED, CANCELED], [EXPIRED, READY]])
def test_a_message_that_ended_untried_says_how(parts: list[PartState], ended: State) -> None:
    assert message_state(parts, ended) is ended


@given(parts_of_a_message, st.randoms())
def test_the_order_of_parts_does_not_matter(parts: list[PartState], random: object) -> None:
    shuffled = sorted(parts, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert message_state(parts) is message_state(shuffled)


@given(parts_of_a_message)
def test_what_design_says_line_by_line(parts: list[PartState]) -> None:
    state = message_state(parts)
    tried = [part for part in parts if part not in (READY, CANCELED, EXPIRED)]
    if not tried:
        assert state is State.QUEUED
    elif UNCONFIRMED in parts:
        assert state is State.UNCONFIRMED, "doubt is never hidden by anything"
    elif SUBMITTING in parts or READY in parts:
        assert state is State.SENDING
    elif {FAILED, CANCELED, EXPIRED} & set(parts):
        assert state is State.FAILED, "some of it went and the rest never will"
    elif UNDELIVERED in parts:
        assert state is State.UNDELIVERED
    else:
        assert state is (State.DELIVERED if set(parts) == {DELIVERED} else State.SENT)


@given(parts_of_a_message)
def test_delivered_is_said_of_whole_texts_only(parts: list[PartState]) -> None:
    assert (message_state(parts) is State.DELIVERED) == (set(parts) == {DELIVERED})


def test_every_state_of_an_outbound_message_has_an_event() -> None:
    kinds = {event.value for event in Event}
    assert {f"message.{state.value}" for state in State} <= kinds
    assert FINAL.isdisjoint(UNFINISHED)
    assert [direction.value for direction in Direction] == ["inbound", "outbound"]
