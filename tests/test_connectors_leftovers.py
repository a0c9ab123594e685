"""Raw rows of a job that was broken off do not outlive the connector that reads next."""

from pathlib import Path

import pytest
import salesforce_org
import shopify_answers

NAMES = {
    "shopify": ("shopify-result-1.jsonl", "shopify-result-2.jsonl.gz", "shopify-result-1.jsonl.db"),
    "salesforce": ("salesforce-750000000000001AAA.csv", "salesforce-upload-1.csv", "salesforce-results.csv"),
}


@pytest.mark.parametrize("platform", NAMES)
def test_what_a_killed_run_left_is_deleted_on_closing_and_nothing_else(platform: str, tmp_path: Path) -> None:
    left, other = [tmp_path / name for name in NAMES[platform]], tmp_path / "zaiseki.duckdb"
    for path in (*left, other):
        path.write_bytes(b"taro@example.com")
    if platform == "shopify":
        shopify_answers.connector(tmp_path, shopify_answers.Time()).close()
    else:
        salesforce_org.connector(tmp_path).close()
    assert list(tmp_path.iterdir()) == [other]
