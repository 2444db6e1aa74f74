"""Texts of an old phone: lists and Android backups, as they are written and as they are broken."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain import old_texts, old_texts_csv, old_texts_xml
from gateway.domain.old_texts import NoHistory, NotTaken, OldText

PARIS = ZoneInfo("Europe/Paris")
COLUMNS = ("at", "direction", "number", "body")


def xml(*elements: str) -> bytes:
    return ("<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<!--File Created By SMS Backup-->\n"
            f'<smses count="{len(elements)}">' + "\n".join(elements) + "</smses>").encode()  # fmt: skip


def sms(body: str, address: str = "+447700900123", date: int = 1_600_000_000_000, kind: int = 1) -> str:
    return f'<sms protocol="0" address="{address}" date="{date}" type="{kind}" body={body} read="1" />'


def read(content: bytes, size: int = 1 << 16) -> list[old_texts.OldRow]:
    chunks = [content[at : at + size] for at in range(0, len(content), size)]
    return list(old_texts_xml.texts(chunks))


def test_what_came_and_went_is_read_and_the_rest_is_counted() -> None:
    found = read(
        xml(
            sms('"Hello"'),
            sms('"See you"', kind=2, date=1_600_000_060_123),
            sms('"never sent"', kind=3),
            '<mms date="1"><parts><part data="AAAA" text="&lt;smil&gt;"/></parts></mms>',
            sms('"no date"', date=0).replace('date="0"', 'date=""'),
        )
    )
    first, second, draft, picture, dateless = found
    assert first == OldText(1, "+447700900123", datetime.fromtimestamp(1_600_000_000, UTC), False, "Hello")
    assert isinstance(second, OldText) and second.outbound and second.at.microsecond == 123_000
    assert [one.why for one in (draft, picture, dateless) if isinstance(one, NotTaken)] == [
        "unsent", "picture", "bad_time",
    ]  # fmt: skip


@pytest.mark.parametrize("size", [1, 7, 64, 1 << 16])
def test_emoji_in_halves_are_put_together_wherever_the_file_is_cut(size: int) -> None:
    written = '"&#55357;&#56832;&#55357;&#56833; A&#128512;&#xD83D;&#xDE02;&#10;B&#0;C&#55357;D&#56833;"'
    (one,) = read(xml(sms(written)), size)
    assert isinstance(one, OldText)
    assert one.body == "😀😁 A😀😂\nBC\ufffdD\ufffd"


@settings(deadline=None)
@given(
    st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60),
    st.integers(1, 40),
)
def test_any_text_comes_out_as_it_was_written(body: str, size: int) -> None:
    halves = "".join(
        "".join(f"&#{int.from_bytes(pair, 'little')};" for pair in (units[:2], units[2:]))
        if len(units := char.encode("utf-16-le")) == 4
        else quoteattr(char)[1:-1]
        for char in body
    )
    (found,) = read(xml(sms(f'"{halves.replace(chr(34), "&quot;")}"')), size)
    if body.strip():
        assert isinstance(found, OldText) and found.body == body
    else:
        assert isinstance(found, NotTaken)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><smses><sms/></smses>', "history_doctype"),
        (b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><smses/>', "history_doctype"),
        (xml(sms('"x"'))[:-20], "history_broken"),
        (xml(sms('"&undefined;"')), "history_broken"),
        (b"<html><body/></html>", "history_unknown"),
        (b"", "history_unknown"),
        (b"\x00\x01\x02", "history_unknown"),
    ],
)
def test_fault_84_what_is_no_backup_or_would_grow_without_end_is_refused(content: bytes, key: str) -> None:
    with pytest.raises(NoHistory) as refused:
        read(content)
    assert refused.value.key == key


def test_an_element_without_an_end_is_not_held_for_ever() -> None:
    def endless() -> object:
        yield b'<smses><sms body="'
        while True:
            yield b"x" * (1 << 20)

    with pytest.raises(NoHistory):
        list(old_texts_xml.texts(endless()))  # type: ignore[arg-type]


# --- lists -------------------------------------------------------------------------------------------


def test_a_list_is_read_by_its_columns() -> None:
    lines = [
        "2024-03-05 09:15;reçu;06 12 34 56 78;Bonjour\n",
        '05/03/2024 09:16:30;ENVOYÉ;0612345678;"a;b\n',
        'c"\n',
        "\n",
    ]
    first, second = old_texts_csv.texts(lines, ";", COLUMNS, PARIS)
    assert first == OldText(1, "06 12 34 56 78", datetime(2024, 3, 5, 8, 15, tzinfo=UTC), False, "Bonjour")
    assert second == OldText(2, "0612345678", datetime(2024, 3, 5, 8, 16, 30, tzinfo=UTC), True, "a;b\nc")


def test_headers_are_understood_in_english_and_french() -> None:
    assert old_texts_csv.guess(["Date", "Time", "Type", "Phone number", "Message", "Name"]) == (
        "at", "time", "direction", "number", "body", "",
    )  # fmt: skip
    assert old_texts_csv.guess(["Date et heure", "Sens", "Numéro", "Texte"]) == COLUMNS
    assert old_texts_csv.is_usable(COLUMNS) and not old_texts_csv.is_usable(COLUMNS[1:])
    assert not old_texts_csv.is_usable((*COLUMNS, "body"))


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2024-03-05T09:15:00", 8),
        ("2024-03-05T09:15:00+04:00", 5),
        ("2024-03-05T09:15:00Z", 9),
        ("5/3/2024, 09:15", 8),
        ("05.03.2024 09:15", 8),
        ("03/05/2024 09:15 PM", 20),
        ("1709629200", 9),
        ("1709629200000", 9),
    ],
)
def test_times_are_read_as_they_are_written(written: str, hour: int) -> None:
    at = old_texts_csv.instant(written, PARIS)
    assert at is not None
    assert (at.year, at.month, at.day, at.hour) == (2024, 3, 5, hour)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_time_is_ever_an_error(written: str) -> None:
    old_texts_csv.instant(written, PARIS)


def test_rows_that_are_no_text_say_why() -> None:
    lines = [
        "soon,in,+1,x\n",
        "2024-03-05 09:15,sideways,+1,x\n",
        "2024-03-05 09:15,in,,x\n",
        "2024-03-05 09:15,in,+1, \n",
        "1971-01-01 00:00,in,+1,x\n",
    ]
    found = [one.why for one in old_texts_csv.texts(lines, ",", COLUMNS, PARIS) if isinstance(one, NotTaken)]
    assert found == ["bad_time", "bad_direction", "no_number", "empty", "bad_time"]


def test_old_ids_lie_before_all_others_and_follow_time() -> None:
    times = sorted(datetime.fromtimestamp(random.Random(7).uniform(8e8, 4e9), UTC) for _ in range(100))
    places = [old_texts.place(at) for at in times]
    assert places == sorted(places) and max(places) < 0
