"""`python -m sandbox.cdnow --out DIR` writes the demo's scenario."""

import argparse
import sys
from pathlib import Path

from sandbox.cdnow.files import write_demo


def main(arguments: list[str] | None = None) -> int:
    """Write the scenario and say what was written."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.cdnow", description="Write the demo's scenario.")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    folder = parser.parse_args(arguments).out
    try:
        counts = write_demo(folder)
    except OSError as error:
        sys.stderr.write(f"cdnow: cannot write {folder}: {error.strerror or error}\n")
        return 1
    for stem, count in counts.items():
        sys.stdout.write(f"{count:>8,} rows  {folder / stem}.csv\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
