"""What can be wrong with a scenario; everything else that fails in the sandbox is a bug of the sandbox."""


class ScenarioError(ValueError):
    """A scenario folder cannot be served; the message names the file and the cause, for a person to read."""
