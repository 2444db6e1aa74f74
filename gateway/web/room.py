"""How much of a request's body is waited for. A file may be large, from somebody who may bring one in: who
asks is looked at before their body is read, so a stranger's takes no more memory than any form."""

from __future__ import annotations

from typing import Any

from gateway.desk import team
from gateway.domain.people import RIGHTS, Right, Role
from gateway.web.app import LARGEST_REQUEST
from gateway.web.imports import IMPORT_PATH, LARGEST_FILE
from gateway.web.live import cookie
from gateway.web.old_phone import LARGEST_UPLOAD, OLD_PHONE_PATH
from gateway.web.sessions import cookie_name
from gateway.web.site import Site

LARGER = {IMPORT_PATH: LARGEST_FILE, OLD_PHONE_PATH: LARGEST_UPLOAD}
"""Octets, by address."""


class Room:
    """Says it for each request (ASGI)."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def __call__(self, scope: dict[str, Any]) -> int:
        """Octets; what is beyond is cut off, and refused by who answers."""
        larger = LARGER.get(scope["path"], LARGEST_REQUEST)
        return larger if larger > LARGEST_REQUEST and await self._may(scope) else LARGEST_REQUEST

    async def _may(self, scope: dict[str, Any]) -> bool:
        secret = cookie(scope, cookie_name(scope.get("scheme") == "https"))
        if not secret:
            return False
        now = self._site.clock()
        found = await self._site.database.aread(lambda tx: team.session(tx, secret, now))
        return found is not None and Right.CONTACT_IMPORT in RIGHTS[Role(found.role)]
