"""In which language this request is answered: that of whoever is signed in, else the office's, else what the
browser asks for. Programs are answered in English."""

from __future__ import annotations

from flask import request

from gateway.domain.language import ENGLISH, speak
from gateway.store import settings
from gateway.web.site import read, site


def speak_to_programs() -> None:
    """Answer in English."""
    speak(ENGLISH)


def speak_to_strangers() -> None:
    """Answer in the office's language, or the browser's where the office chose none."""
    speak_to(None)


def speak_to(chosen: str | None) -> None:
    """Answer in the language somebody chose; `chosen` is its code, None where they chose none."""
    code = chosen or str(read(lambda tx: settings.get(tx, "office.language")))
    speak(site().languages.of(code or preferred()))


def preferred() -> str:
    """The code of the language this browser asks for."""
    return site().languages.preferred(request.headers.get("Accept-Language", ""))
