"""The settings file: what is not understood is named with its place and the next step, and never repeated."""

from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel, SecretStr
from settings_file import SHOP, stopped

from connectors import retry
from zaiseki import (
    settings_metrics,
    settings_orders,
    settings_people,
    settings_platforms,
    settings_sections,
)
from zaiseki.environment import Secrets, read_secrets
from zaiseki.errors import Stop
from zaiseki.settings import read_settings, settings_file
from zaiseki.settings_types import nearest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "zaiseki.toml"


SECOND = '[[shopify]]\nname = "two"\nshop = "two.myshopify.com"\n'


def test_several_shops_stand_in_one_file_in_their_order(path: Path) -> None:
    path.write_text(f'[[shopify]]\nname = "one"\nshop = "one.myshopify.com"\n{SECOND}')
    assert [shop.name for shop in read_settings(path).shopify] == ["one", "two"]


@pytest.mark.parametrize(
    ("first", "cause"),
    [
        ('shop = "one.myshopify.com"', "needs a name"),
        ('name = "two"\nshop = "one.myshopify.com"', "the same name"),
        ('name = "one"\nshop = "two.myshopify.com"', "stands here twice"),
    ],
)
def test_several_shops_can_be_told_apart(path: Path, first: str, cause: str) -> None:
    stop = stopped(path, f"[[shopify]]\n{first}\n{SECOND}")
    assert (stop.code, stop.details["key"]) == ("settings_bad_value", "shopify")
    assert cause in stop.details["cause"]


def test_what_is_wrong_with_one_of_several_shops_is_told_with_its_number(path: Path) -> None:
    stop = stopped(
        path, f'[[shopify]]\nname = "one"\nshop = "one.myshopify.com"\n{SECOND}api_version = "x"\n'
    )
    assert stop.details["key"] == "shopify[2].api_version"
    stop = stopped(path, f'{SECOND}client_secret = "hunter2"\n')
    assert (stop.code, stop.details["name"]) == ("settings_secret", "ZAISEKI_SHOPIFY_TWO_CLIENT_SECRET")


def test_each_shop_has_secrets_of_its_own_and_a_lone_one_may_go_without_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ZAISEKI_SHOPIFY_ACCESS_TOKEN", "common")
    assert not read_secrets().of_shop("tokyo", alone=False).enough()
    alone = read_secrets().of_shop("tokyo")
    assert alone.access_token is not None and alone.access_token.get_secret_value() == "common"
    monkeypatch.setenv("ZAISEKI_SHOPIFY_TOKYO_CLIENT_ID", "id")
    assert not read_secrets().of_shop("tokyo", alone=False).enough()
    monkeypatch.setenv("ZAISEKI_SHOPIFY_TOKYO_CLIENT_SECRET", "hunter2")
    own = read_secrets().of_shop("tokyo", alone=False)
    assert (own.client_id, own.access_token, own.enough()) == ("id", None, True)
    assert own.client_secret is not None and own.client_secret.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(own) + str(own.model_dump())


@pytest.mark.parametrize(
    ("text", "key", "meant"),
    [
        (f"{SHOP}[segment]\nbest_spent = 5\n", "segment.best_spent", "best_spend"),
        ('[shopify]\nshp = "example.myshopify.com"\n', "shopify.shp", "shop"),
        (f"{SHOP}[sgement]\nbest_spend = 5\n", "sgement", "segment"),
        (f"{SHOP}[write]\nplatform = []\n", "write.platform", "platforms"),
        ("shopfy = 1\n", "shopfy", "shopify"),
        (f"{SHOP}[purchases.exclude]\ntag = []\n", "purchases.exclude.tag", "tags"),
        (f"{SHOP}[privacy]\nexclude = {{ fields = 1 }}\n", "privacy.exclude.fields", "field"),
        (f"{SHOP}{SHOP.replace('[shopify]', '[privacy]')}", "privacy.shop", "exclude"),
    ],
)
def test_an_unknown_key_names_the_nearest_known_one(path: Path, text: str, key: str, meant: str) -> None:
    stop = stopped(path, text)
    assert stop.code == "settings_unknown_key"
    assert (stop.details["key"], stop.details["nearest"]) == (key, meant)


@pytest.mark.parametrize("text", ["[shopify\n", "shop = ", f"{SHOP}{SHOP}", "a = 1\na = 2\n"])
def test_malformed_toml_is_told_with_its_line(path: Path, text: str) -> None:
    stop = stopped(path, text)
    assert stop.code == "settings_malformed"
    assert "line" in stop.details["cause"] or "end of document" in stop.details["cause"]


def test_a_file_that_is_no_text_is_unreadable(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Stop) as caught:
        read_settings(path)
    assert (caught.value.code, caught.value.details["cause"]) == ("settings_unreadable", "UnicodeDecodeError")


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(Stop) as caught:
        read_settings(tmp_path)
    assert caught.value.code == "settings_unreadable"


@pytest.mark.parametrize("text", ["", "[segment]\nbest_spend = 5\n"])
def test_without_a_platform_there_is_nothing_to_do(path: Path, text: str) -> None:
    assert stopped(path, text).code == "settings_no_platform"


