"""The command line: every error is one message and an exit code, as text or as one JSON object."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import write_scenario
from line_kept import KeptLine, first_sync, kept_after
from zaiseki_command import TOML, Command, people, set_faults, set_secrets, writes

NOWHERE = """\
[shopify]
shop = "example.myshopify.com"
url = "http://127.0.0.1:9"
"""
HOLD = """
import sys
from pathlib import Path
from sync.store import Store
with Store.open(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
SECONDS = 60


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """The command line over settings that are fine, with secrets, and a shop where nobody listens."""
    for name in [name for name in os.environ if name.startswith("ZAISEKI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ZAISEKI_SHOPIFY_ACCESS_TOKEN", "shpat_any")
    monkeypatch.setenv("ZAISEKI_RETRY_SECONDS", "0")
    config = tmp_path / "zaiseki.toml"
    config.write_text(NOWHERE, encoding="utf-8")
    yield Command(config, capsys)


def only_error(command: Command, *arguments: str) -> dict[str, str]:
    """The error of a command that ends with 1 and prints nothing but one object."""
    told = command(*arguments, "--json")
    assert (told.code, told.err) == (1, "")
    assert told.out.count("\n") == 1
    answer = json.loads(told.out)
    assert set(answer) == {"error"}
    error: dict[str, str] = answer["error"]
    assert set(error) == {"code", "message", "next_step"}
    assert all(error.values())
    return error


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["sync", "--nonsense"],
        ["sync", "--first", "0"],
        ["sync", "--plan", "no-such-plan.json"],
        ["sync", "--plan", "."],
        ["sync", "--first", "some"],
        ["sync", "surplus"],
        ["provision", "--labels", "fr"],
        ["--lang", "fr", "status"],
        ["--log-format", "xml", "status"],
        ["sandbox"],
    ],
)
def test_a_usage_error_is_one_object_and_exit_code_1(command: Command, arguments: list[str]) -> None:
    error = only_error(command, *arguments)
    assert error["code"] == "usage"
    assert error["next_step"].startswith("zaiseki") and error["next_step"].endswith("--help")


def test_a_usage_error_as_text_goes_to_stderr(command: Command) -> None:
    told = command("sync", "--nonsense")
    assert (told.code, told.out) == (1, "")
    assert "--nonsense" in told.err and "zaiseki sync --help" in told.err


@pytest.mark.parametrize("name", ["demo", "provision", "plan", "sync", "status", "sandbox"])
def test_every_command_explains_itself(command: Command, name: str) -> None:
    told = command(name, "--help")
    assert (told.code, told.err) == (0, "")
    assert "Usage: " in told.out


def test_without_arguments_the_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zaiseki"], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("provision", "plan", "sync", "status", "sandbox", "demo"))


@pytest.mark.parametrize("day", ["nonsense", "2026-02-30", "20260101T00", ""])
@pytest.mark.parametrize("name", ["plan", "sync"])
def test_an_as_of_that_is_no_date(command: Command, name: str, day: str) -> None:
    error = only_error(command, name, "--as-of", day)
    assert error["code"] == "as_of_invalid"
    assert "YYYY-MM-DD" in error["next_step"]


def test_status_before_any_run(command: Command) -> None:
    error = only_error(command, "status")
    assert error["code"] == "status_never_ran"
    assert "zaiseki sync" in error["next_step"]
    assert list(command.config.parent.iterdir()) == [command.config]


def test_a_plan_that_has_no_place_to_go_is_told_before_the_work(command: Command) -> None:
    told = command("plan", "--out", "no-such-folder/plan.json")
    assert told.code == 1
    assert told.err.startswith("The plan cannot be saved as no-such-folder/plan.json")
    assert list(command.config.parent.iterdir()) == [command.config]


@pytest.mark.parametrize("arguments", [["status", "--acknowledge"], ["sync"], ["provision"]])
def test_missing_settings_name_the_file(command: Command, arguments: list[str]) -> None:
    command.config.unlink()
    error = only_error(command, *arguments)
    assert error["code"] == "settings_missing"
    assert str(command.config) in error["message"]


