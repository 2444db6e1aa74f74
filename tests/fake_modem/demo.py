"""The customers of `make demo`: who they are, when they write, what they say when the office answers.

Everything happens once, counted from the first command the modem hears; the seed fixes the pauses.
Numbers are from ranges reserved for drama and tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import tpdu
from .modem import Modem
from .phone import OnText
from .world import World

# WSP push of an m-notification-ind: somebody has sent a picture that lies at http://mms.test/a
PICTURE = bytes.fromhex(
    "0106226170706C69636174696F6E2F766E642E7761702E6D6D732D6D65737361676500AF84"
    "8C82985431008D908A808E0210008805810303F48083687474703A2F2F6D6D732E746573742F6100"
)
WAP_PUSH = bytes.fromhex("0B8423F0")  # to port 2948 from 9200 (23.040 9.2.3.24.4)


@dataclass(frozen=True)
class Customer:
    """Writes `text` after so many seconds, then one of `answers` to each reply of the office."""

    number: str
    after: float
    text: str
    answers: tuple[str, ...] = ()
    hour: int | None = None  # what the clock showed at the first text, where it is not now
    order: tuple[int, ...] | None = None  # how the parts of a long text arrive
    picture: bool = False


STORY = (
    "Hello, it's Walter Adeyemi. I don't want to make a fuss, but my wife says to write it all down. "
    "The crown you put in on the lower left in March was fine until Friday, when I bit on an olive stone "
    "at my daughter's wedding, right in the middle of the speeches. Since then it clicks when I chew. "
    "It doesn't hurt, it only clicks. My wife can hear it from the other end of the sofa. "
    "Should I come in, or does that settle by itself?"
)
TOOTHACHE = (
    "Morning, sorry for the early text. Awful toothache since about 4, upper right, can't lie down. "
    "Any chance to be seen today? - Priya Nair"
)

CUSTOMERS = (
    Customer(
        "+12025550143", 0.5, TOOTHACHE,
        ("Yes please! I can be there in 20 minutes.", "Thank you so much. On my way now."), hour=7,
    ),
    Customer(
        "+447700900417", 2.5, "Hi, what are your opening hours on Saturday?",
        ("Perfect, and do you take walk-ins?", "Ok thanks 👍"),
    ),
    Customer(
        "+12025550118", 5.0, STORY, ("Thursday would suit me. My wife says thank you.",), order=(2, 1, 3),
    ),
    Customer(
        "+12025550176", 8.0, "Braces are OFF!! 🎉😁 Thank you all, Zoë can't stop smiling 💙",
        ("She says she'll even wear the retainer 😂",),
    ),
    Customer(
        "+447700900862", 11.5, "Did you get the photo I sent? The swelling has gone down since yesterday.",
        ("Oh, I see. It's the gum behind the last tooth on the left. Shall I come by?", "See you then."),
        picture=True,
    ),
    Customer("+12025550129", 15.0, "I moved to Portland, is this still Alderwick Dental?", ("STOP",)),
)  # fmt: skip


BACK_AGAIN = (
    Customer(
        "+12025550143", 0.5, "All numb and happy. Thank you for fitting me in, you are angels! - Priya",
        ("I will. See you in two weeks.",),
    ),
    Customer(
        "+447700900417", 4.0, "Me again. Is there parking behind the building, or only on the street?",
        ("Ok thanks 👍",),
    ),
    Customer(
        "+12025550165", 8.0, "Hello, I found a retainer in a blue case on bus 14, your name is on the lid.",
        ("I can drop it off tomorrow around noon.",),
    ),
)  # fmt: skip
"""Who writes when the office is opened another time: nobody says the same thing twice."""

SCRIPTS = {"demo": CUSTOMERS, "back-again": BACK_AGAIN}


def play(world: World, modem: Modem, script: str = "demo") -> None:
    """Set the customers of a script going, each once."""
    for customer in SCRIPTS[script]:
        phone = world.phone(customer.number)
        phone.answer_delay = 3.0 + 4.0 * world.random.random()
        phone.on_text(_in_turn(customer.answers))
        world.later(customer.after, _opening(world, modem, customer))


def _in_turn(answers: tuple[str, ...]) -> OnText:
    left = iter(answers)
    return lambda _: next(left, None)


def _opening(world: World, modem: Modem, customer: Customer) -> Callable[[], None]:
    def write() -> None:
        phone, now = world.phone(customer.number), world.now()
        if customer.picture:
            phone.pdu(modem.number, picture_notice(customer.number, now))
        at = now if customer.hour is None else _clock(now, customer.hour)
        phone.text(modem.number, customer.text, order=customer.order, gap=0.4, at=at)

    return write


def _clock(now: datetime, hour: int) -> datetime:
    """Two minutes past `hour`, the last time it was that."""
    then = now.replace(hour=hour, minute=2, second=11)
    return then if then <= now else then - timedelta(days=1)


def picture_notice(sender: str, when: datetime) -> bytes:
    """The DELIVER that tells of a picture message waiting (WAP push, 8-bit, port 2948)."""
    data = tpdu.UserData(tpdu.OCTETS, PICTURE, {0x05: WAP_PUSH})
    return tpdu.encode_deliver(tpdu.Deliver(sender, 0, 0xF5, tpdu.encode_time(when), data))
