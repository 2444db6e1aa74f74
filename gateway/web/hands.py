"""What somebody may do with texts that wait: an agent with their own, a manager with everybody's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from gateway.desk.waiting import Wait
from gateway.domain.people import Right
from gateway.web.site import may, visitor


@dataclass(frozen=True, slots=True)
class Hands:
    """Rights of one person over what waits. `may_hurry`: past the hours of whom it is for."""

    user_id: int
    own: bool
    any: bool
    may_hurry: bool

    def may_change(self, row: Row[Any]) -> bool:
        """Whether they may change a waiting text, or when it goes."""
        is_own = (row.author_kind, row.author_id) == ("person", self.user_id)
        return self.any or (self.own and is_own)

    def may_handle(self, row: Row[Any], wait: Wait) -> bool:
        """Whether they may send or cancel it: what only waits for its line anybody who writes may stop."""
        return self.may_change(row) or (self.own and not wait.is_held)


def hands() -> Hands:
    """Those of whoever is signed in."""
    return Hands(visitor().user_id, may(Right.SCHEDULE), may(Right.SCHEDULE_ANY), may(Right.URGENT))