def test_errors_are_told_in_japanese(command: Command) -> None:
    command.config.unlink()
    told = command("sync", lang="ja")
    assert told.code == 1
    assert told.err.startswith(f"設定ファイル {command.config} がありません。")
    assert "→ READMEの手順" in told.err


@pytest.mark.parametrize("name", ["sync", "plan", "provision"])
def test_missing_secrets_are_named(command: Command, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv("ZAISEKI_SHOPIFY_ACCESS_TOKEN")
    error = only_error(command, name)
    assert error["code"] == "secret_missing"
    assert "ZAISEKI_SHOPIFY_CLIENT_SECRET" in error["next_step"]


def test_missing_secrets_of_the_org_are_named(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    command.config.write_text('[salesforce]\ndomain = "example.my.salesforce.com"\n')
    monkeypatch.setenv("ZAISEKI_SALESFORCE_CLIENT_ID", "only-the-id")
    error = only_error(command, "sync")
    assert error["code"] == "secret_missing"
    assert "ZAISEKI_SALESFORCE_PRIVATE_KEY_FILE" in error["next_step"]


@pytest.mark.parametrize("value", ["soon", "-1", "nan"])
def test_an_unusable_time_limit_is_named(
    command: Command, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("ZAISEKI_RETRY_SECONDS", value)
    error = only_error(command, "sync")
    assert error["code"] == "environment_bad_value"
    assert "ZAISEKI_RETRY_SECONDS" in error["message"]


@pytest.mark.parametrize("content", ["not base64!", "", base64.b64encode(b"short").decode(), "é"])
def test_a_malformed_key_file_is_named_and_kept(command: Command, content: str) -> None:
    key = command.config.parent / "zaiseki.key"
    key.write_text(content, encoding="utf-8")
    error = only_error(command, "sync")
    assert error["code"] == "key_file_unusable"
    assert str(key) in error["message"]
    assert key.read_text(encoding="utf-8") == content


def test_a_malformed_key_in_the_environment_is_never_repeated(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZAISEKI_HASH_KEY", "my secret key")
    error = only_error(command, "sync")
    assert error["code"] == "key_file_unusable"
    assert "ZAISEKI_HASH_KEY" in error["message"] and "my secret" not in str(error)


def test_another_key_for_an_old_store_is_refused(command: Command) -> None:
    only_error(command, "sync")
    (command.config.parent / "zaiseki.key").unlink()
    error = only_error(command, "sync")
    assert error["code"] == "store_other_settings"


@pytest.mark.parametrize("path", ["a-file/zaiseki.duckdb", "a-folder"])
def test_a_store_path_that_cannot_be_used(command: Command, path: str) -> None:
    (command.config.parent / "a-file").write_text("")
    (command.config.parent / "a-folder").mkdir()
    command.config.write_text(f'{NOWHERE}[store]\npath = "{path}"\n')
    error = only_error(command, "sync")
    assert error["code"] == "store_broken"
    assert path in error["message"] and "[store] path" in error["next_step"]


def test_a_store_that_is_no_store_is_left_alone(command: Command) -> None:
    store = command.config.parent / "zaiseki.duckdb"
    store.write_text("a letter to grandmother " * 1000)
    for name in ("sync", "status"):
        error = only_error(command, name)
        assert error["code"] == "store_broken"
    assert store.read_text().startswith("a letter")


def test_a_key_that_cannot_be_made_is_told(command: Command) -> None:
    # Root may write anywhere, so the draft's own name is taken: the same error of the operating system.
    folder = command.config.parent
    (folder / f"zaiseki.key.{os.getpid()}").write_text("")
    error = only_error(command, "sync")
    assert error["code"] == "folder_unwritable"
    assert f"{folder} " in error["message"]


def test_a_busy_store_names_who_holds_it_while_status_answers(command: Command) -> None:
    store = command.config.parent / "zaiseki.duckdb"
    program = [sys.executable, "-c", HOLD, str(store)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        for arguments in (["sync"], ["plan"], ["status", "--acknowledge"]):
            error = only_error(command, *arguments)
            assert error["code"] == "store_busy"
            assert f"process {holder.pid}," in error["message"]
        told = command("status", "--json")
        assert (told.code, told.err) == (0, "")
        assert json.loads(told.out)["running"]["pid"] == holder.pid
        assert str(holder.pid) in command("status").out
        holder.stdin.close()
        assert holder.wait(timeout=SECONDS) == 0
    assert json.loads(command("status", "--json").out)["running"] == {}


def test_settings_come_from_the_environment_and_the_process_ends_with_the_code(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("zaiseki")
    done = subprocess.run(
        [program, "--lang", "en", "status"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, "ZAISEKI_CONFIG": str(tmp_path / "elsewhere.toml")},
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "elsewhere.toml" in done.stderr and "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> KeptLine:
    folder = tmp_path_factory.mktemp("begun")
    return kept_after(folder, write_scenario(folder / "scenario", people(), TOML), first_sync)


@pytest.fixture
def synced(
    begun: KeptLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[tuple[Command, Mapping[str, Any]]]:
    """A command line whose platforms are provisioned, synced once, and watched for writes."""
    with begun.again(tmp_path / "job") as line:
        set_secrets(monkeypatch, line.ready)
        set_faults(line.ready)
        yield Command(line.settings, capsys), line.ready


def test_plans_and_choices_that_cannot_be_followed_write_nothing(
    synced: tuple[Command, Mapping[str, Any]], tmp_path: Path
) -> None:
    command, ready = synced
    (tmp_path / "letter").write_text("not a plan")
    before = len(writes(ready))
    for arguments, code in (
        (["plan", "--out", str(tmp_path)], "plan_unwritable"),
        (["sync", "--plan", str(tmp_path / "letter")], "plan_unreadable"),
        (["sync", "--only", "shopify:999"], "record_unknown"),
    ):
        assert only_error(command, *arguments)["code"] == code
    assert len(writes(ready)) == before


def test_a_plan_is_written_as_it_was_saved_or_refused(
    synced: tuple[Command, Mapping[str, Any]], tmp_path: Path
) -> None:
    command, _ = synced
    plan = tmp_path / "plan.json"
    assert command("plan", "--out", str(plan)).code == 0
    assert command("sync", "--plan", str(plan)).code == 0
    command.config.write_text(command.config.read_text().replace("best_spend = 100", "best_spend = 1000"))
    assert command("plan", "--out", str(tmp_path / "other.json")).code == 0
    told = command("sync", "--plan", str(plan), "--json")
    assert (told.code, json.loads(told.out)["error"]["code"]) == (2, "plan_differs")
    plan.write_text((tmp_path / "other.json").read_text().replace('"steady_active"', '"best_active"'))
    altered = json.loads(command("sync", "--plan", str(plan), "--json").out)
    assert altered["error"]["code"] in ("plan_altered", "plan_differs")


def test_everything_is_shown_in_both_languages(
    synced: tuple[Command, Mapping[str, Any]],
) -> None:
    command, _ = synced
    for arguments in (["provision", "--dry-run"], ["sync"], ["status"]):
        english, japanese = command(*arguments), command(*arguments, lang="ja")
        assert english.code == japanese.code == 0
        assert english.out != japanese.out
    for arguments in (["provision", "--dry-run"], ["status", "--acknowledge"]):
        assert isinstance(json.loads(command(*arguments, "--json").out), dict)


def test_a_held_write_is_exit_code_2_and_status_says_why(
    synced: tuple[Command, Mapping[str, Any]],
) -> None:
    command, _ = synced
    command.config.write_text(command.config.read_text().replace("best_spend = 100", "best_spend = 1000"))
    held = command("sync")
    assert held.code == 2
    assert "zaiseki sync --approve" in held.err
    assert "Held: the thresholds are not those of the last write" in command("status").out
    assert "保留: 基準値" in command("status", lang="ja").out
    assert command("sync", "--approve").code == 0
    assert "Held" not in command("status").out
