"""The traps of recognising people, each through the whole line: who is one, and who only seems to be."""

from collections.abc import Iterator

import pytest
from trap_shop import Traps, contact_id, synced

TYPED = (
    "０９０−１２３４−００{:02d}",
    "090ー1234ー00{:02d}",
    "090‐1234‐00{:02d}(自宅)",
    "090 1234 00{:02d} 内線12",
    "+81(0)90-1234-00{:02d}",
    "8190123400{:02d}",
    "90123400{:02d}",
)
NAMES = (
    (("太郎", "髙橋"), ("太郎", "高橋"), True),
    (("翼", "山﨑"), ("翼", "山崎"), True),
    (("学", "渡邉"), ("学", "渡辺"), True),
    (("ﾊﾅｺ", "ｻﾄｳ"), ("はなこ", "さとう"), True),
    (("ハナコ", "サトウ\u200b"), ("ハナコ", "　サトウ"), True),
    (("José", "García"), ("JOSE", "Garcia"), True),
    (("花子", "佐藤"), ("佐藤", "花子"), True),
    (("花子", "葛󠄀城"), ("花子様", "葛城"), True),
    (("裕子", "佐藤"), ("優子", "佐藤"), False),
    (("花子", "佐藤"), ("太郎", "佐藤"), False),
    (("Mary", "Brown"), ("Ruth", "Brown"), False),
)
FULL = "[identity]\nrelay_domains = ['relay.example.com']\nno_keys = ['naiyo@example.jp']\n"


def build() -> Traps:
    """Every case has a range of numbers: its customers and its contacts begin there."""
    case = Traps()
    for place, typed in enumerate(TYPED):
        case.customer(100 + place, "花子", "佐藤", phone=f"+819012340{place:03d}")
        case.contact(100 + place, "花子", "佐藤", MobilePhone=typed.format(place))
    for place, (one, other, _) in enumerate(NAMES):
        case.customer(200 + place, *one, phone=f"+819022220{place:03d}")
        case.contact(200 + place, *other, MobilePhone=f"090-2222-0{place:03d}")
    case.customer(300, "花子", "佐藤", email="a300@example.com")
    case.contact(300, "花子", "佐藤", Email="Ａ300@EXAMPLE.com ")
    case.customer(310, "Ann", "Lee", email="ann.lee@gmail.example")
    case.contact(310, "Ann", "Lee", Email="annlee@gmail.example")
    # A tag behind a plus sign and dots are part of an address, at every provider.
    case.customer(320, "花子", "佐藤", email="a320+shop@example.com")
    case.contact(320, "花子", "佐藤", Email="a320@example.com")
    for place, address in enumerate(("hana.sato330", "hanasato330", "hanasato330+tea")):
        case.contact(330 + place, "花子", "佐藤", Email=f"{address}@gmail.com")
    # A couple with one address; a family with one landline; a number that was handed out again.
    case.customer(400, "花子", "佐藤", email="home400@example.jp")
    case.contact(400, "太郎", "佐藤", Email="home400@example.jp")
    case.customer(410, "花子", "佐藤", phone="+81312345678")
    case.contact(410, "花子", "佐藤", Phone="03-1234-5678")
    case.customer(420, "花子", "佐藤", phone="+819044440420")
    case.contact(420, "健一", "田中", MobilePhone="090-4444-0420")
    # One address of two people, each with a name in kana: nothing of it is equal.
    case.customer(430, "ユイ", "サトウ", email="home430@example.jp")
    case.contact(430, "ミカ", "タナカ", Email="home430@example.jp")
    # Addresses that are nobody's, and numbers that cannot exist.
    for place, address in enumerate(("info@example.jp", "noreply@example.com", "naiyo@example.jp")):
        case.contact(500 + 2 * place, "花子", "佐藤", Email=address)
        case.contact(501 + 2 * place, "花子", "佐藤", Email=address)
    for place, number in enumerate(("000-0000-0000", "090-0000-0000", "12345")):
        case.contact(520 + 2 * place, "花子", "佐藤", MobilePhone=number)
        case.contact(521 + 2 * place, "花子", "佐藤", MobilePhone=number)
    # A marketplace's addresses, one known to everybody and one that the settings name.
    for number, domain in enumerate(("fw.rakuten.ne.jp", "relay.example.com"), 530):
        case.customer(number, "花子", "佐藤", email=f"z{number}@{domain}")
        case.contact(number, "花子", "佐藤", Email=f"z{number}@{domain}")
        case.order(53_000 + number, number, "2026-04-10", 400)
    # Four people's names on one address: nobody's, although two of them agree.
    for place, first in enumerate(("花子", "太郎", "次郎", "三郎", "花子")):
        case.contact(540 + place, first, "佐藤", Email="office540@example.jp")
    # A chain: by address to one who is called so, by number to one who is not.
    case.customer(600, "花子", "佐藤", email="a600@example.com", phone="+819066660600")
    case.contact(600, "", "佐藤", Email="a600@example.com", MobilePhone="090-6666-0601")
    case.contact(601, "太郎", "佐藤", MobilePhone="090-6666-0601")
    # Links stand, whatever else is written; a link to a customer who is gone says nothing.
    case.customer(700, "Robert", "Brown", email="a700@example.com")
    case.contact(700, "花子", "佐藤", Email="b700@example.com", Shopify_Customer_Id__c=700)
    case.contact(710, "花子", "佐藤", Email="b710@example.com", Shopify_Customer_Id__c=999_710)
    # A number with spaces is itself and not the beginning of another one.
    case.customer(720, "花子", "佐藤", phone="+819012345678")
    case.contact(720, "花子", "佐藤", MobilePhone="090 1234 567")
    # One customer, two contacts, a converted lead, three orders without a customer: one person.
    case.customer(800, "花子", "佐藤", email="a800@example.com", phone="+819088880800")
    case.contact(800, "花子", "佐藤", Email="a800@example.com")
    case.contact(801, "ハナコ", "サトウ", Email="old800@example.com", MobilePhone="09088880801")
    lead = {"Id": "00Q000000000800AAA", "FirstName": "花子", "LastName": "佐藤", "Company": "-"}
    lead |= {"IsConverted": "true", "ConvertedContactId": contact_id(801), "Email": "a800@example.com"}
    case.rows["salesforce_Lead"].append(lead)
    for place in range(3):
        case.order(80_000 + place, "", f"2026-0{place + 1}-10", 1000, email="A800@example.com")
    case.sale(1, 700, "2026-05-05", 500)
    return case


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traps]:
    with synced(tmp_path_factory.mktemp("people"), build(), more=FULL) as made:
        yield made


