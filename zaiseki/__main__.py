"""`python -m zaiseki` is the command `zaiseki`."""

from zaiseki.cli import main

main()
