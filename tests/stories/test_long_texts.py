"""Long texts through the whole program, out and in, over a restart."""

from __future__ import annotations

from tests.fake_modem.control import FakeModem
from tests.stories.devices import every_device
from tests.stories.forms import words_of
from tests.stories.harness import Office, until

CUSTOMER = "+12025550123"
SENTENCE = "Grüße aus Åhus, it's £5 {or 6 €}: 😀👨‍👩‍👧 ok? "


@every_device
def test_1600_characters_of_gsm_and_emoji_arrive_as_they_were_written(
    office: Office, modem: FakeModem
) -> None:
    body = (SENTENCE * 40)[:1599] + "."
    assert len(body) == 1600
    office.start()
    posted = office.post(CUSTOMER, body)
    assert posted["encoding"] == "ucs2"
    assert posted["segments"] > 24
    # the listing of each minute finds the reports some devices give no notice of
    office.until_state(posted["id"], "delivered", seconds=120)
    assert modem.control.texts(CUSTOMER) == [body]
    arrived = modem.control("phone", number=CUSTOMER)
    assert len(arrived["parts"]) == posted["segments"]
    assert arrived["incomplete"] == arrived["parts_twice"] == 0
    assert modem.control.state()["complaints"] == 0


@every_device
def test_three_parts_out_of_order_over_a_restart_are_one_text(office: Office, modem: FakeModem) -> None:
    story = "".join(f"{number}. Then the bus did not come, and I waited. " for number in range(1, 10))
    office.start()
    office.until_up()
    modem.control.text(CUSTOMER, story, ref=77, order=[3, 1])
    partly = until(
        lambda: [one for one in office.inbound(CUSTOMER) if "[part 2 of 3 not arrived]" in one["body"]]
    )
    assert [one["state"] for one in partly] == ["receiving"]
    office.kill()
    modem.control.text(CUSTOMER, story, ref=77, order=[2])
    office.start()
    whole = until(lambda: [one for one in office.inbound(CUSTOMER) if one["state"] == "received"])
    assert [one["body"] for one in office.inbound(CUSTOMER)] == [story]
    assert whole[0]["id"] == partly[0]["id"]
    page = words_of(office.sign_in().get(f"/conversations/{whole[0]['conversation']}"))
    assert page.count("9. Then the bus did not come") >= 1
    assert "not arrived" not in page
    until(lambda: modem.control.state()["stores"]["SM"][0] == 0, what="the SIM is empty")
