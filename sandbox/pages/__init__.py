"""Pages that show what an admin sees on either platform, so that the result can be looked at in a browser."""

from sandbox.pages.routes import routes

__all__ = ["routes"]
