"""Write our Salesforce fields and permission sets as a Salesforce DX project, for admins who deploy it.

`python scripts/write_metadata.py --currency JPY --scale 0 --lang ja --out zaiseki-metadata`, then
`sf project deploy start` in that folder. Without options it writes what connectors/salesforce/metadata holds.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from connectors.salesforce.auth import SalesforceAccess
from connectors.salesforce.source import CARRIERS, source_tree
from metrics.fields import catalogue, formulas

DEFAULT_OUT = Path(__file__).parent.parent / "connectors" / "salesforce" / "metadata"


def main() -> None:
    """Write the files; files that are there already are replaced."""
    parser = argparse.ArgumentParser(description="Write the Salesforce DX project of our fields.")
    parser.add_argument("--currency", default="USD", help="ISO code shown in the label of net spend")
    parser.add_argument("--scale", type=int, default=2, help="decimals of that currency")
    parser.add_argument("--lang", choices=("en", "ja"), default="en")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT)
    asked = parser.parse_args()
    fields = catalogue(currency=asked.currency, scale=asked.scale, language=asked.lang)
    tree = source_tree(SalesforceAccess("").api_version, CARRIERS, fields, formulas(asked.lang))
    for name, content in tree.items():
        path = asked.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    print(f"{len(tree)} files in {asked.out}")


if __name__ == "__main__":
    main()
