"""How a command ends early."""

from __future__ import annotations


class Stop(Exception):
    """The command cannot go on. `code` names a message of the catalogue, `details` fill it.

    `exit_code` is 1, or 2 where something is held back until the merchant says so.
    """

    def __init__(self, code: str, /, *, exit_code: int = 1, **details: str) -> None:
        super().__init__(code)
        self.code = code
        self.exit_code = exit_code
        self.details = details
