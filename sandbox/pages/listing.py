"""One page of a list, as every list of the pages has it: searched, filtered, cut into pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

PAGE_ROWS = 50


@dataclass(frozen=True)
class Wanted:
    """What the visitor asked a list for."""

    search: str
    segment: str
    page: int

    @property
    def pattern(self) -> str:
        """The search text as a LIKE pattern with `\\` as its escape character."""
        escaped = self.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"%{escaped}%"

    @property
    def offset(self) -> int:
        """How many rows stand before this page."""
        return (self.page - 1) * PAGE_ROWS

    def link(self, page: int) -> str:
        """Give the query string of another page of the same list."""
        return "?" + urlencode({"q": self.search, "segment": self.segment, "page": page})


@dataclass(frozen=True)
class Listing:
    """Rows of one page, the number of them on all pages, and the segments to choose from."""

    rows: Sequence[Any]
    total: int
    segments: Sequence[tuple[str, str, int]]
    """(stored value, shown label, number of records)."""

    @property
    def pages(self) -> int:
        """The number of pages; an empty list has one."""
        return max(1, -(-self.total // PAGE_ROWS))


def read_wanted(request: Request) -> Wanted:
    """Read what was asked for; what makes no sense is taken as the first page."""
    page = request.query_params.get("page", "1")
    return Wanted(
        search=request.query_params.get("q", "").strip(),
        segment=request.query_params.get("segment", ""),
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 8 else 1,
    )
