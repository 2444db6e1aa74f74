"""Bringing a customer list in at the panel: upload, columns, a look, the result, Undo."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from gateway.domain.imports import MOST_WAITING
from gateway.store import contacts, imports
from tests.office import ANNA, BEN, CARA, Office
from tests.web.browser import Browser

LIST = (
    f"Nom;Téléphone;Société\r\nZoé Farrell;{ANNA};Crown\r\n=cmd|' /C calc'!A0;12;\r\nBen;{BEN};\r\n"
).encode("cp1252")


@pytest.fixture
def tom(browser_of: Callable[[str], Browser]) -> Browser:
    """A manager at the panel."""
    return browser_of("manager")


def upload(browser: Browser, content: bytes, name: str = "clients.csv") -> int:
    browser.get("/contacts/import")
    token = browser.page.forms["/contacts/import"]["csrf_token"]
    body = b"\r\n".join(
        (
            b'--xx\r\nContent-Disposition: form-data; name="csrf_token"\r\n',
            token.encode(),
            f'--xx\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode(),
            content,
            b"--xx--\r\n",
        )
    )
    browser.answer = browser.client.post(
        "/contacts/import", data=body, content_type="multipart/form-data; boundary=xx", follow_redirects=True
    )
    return browser.answer.status_code


def place(browser: Browser) -> str:
    assert browser.answer is not None
    return str(browser.answer.request.path)


def test_of_lists_that_nobody_takes_in_only_the_newest_are_kept(tom: Browser, office: Office) -> None:
    places = []
    for _ in range(MOST_WAITING + 2):
        upload(tom, LIST)
        places.append(place(tom))
    kept = [
        bool(office.read(lambda tx, row=row: imports.content(tx, row.id)))  # type: ignore[misc]
        for row in office.read(lambda tx: imports.newest(tx, 99))
    ]
    assert kept == [True] * MOST_WAITING + [False] * 2
    assert "Others were uploaded since" in tom.get(places[0]).get_data(as_text=True)
    assert tom.get(places[-1]).status_code == 200 and "Others were uploaded since" not in tom.text


def test_r58_a_list_goes_in_by_four_steps_and_is_undone(tom: Browser, office: Office) -> None:
    tom.get("/contacts")
    assert 'href="/contacts/import"' in tom.html
    assert upload(tom, LIST) == 200
    here = place(tom)
    form = tom.page.forms[f"{here}/columns"]
    assert [form[f"column-{at}"] for at in range(3)] == ["name", "number", "company"]
    reading = tom.page.forms[f"{here}/reading"]
    assert (reading["encoding"], reading["separator"]) == ("windows-1252", ";")
    assert "Zoé Farrell" in tom.text
    tom.submit(f"{here}/columns")
    assert "Nothing is saved yet." in tom.text
    assert "Cannot be used" in tom.text
    assert "Bring in 2 people" in tom.buttons()
    assert office.read(lambda tx: contacts.by_number(tx, ANNA)) is None
    tom.submit(f"{here}/start")
    zoe = office.read(lambda tx: contacts.by_number(tx, ANNA))
    assert zoe is not None
    assert (zoe.name, zoe.company) == ("Zoé Farrell", "Crown")
    tom.submit(f"{here}/undo")
    assert "The list was undone." in tom.text
    assert office.read(lambda tx: contacts.by_number(tx, ANNA)) is None


def test_encoding_and_separator_can_be_changed(tom: Browser) -> None:
    upload(tom, LIST)
    here = place(tom)
    tom.submit(f"{here}/reading", encoding="utf-8", separator="tab")
    assert tom.page.forms[f"{here}/reading"]["separator"] == "tab"
    assert "column-1" not in tom.page.forms[f"{here}/columns"]
    tom.submit(f"{here}/reading", encoding="windows-1252", separator=";")
    assert "Zoé Farrell" in tom.text


def test_fault_65_rows_to_look_at_are_no_formulas_in_a_spreadsheet(tom: Browser) -> None:
    upload(tom, LIST)
    here = place(tom)
    tom.submit(f"{here}/columns")
    answer = tom.get(f"{here}/rows.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rows-to-look-at.csv"'
    (row,) = csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff")))
    assert row[0] == "3"
    assert row[3].startswith("'=cmd")


def test_consent_without_its_proof_is_refused_in_words(tom: Browser) -> None:
    upload(tom, f"Name,Phone,Opt-in\nBen,{BEN},yes\n".encode())
    here = place(tom)
    assert tom.submit(f"{here}/columns").status_code == 422
    assert "Permission counts only with where and when" in tom.text
    tom.submit(f"{here}/columns", **{"column-2": ""})
    assert "No permission for offers" in tom.text


def test_fault_79_a_file_of_more_than_10_mib_is_refused_in_words(tom: Browser) -> None:
    assert upload(tom, b"x" * (10 * 1024 * 1024 + 100_000)) == 413
    assert "larger than 10 MiB" in tom.text
    assert upload(tom, b"x" * (10 * 1024 * 1024 + 10)) == 422
    assert "larger than 10 MiB" in tom.text


def test_fault_79_other_addresses_take_no_more_than_before(tom: Browser) -> None:
    tom.get("/contacts/new")
    token = tom.page.forms["/contacts"]["csrf_token"]
    answer = tom.client.post("/contacts", data={"csrf_token": token, "number": "1" * (2 << 20)})
    assert answer.status_code == 413


def test_fault_84_the_name_of_a_file_leads_nowhere(tom: Browser) -> None:
    assert upload(tom, LIST, "../../etc/passwd") == 200
    assert tom.get("/contacts/import/..%2f..%2fetc%2fpasswd").status_code == 404


def test_an_agent_brings_no_lists_in(anna: Browser) -> None:
    assert anna.get("/contacts/import").status_code == 403


def test_a_vcard_needs_no_columns_named(tom: Browser, office: Office) -> None:
    card = f"BEGIN:VCARD\nVERSION:3.0\nFN:Cara Bell\nTEL:{CARA}\nEND:VCARD\n".encode()
    upload(tom, card, "people.vcf")
    here = place(tom)
    tom.submit(f"{here}/columns")
    tom.submit(f"{here}/start")
    cara = office.read(lambda tx: contacts.by_number(tx, CARA))
    assert cara is not None
    assert cara.name == "Cara Bell"
