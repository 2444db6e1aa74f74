"""Customer lists as files: how they are written, what their rows say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import csv_lists, imports, vcards
from gateway.domain.csv_lists import Row
from gateway.domain.imports import Form, Unusable

LIST = (
    "Nom;Prénom;Portable;Note\r\n"
    'Lefèvre;Zoé;06 12 34 56 78;"deux\r\nlignes; et un ""mot"""\r\n\r\nŒuvrard;Léa;;\r\n'
)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (LIST.encode("utf-8"), "utf-8"),
        (LIST.encode("utf-8-sig"), "utf-8"),
        (LIST.encode("utf-16"), "utf-16"),
        (LIST.encode("utf-16-be"), "utf-16"),
        (LIST.encode("windows-1252"), "windows-1252"),
    ],
)
def test_r58_a_list_is_read_however_it_was_written(content: bytes, encoding: str) -> None:
    assert csv_lists.encoding_of(content) == encoding
    text = csv_lists.decoded(content, encoding)
    assert csv_lists.separator_of(text) == ";"
    table = csv_lists.table(text, ";")
    assert [row.cells for row in table.rows] == [
        ("Nom", "Prénom", "Portable", "Note"),
        ("Lefèvre", "Zoé", "06 12 34 56 78", 'deux\r\nlignes; et un "mot"'),
        ("Œuvrard", "Léa", "", ""),
    ]


@pytest.mark.parametrize("separator", csv_lists.SEPARATORS)
def test_the_separator_is_what_cuts_all_lines_alike(separator: str) -> None:
    rows = [["Name", "Phone", "Note"], ["Ann, Lee", "+12025550123", "a; b"], ["Ben", "+12025550124", "c"]]
    text = "\n".join(separator.join(f'"{cell}"' for cell in row) for row in rows)
    assert csv_lists.separator_of(text) == separator


def test_a_quote_that_is_never_closed_is_told_with_its_row() -> None:
    text = 'Name,Phone\nAnn,1\n"Ben,2\n' + "x" * 200_000
    table = csv_lists.table(text, ",")
    assert [row.number for row in table.rows] == [1, 2]
    assert table.broken_at == 3


@given(st.binary(max_size=600))
def test_any_bytes_are_some_table(content: bytes) -> None:
    text = csv_lists.decoded(content, csv_lists.encoding_of(content))
    table = csv_lists.table(text, csv_lists.separator_of(text))
    assert all(any(row.cells) for row in table.rows)
    vcards.table(content, "windows-1252")
    vcards.table(b"BEGIN:VCARD\r\n" + content + b"\r\nEND:VCARD", csv_lists.encoding_of(content))


_CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(
    st.lists(st.lists(_CELL, min_size=2, max_size=4), min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t"]),
)
def test_what_is_written_by_the_book_is_read_back(rows: list[list[str]], separator: str) -> None:
    written = "\r\n".join(separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    wanted = [tuple(cell.strip() for cell in row) for row in rows]
    table = csv_lists.table(written, separator)
    assert [row.cells for row in table.rows] == [cells for cells in wanted if any(cells)]


V21 = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Lef=C3=A8vre;Zo=C3=A9\r\n"
    b"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Zo=C3=A9 Lef=\r\n=C3=A8vre\r\n"
    b"TEL;CELL:+33612345678\r\nTEL;HOME:0145678901\r\nEND:VCARD\r\n"
)
V30 = (
    b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lee;Ann;;;\r\nFN:Ann Lee\r\nitem1.TEL;type=pref:+1 202 555 0123\r\n"
    b"ORG:Crown\\, Works;Sales\r\nADR;TYPE=HOME:;;12 High St;York;;YO1;UK\r\nEMAIL;TYPE=INTERNET:ann@exa\r\n"
    b" mple.com\r\nCATEGORIES:vip,repair\r\nEND:VCARD\r\n"
)
V40 = (
    b"BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:7\nFN:Ben Ortiz\n"
    b'TEL;VALUE=uri;TYPE="cell:x":tel:+12025550124;ext=2\n'
    b"LANG:fr\nEND:VCARD\n"
)


def _cards(content: bytes) -> list[dict[str, list[str]]]:
    table = vcards.table(content, csv_lists.encoding_of(content))
    found = []
    for row in table.rows[1:]:
        card: dict[str, list[str]] = {}
        for header, cell in zip(vcards.HEADERS, row.cells, strict=True):
            if cell:
                card.setdefault(header, []).append(cell)
        found.append(card)
    return found


def test_r58_vcards_of_every_version_become_the_same_table() -> None:
    assert vcards.is_vcard(V21)
    assert not vcards.is_vcard(b"Name,Phone")
    zoe, ann, ben = _cards(V21 + V30 + V40)
    assert (zoe["Name"], zoe["Last name"], zoe["Phone"]) == (
        ["Zoé Lefèvre"], ["Lefèvre"], ["+33612345678", "0145678901"],
    )  # fmt: skip
    assert ann["Company"] == ["Crown, Works"]
    assert ann["E-mail"] == ["ann@example.com"]
    assert ann["Address"] == ["12 High St\nYork\nYO1\nUK"]
    assert ann["Tags"] == ["vip;repair"]
    assert (ben["Phone"], ben["External id"], ben["Language"]) == (["+12025550124"], ["urn:uuid:7"], ["fr"])


def test_columns_are_guessed_in_english_and_french() -> None:
    english = [
        "First Name",
        "Last Name",
        "Mobile Phone",
        "Home Phone",
        "E-mail Address",
        "Customer ID",
        "Shoe",
    ]
    assert imports.guess(english) == [
        "first_name",
        "last_name",
        "number",
        "number",
        "email",
        "external_id",
        "",
    ]
    french = [
        "Nom",
        "Prénom",
        "Téléphone portable",
        "Société",
        "Code postal",
        "Ville",
        "N° client",
        "Étiquettes",
    ]
    assert imports.guess(french) == [
        "last_name", "first_name", "number", "company", "address", "address", "external_id", "tags",
    ]  # fmt: skip
    assert imports.guess(["Nom", "Tél."]) == ["name", "number"]


def test_a_first_row_with_a_number_is_no_header() -> None:
    assert imports.has_headers(Row(1, ("Name", "Phone")))
    assert not imports.has_headers(Row(1, ("Ann Lee", "+1 202 555 0123")))


def test_a_row_says_who_somebody_is() -> None:
    columns = ("first_name", "last_name", "number", "stage", "language", "tags", "field:Pet", "external_id")
    cells = (
        "Marie Claude",
        "Roy",
        "06 12 34 56 78; 0145678901, 123",
        "Client",
        "Français",
        "vip|recall",
        "Rex",
        "77",
    )
    (one,) = imports.understood([Row(2, cells)], Form(columns=columns), "FR")
    assert one.values == {"name": "Marie Claude Roy", "language": "fr", "stage": "customer"}
    assert [number.text for number in one.numbers] == ["+33612345678", "+33145678901", "123"]
    assert one.own == {"Pet": "Rex", "first_name": "Marie Claude"}
    assert one.tags == ("vip", "recall")
    assert one.external_id == "77"


def test_of_two_rows_about_one_person_the_first_counts() -> None:
    rows = [Row(2, ("Ann", "+12025550123")), Row(3, ("A. Lee", "(202) 555-0123")), Row(4, ("Ben", "12"))]
    first, second, third = imports.understood(rows, Form(columns=("name", "number")), "US")
    assert (first.duplicate_of, second.duplicate_of) == (None, 2)
    assert third.notes == (("number", "12"),)
    assert third.numbers == ()


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        (["name", "email"], "no_number"),
        (["number", "name", "name"], "twice"),
        (["number", "opt_in"], "consent"),
        (["number", "opt_in", "opt_in_at"], "consent"),
    ],
)
def test_columns_that_make_no_list_are_refused(columns: list[str], why: str) -> None:
    with pytest.raises(Unusable) as refused:
        imports.check_columns(columns)
    assert refused.value.key == why


def test_consent_counts_only_with_source_and_day() -> None:
    columns = ("number", "opt_in", "opt_in_source", "opt_in_at")
    rows = [
        Row(2, ("+12025550123", "yes", "paper form", "2026-05-03")),
        Row(3, ("+12025550124", "oui", "paper form", "03/05/2026")),
        Row(4, ("+12025550125", "yes", "", "2026-05-03")),
        Row(5, ("+12025550126", "no", "paper form", "2026-05-03")),
    ]
    found = imports.understood(rows, Form(columns=columns), None)
    assert [one.consent for one in found] == [
        ("paper form", "2026-05-03"), ("paper form", "2026-05-03"), None, None,
    ]  # fmt: skip
    assert found[2].notes == (("consent", "2026-05-03"),)
