"""The command line: one file a command, one place where everything that goes wrong becomes a sentence."""

from zaiseki.cli.main import main

__all__ = ["main"]