@pytest.mark.parametrize(
    ("section", "key", "variable"),
    [
        ("shopify", "access_token", "ZAISEKI_SHOPIFY_ACCESS_TOKEN"),
        ("shopify", "client_secret", "ZAISEKI_SHOPIFY_CLIENT_SECRET"),
        ("salesforce", "client_secret", "ZAISEKI_SALESFORCE_CLIENT_SECRET"),
        ("salesforce", "username", "ZAISEKI_SALESFORCE_USERNAME"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_repeated(
    path: Path, section: str, key: str, variable: str
) -> None:
    stop = stopped(path, f'[{section}]\n{key} = "hunter2"\n')
    assert stop.code == "settings_secret"
    assert stop.details["name"] == variable
    assert "hunter2" not in str(stop.details)


@pytest.mark.parametrize(
    "text",
    [
        '[shopify]\nshop = "shpat_hunter2"\n',
        '[salesforce]\ndomain = "hunter2"\n',
        f'{SHOP}url = "https://hunter2.example.com"\n',
        f'{SHOP}[referral]\ncode_metafield = "hunter2"\n',
        f'{SHOP}[currency]\nreporting = "hunter2"\n',
        f'{SHOP}[store]\nmemory_limit = "hunter2"\n',
        f'{SHOP}[currency]\nrates = {{ USD = "hunter2" }}\n',
        f'{SHOP}[purchases.exclude]\nchannels = ["hunter2"]\n',
    ],
)
def test_a_bad_value_is_never_repeated_since_it_may_be_a_misplaced_secret(path: Path, text: str) -> None:
    stop = stopped(path, text)
    assert stop.code == "settings_bad_value"
    assert "hunter2" not in str(stop.details)


def test_secrets_do_not_show_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name for name, field in Secrets.model_fields.items() if SecretStr in get_args(field.annotation)]
    assert len(names) == 4
    for name in names:
        monkeypatch.setenv(f"ZAISEKI_{name}".upper(), "hunter2")
    secrets = read_secrets()
    assert "hunter2" not in repr(secrets) + str(secrets) + str(secrets.model_dump())


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAISEKI_SHOPIFY_CLIENT_ID", "")
    monkeypatch.setenv("ZAISEKI_RETRY_SECONDS", "")
    assert read_secrets().shopify_client_id is None
    assert read_secrets().retry_seconds == retry.seconds_allowed() == 600


def test_the_time_for_retries_is_what_the_operator_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAISEKI_RETRY_SECONDS", "12.5")
    assert read_secrets().retry_seconds == retry.seconds_allowed() == 12.5


def test_the_file_is_the_one_given_else_the_environments_else_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ZAISEKI_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    assert settings_file(None) == tmp_path / "zaiseki.toml"
    monkeypatch.setenv("ZAISEKI_CONFIG", "other.toml")
    assert settings_file(None) == tmp_path / "other.toml"
    assert settings_file(Path("given.toml")) == tmp_path / "given.toml"


def test_the_nearest_word_shares_the_most_letters() -> None:
    assert nearest("lapse_day", ("best_days", "lapse_days", "steady_days")) == "lapse_days"


def test_every_model_refuses_what_it_does_not_know() -> None:
    modules = (settings_metrics, settings_orders, settings_people, settings_platforms, settings_sections)
    models = [
        model
        for module in modules
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.__name__
    ]
    loose = [model.__name__ for model in models if model.model_config.get("extra") != "forbid"]
    assert len(models) > 20 and loose == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "https://localhost", "http://[::1]:1"])
@pytest.mark.parametrize("section", [SHOP, '[salesforce]\ndomain = "a.my.salesforce.com"\n'])
def test_a_url_may_point_at_this_machine(path: Path, url: str, section: str) -> None:
    path.write_text(f'{section}url = "{url}"\n')
    read_settings(path)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com/",
        "http://10.0.0.1",
        "http://0.0.0.0:80",
        "127.0.0.1:8000",
        "",
    ],
)
@pytest.mark.parametrize("section", [SHOP, '[salesforce]\ndomain = "a.my.salesforce.com"\n'])
def test_a_url_anywhere_else_is_refused(path: Path, url: str, section: str) -> None:
    stop = stopped(path, f'{section}url = "{url}"\n')
    assert stop.details["key"].endswith(".url")
    assert stop.details["cause"].startswith("only loopback addresses")


@pytest.mark.parametrize(
    "shop", ["example.com", "example.myshopify.com.evil.com", "https://a.myshopify.com", "a.myshopify.com/x"]
)
def test_only_a_myshopify_address_is_a_shop(path: Path, shop: str) -> None:
    assert stopped(path, f'[shopify]\nshop = "{shop}"\n').details["key"] == "shopify.shop"


@pytest.mark.parametrize(
    "domain", ["login.salesforce.com", "a.my.salesforce.com.evil.com", "a.my.salesforce.com/", "evil.com"]
)
def test_only_a_my_domain_is_an_org(path: Path, domain: str) -> None:
    assert stopped(path, f'[salesforce]\ndomain = "{domain}"\n').details["key"] == "salesforce.domain"
