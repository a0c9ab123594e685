"""The pages: what an admin sees of a person on either platform."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

Start = Callable[..., dict[str, Any]]
TIMEOUT = 10


def get(url: str, **options: Any) -> requests.Response:
    return requests.get(url, timeout=TIMEOUT, **options)


def ask_shop(ready: dict[str, Any], query: str) -> requests.Response:
    return requests.post(
        f"{ready['shopify']['url']}/admin/api/2026-10/graphql.json",
        json={"query": query},
        headers={"X-Shopify-Access-Token": ready["shopify"]["access_token"]},
        timeout=TIMEOUT,
    )


def test_what_a_customer_typed_is_text_on_the_pages(sandbox: Start) -> None:
    name = "<script>alert(1)</script>"
    ready = sandbox(
        {
            "shopify_customers": [{"id": 1, "last_name": name, "email": '"><b>@example.com'}],
            "salesforce_Contact": [{"Id": "0035g0000000001AAA", "LastName": name, "Email": name}],
        }
    )
    addresses = [
        "shopify/customers",
        "shopify/customers/1",
        "salesforce/Contact",
        "salesforce/Contact/0035g0000000001AAA",
        f"shopify/customers?q={name}",
    ]
    for address in addresses:
        page = get(ready["pages"] + address)
        assert page.status_code == 200 and "<script" not in page.text and "&lt;script&gt;" in page.text, (
            address
        )


def test_pages_find_people_by_name_and_email_and_cut_long_lists(sandbox: Start) -> None:
    people = [{"id": number, "last_name": f"Person{number:03d}", "email": f"p{number}@example.com"}
              for number in range(1, 121)]  # fmt: skip
    people.append({"id": 500, "last_name": "髙橋", "first_name": "花子", "email": "HANAKO_1@example.jp"})
    pages = sandbox({"shopify_customers": people})["pages"]
    third = get(f"{pages}shopify/customers?page=3").text
    assert "Page 3 of 3" in third and "Person101" in third and "Person001" not in third
    for query in ("髙橋", "髙橋花子", "hanako_1", "500"):
        found = get(f"{pages}shopify/customers", params={"q": query}).text
        assert "花子" in found and "Person" not in found, query
    assert "Nobody fits" in get(f"{pages}shopify/customers", params={"q": "100%"}).text


@pytest.mark.parametrize(
    "address", ["shopify/customers/9", "salesforce/Contact/x", "salesforce/Nothing", "salesforce/Nothing/x"]
)
def test_a_page_that_is_not_there_says_so(sandbox: Start, address: str) -> None:
    page = get(sandbox()["pages"] + address)
    assert page.status_code == 404 and "There is no such" in page.text


def test_a_persons_pages_show_our_fields_and_lead_to_each_other(sandbox: Start) -> None:
    fields = {"person_id": "p-1", "segment": "best_active", "channels": '["online","sales"]'}
    types = {"channels": "list.single_line_text_field"}
    ready = sandbox(
        {
            "shopify_customers": [{"id": 1, "first_name": "花子", "last_name": "髙橋", "locale": "ja"}],
            "shopify_orders": [{"id": 5, "customer_id": 1, "total": "1200", "discount_codes": "A;B"}],
            "shopify_metafields": [
                {"owner_id": 1, "namespace": "zaiseki", "key": key, "value": value}
                | {"type": types.get(key, "single_line_text_field")}
                for key, value in fields.items()
            ],
            "salesforce_Contact": [
                {"Id": "0035g0000000001AAA", "LastName": "髙橋"}
                | {"Zaiseki_Person_Id__c": "p-1", "Zaiseki_Segment__c": "best_active"}
            ],
        }
    )
    query = (
        'mutation { metafieldDefinitionCreate(definition: {namespace: "zaiseki", key: "segment",'
        ' name: "顧客区分", type: "single_line_text_field",'
        " ownerType: CUSTOMER}) { userErrors { message } } }"
    )
    assert ask_shop(ready, query).json()["data"]["metafieldDefinitionCreate"]["userErrors"] == []
    customer = get(f"{ready['pages']}shopify/customers/1").text
    for shown in ("髙橋 花子", "顧客区分", "best_active", "online, sales", "A, B", "1 order", "1,200.00 USD"):
        assert shown in customer
    assert "/pages/salesforce/Contact/0035g0000000001AAA" in customer
    contact = get(f"{ready['pages']}salesforce/Contact/0035g0000000001AAA").text
    assert "best_active" in contact and "/pages/shopify/customers/1" in contact
    listed = get(f"{ready['pages']}salesforce/Contact?segment=best_active").text
    assert "髙橋" in listed and "best_active (1)" in listed
    assert "Nothing fits" in get(f"{ready['pages']}salesforce/Contact?segment=first_active").text
    assert "Nobody fits" in get(f"{ready['pages']}shopify/customers?segment=first_active").text


def test_pages_ask_no_other_machine_for_anything(sandbox: Start) -> None:
    ready = sandbox({"shopify_customers": [{"id": 1}], "salesforce_Contact": [{"Id": "0035g0000000001AAA"}]})
    for address in ("", "shopify/customers", "shopify/customers/1", "salesforce/Contact", "style.css"):
        assert "//" not in get(ready["pages"] + address).text, address
