"""Whoever is signed in, as the reader of a list: what they see there, what is theirs or unread to them."""

from __future__ import annotations

from gateway.store.conversation_list import Reader
from gateway.web.rights import visible_lines
from gateway.web.site import visitor


def reader() -> Reader:
    """As the session of this request says."""
    me = visitor()
    return Reader(me.user_id, me.reads_from_id, visible_lines())
