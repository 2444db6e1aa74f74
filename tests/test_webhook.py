"""The webhook against a real server: signed, tried again over restarts, no redirect followed, nothing
endless."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from gateway import webhook
from gateway.alarm_post import PAUSES_S, Post
from gateway.desk import alarms as desk
from gateway.domain import alarm_words
from gateway.domain.alarms import Kind
from gateway.store import settings
from gateway.store.tables import alarm_notices, box_state
from gateway.webhook import Call, NotTaken
from tests.office import Office
from tests.queue.test_replan import until
from tests.receiver import Receiver, serving
from tests.web.serving import close_reader

CALL = Call("alm_1", 1_700_000_000, b'{"type": "alarm.test"}')


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with serving() as one:
        yield one


@pytest.fixture
def told(office: Office, receiver: Receiver) -> Receiver:
    """An office that calls it."""
    office.write(lambda tx: settings.put(tx, "alarms.webhook", receiver.address))
    return receiver


Carry = Callable[[Office], int]


@pytest.fixture
def carry() -> Iterator[Carry]:
    """What the program does with what is due now; the loop's own connection is closed after each."""

    async def once(office: Office) -> int:
        try:
            post = Post(office.database, office.clock, chance=lambda: 0.5)
            return await post.carry(desk.TEXT) + await post.carry(desk.WEBHOOK)
        finally:
            engine, office.database._loop_engine = office.database._loop_engine, None
            if engine is not None:
                await engine.dispose()

    with asyncio.Runner() as runner:
        yield lambda office: runner.run(once(office))


def notices(office: Office) -> list[Any]:
    query = select(alarm_notices).order_by(alarm_notices.c.id)
    return office.read(lambda tx: list(tx.execute(query)))


def raise_disk(office: Office) -> int:
    detail = {"percent": 9, "free": "1 GB", "folder": "/data"}
    return office.write(lambda tx: desk.raise_(tx, Kind.DISK, "", detail, office.clock()))


# --- what is told ------------------------------------------------------------------------------------


def test_an_alarm_is_told_signed_and_once(office: Office, told: Receiver, carry: Carry) -> None:
    secret = office.write(lambda tx: desk.new_secret(tx, "command:test", office.clock()))
    raise_disk(office)
    assert carry(office) == 1 and carry(office) == 0
    ((headers, body),) = told.got
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert int(headers["webhook-timestamp"]) == int(office.clock().timestamp())
    (message,) = told.told
    assert message["type"] == "alarm.raised"
    assert message["data"]["kind"] == "disk" and "9 of 100" in message["data"]["happened"]
    assert message["data"]["you_can"] and message["data"]["ended_at"] is None


async def test_an_address_that_does_not_answer_delays_no_text(office: Office) -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        office.write(lambda tx: settings.put(tx, "alarms.webhook", address))
        office.write(lambda tx: settings.put(tx, "alarms.numbers", "+447700900777"))
        raise_disk(office)
        running = asyncio.create_task(Post(office.database, office.clock).run())
        await until(lambda: any(one.tries for one in notices(office) if one.way == desk.TEXT))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [one.tries for one in notices(office) if one.way == desk.WEBHOOK] == [0]
    await close_reader(office.database)


def test_the_secret_is_kept_sealed_and_unsigned_without_one(
    office: Office, told: Receiver, carry: Carry
) -> None:
    raise_disk(office)
    carry(office)
    assert "webhook-signature" not in told.got[0][0]
    secret = office.write(lambda tx: desk.new_secret(tx, "command:test", office.clock()))
    kept = office.read(lambda tx: [str(row.value) for row in tx.execute(select(box_state))])
    assert not any(secret.removeprefix("whsec_") in value for value in kept)


def test_it_is_tried_again_over_a_restart_with_the_same_id(
    office: Office, told: Receiver, carry: Carry
) -> None:
    told.answers = [(500, {}), (503, {})]
    raise_disk(office)
    carry(office)
    (notice,) = notices(office)
    assert notice.problem == "it answered 500" and notice.due_at is not None
    assert carry(office) == 0, "not before its time"
    office.restart()
    office.clock.step(seconds=PAUSES_S[0])
    carry(office)
    office.clock.step(seconds=PAUSES_S[1])
    carry(office)
    ids = {headers["webhook-id"] for headers, _ in told.got}
    assert len(told.got) == 3 and len(ids) == 1
    stamps = [int(headers["webhook-timestamp"]) for headers, _ in told.got]
    assert stamps == sorted(set(stamps))
    (notice,) = notices(office)
    assert (notice.done_at, notice.due_at, notice.problem) == (office.clock(), None, None)


def test_it_is_given_up_in_the_end(office: Office, told: Receiver, carry: Carry) -> None:
    told.answers = [(500, {})] * (len(PAUSES_S) + 1)
    raise_disk(office)
    for pause in (0, *PAUSES_S):
        office.clock.step(seconds=pause)
        assert carry(office) == 1
    (notice,) = notices(office)
    assert notice.due_at is None and notice.done_at is None and notice.tries == len(PAUSES_S) + 1


def test_one_that_is_gone_is_left_alone(office: Office, told: Receiver, carry: Carry) -> None:
    told.answers = [(410, {})]
    raise_disk(office)
    carry(office)
    assert (notices(office)[0].due_at, notices(office)[0].problem) == (None, alarm_words.GONE)


def test_an_address_that_was_taken_away_is_called_no_more(
    office: Office, told: Receiver, carry: Carry
) -> None:
    raise_disk(office)
    office.write(lambda tx: settings.put(tx, "alarms.webhook", ""))
    carry(office)
    assert told.got == [] and notices(office)[0].problem == alarm_words.NO_ADDRESS


# --- one call ----------------------------------------------------------------------------------------


def refusal(address: str, within_s: float = 5.0) -> str:
    with pytest.raises(NotTaken) as caught:
        asyncio.run(webhook.post(address, None, CALL, within_s))
    return str(caught.value)


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.answers = [(302, {"Location": receiver.address}), (204, {})]
    assert refusal(receiver.address) == "it answered with a redirect (302), which is not followed"
    assert len(receiver.got) == 1


def test_nobody_there() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{held.getsockname()[1]}/"
        assert refusal(address).startswith("it could not be reached")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "it did not answer within 0 seconds"),
        (b"HTTP/1.1 100 Continue\r\n", "it did not answer within 0 seconds"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "what answered there speaks no HTTP"),
        (b"x" * 100_000, "what answered there speaks no HTTP"),
    ],
)
def test_what_is_no_answer_is_not_waited_for(said: bytes, why: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with contextlib.suppress(OSError):
                peer, _ = server.accept()
                with peer:
                    peer.sendall(said)
                    peer.recv(10_000)
                    peer.settimeout(2.0)
                    peer.recv(1)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        assert refusal(f"http://127.0.0.1:{server.getsockname()[1]}/", within_s=0.4) == why
        thread.join(5.0)


def test_a_server_without_a_known_certificate_is_not_told() -> None:
    """It gets no request before its certificate was believed; this one speaks no TLS at all."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with contextlib.suppress(OSError):
                peer, _ = server.accept()
                with peer:
                    peer.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
                    peer.recv(10_000)

        threading.Thread(target=answer, daemon=True).start()
        assert refusal(f"https://127.0.0.1:{server.getsockname()[1]}/").startswith(
            "its certificate was not accepted"
        )


def test_the_known_example_of_the_standard() -> None:
    """The vector of the reference implementation, standardwebhooks 1.0."""
    call = Call("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    found = webhook.signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", call)
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    with pytest.raises(ValueError, match="base64"):
        webhook.signature("whsec_?", call)