@pytest.mark.parametrize("place", range(len(TYPED)))
def test_a_mobile_number_joins_however_it_was_typed(shop: Traps, place: int) -> None:
    assert shop.is_one(100 + place, contact_id(100 + place))


@pytest.mark.parametrize("place", range(len(NAMES)))
def test_on_a_shared_number_names_decide_in_every_writing(shop: Traps, place: int) -> None:
    assert shop.is_one(200 + place, contact_id(200 + place)) == NAMES[place][2]


def test_an_address_joins_whatever_its_width_and_case_but_for_its_dots(shop: Traps) -> None:
    assert shop.is_one(300, contact_id(300))
    assert shop.are_apart(310, contact_id(310))


def test_a_tag_behind_a_plus_sign_makes_another_address(shop: Traps) -> None:
    assert shop.are_apart(320, contact_id(320))


def test_dots_and_plus_tags_are_never_merged_not_even_at_gmail(shop: Traps) -> None:
    assert shop.are_apart(*(contact_id(330 + place) for place in range(3)))


@pytest.mark.parametrize("number", [530, 531])
def test_a_marketplaces_relay_address_joins_nobody_and_its_buyer_is_scored(shop: Traps, number: int) -> None:
    assert shop.are_apart(number, contact_id(number))
    assert (shop.of(number)["purchases"], shop.of(number)["net_spend"]) == (1, 400)
    assert shop.of(number)["segment"] == "first_active"


def test_who_is_known_by_a_relay_address_only_is_left_out_of_the_shares(shop: Traps) -> None:
    """Buyers are those of 700 and 800: each record behind a relay address might be one of them."""
    assert shop.told["people"]["by_relay"] == 4
    assert shop.told["tenure"]["buyers"] == 2
    persons = {held["person_id"] for platform in shop.held.values() for held in platform.values()}
    assert sum(shop.told["segments"].values()) == len(persons) - 4


def test_a_couple_with_one_address_are_two(shop: Traps) -> None:
    assert shop.are_apart(400, contact_id(400))


def test_a_landline_is_the_households_and_nobodys(shop: Traps) -> None:
    assert shop.are_apart(410, contact_id(410))


def test_a_number_that_was_handed_out_again_joins_nobody(shop: Traps) -> None:
    assert shop.are_apart(420, contact_id(420))


@pytest.mark.parametrize("number", range(500, 506, 2))
def test_role_and_placeholder_addresses_join_nobody(shop: Traps, number: int) -> None:
    assert shop.are_apart(contact_id(number), contact_id(number + 1))


@pytest.mark.parametrize("number", range(520, 526, 2))
def test_numbers_that_cannot_be_join_nobody(shop: Traps, number: int) -> None:
    assert shop.are_apart(contact_id(number), contact_id(number + 1))


def test_an_address_of_more_than_three_peoples_names_is_no_key(shop: Traps) -> None:
    assert shop.are_apart(*(contact_id(540 + place) for place in range(5)))


def test_a_chain_does_not_join_its_ends_against_their_names(shop: Traps) -> None:
    assert shop.are_apart(600, contact_id(601))


def test_an_explicit_link_stands_and_one_to_nobody_is_none(shop: Traps) -> None:
    assert shop.is_one(700, contact_id(700))
    assert shop.are_apart(contact_id(710), contact_id(700))


def test_a_number_with_spaces_does_not_match_an_unrelated_customer(shop: Traps) -> None:
    assert shop.are_apart(720, contact_id(720))


def test_a_customer_two_contacts_a_converted_lead_and_three_guest_orders_are_one(shop: Traps) -> None:
    assert shop.is_one(800, contact_id(800), contact_id(801))
    assert shop.of(800)["purchases"] == 3
    assert shop.of(contact_id(801))["net_spend"] == 3000


def test_nobody_was_merged_on_a_platform(shop: Traps) -> None:
    assert len(shop.held["shopify"]) == len(shop.rows["shopify_customers"])
    assert len(shop.held["salesforce"]) == len(shop.rows["salesforce_Contact"])


def test_what_was_kept_apart_for_its_names_waits_for_a_look(shop: Traps) -> None:
    assert shop.line is not None
    listed = shop.line.run("review", "list", "--json")
    assert listed.code == 0
    assert contact_id(420) in listed.out
    assert contact_id(400) in listed.out


def test_one_address_with_another_kana_surname_and_given_name_waits_for_a_look(shop: Traps) -> None:
    assert shop.are_apart(430, contact_id(430))
    assert shop.line is not None
    items = shop.line.run("review", "list", "--json").json["items"]
    about = [item for item in items if contact_id(430) in {one["record"] for one in item["records"]}]
    (item,) = about
    assert (item["rule"], item["reason"]) == ("email", "names")
    assert {one["record"] for one in item["records"]} == {"shopify:430", contact_id(430)}
