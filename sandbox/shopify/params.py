"""Named parameters of one SQL statement that is put together from parts."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Params:
    """Values by name; the parts of a statement add to it."""

    values: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any) -> str:
        """Make a value a named parameter and give its mark."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"
