"""Response headers that the pages are built for.

The policy is proven in `tests/browser`: Tabler, htmx (allowEval off, own indicator styles) and Plotly's
cartesian bundle (its style sheet is the linked `css/charts.css`) run under it without a report.
"""

from __future__ import annotations

from typing import Any, Final

from csp.constants import NONE, SELF

#: For `settings.CONTENT_SECURITY_POLICY` (django-csp 4). No inline script or style anywhere.
CONTENT_SECURITY_POLICY: Final[dict[str, Any]] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        # data: is what Tabler's form controls (check marks, select arrows) draw with.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
