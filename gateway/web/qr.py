"""QR codes as SVG: drawn here, since no page may ask another site for one."""

from __future__ import annotations

import segno
from markupsafe import Markup

_BORDER = 4
"""Modules of white round it, which readers need (ISO/IEC 18004, 6.3.8)."""


def svg(content: str, label: str) -> Markup:
    """The code of a text, black on white in any theme; `label` is what a screen reader says."""
    code = segno.make(content, error="m", micro=False)
    rows = list(code.matrix)
    side = len(rows) + 2 * _BORDER
    path = "".join(
        f"M{x + _BORDER} {y + _BORDER}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    )
    drawing = Markup(
        '<svg class="qr" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img"'
        ' aria-label="{label}" shape-rendering="crispEdges">'
        '<rect class="qr-ground" fill="#fff" width="{side}" height="{side}"/>'
        '<path class="qr-ink" fill="#000" d="{path}"/></svg>'
    )
    return drawing.format(side=side, label=label, path=path)
