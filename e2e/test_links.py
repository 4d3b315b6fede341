"""What an agent writes stays text, but for addresses that are what they seem."""

from playwright.sync_api import expect

from e2e.conftest import Service, Visit
from e2e.operator_site import OperatorSite

ADDRESSES: dict[str, list[str]] = {
    "See https://casino.example/a?b=1#c.": ["https://casino.example/a?b=1#c"],
    "(https://casino.example/terms)": ["https://casino.example/terms"],
    "https://en.example/wiki/Odds_(betting), please": ["https://en.example/wiki/Odds_(betting)"],
    '"https://casino.example/"': ["https://casino.example/"],
    "https://a.example、https://b.example。": ["https://a.example/", "https://b.example/"],
    "javascript:alert(1) data:text/html,x ftp://a.example //a.example www.a.example": [],
    "https://bank.example@evil.example/ https:// https://[": [],
    "https://bücher.example, http://[::1]:8000/x": ["https://xn--bcher-kva.example/", "http://[::1]:8000/x"],
    "https://例え.example/?例=え": ["https://xn--r8jz45g.example/?%E4%BE%8B=%E3%81%88"],
    # Signs that look like a slash, and letters that nobody sees, are part of the host.
    **{f"https://bank.example{sign}evil.example/x": [] for sign in "\u2044\u2215\u29f8\u2571\u3164\u115f\u2800"},
}


def test_only_addresses_become_links(visit: Visit, casino: OperatorSite, service: Service, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("I write https://casino.example/")
    conversation = service.conversation_with("I write https://casino.example/", player_id=player_id)
    for text in ADDRESSES:
        service.reply(conversation, text)
    service.reply(conversation, "https://last.example/")
    expect(player.log.locator("a", has_text="https://last.example/")).to_be_visible()
    found: list[list[str]] = player.log.locator(".agent .bubble").evaluate_all(
        """bubbles => bubbles.map(bubble => {
            const links = bubble.querySelectorAll("a[target=_blank][rel='noopener noreferrer']");
            return [...links].map(link => link.href);
        })"""
    )
    assert found == [*ADDRESSES.values(), ["https://last.example/"]]
    expect(player.log.locator("a")).to_have_count(sum(map(len, found)))
    expect(player.log.locator(".player a")).to_have_count(0)


TURNS = "\u202e"
#: What is written, and what the bubble shows of it: the link's host is in the letters in which it is asked for.
SHOWN = {
    "https://\u0430\u0440\u0440\u04cf\u0435.com/login": "https://xn--80ak6aa92e.com/login",  # Cyrillic
    "https://bücher.example:8443/ä?ö#ü": "https://xn--bcher-kva.example:8443/ä?ö#ü",
    "https://\u0645\u062b\u0627\u0644.example/\u0645": "https://xn--mgbh0fb.example/\u0645",
    "HTTPS://Casino.Example/A": "HTTPS://Casino.Example/A",
    "http://2130706433/": "http://127.0.0.1/",
    f"{TURNS}Pay at https://a.example/x": "Pay at https://a.example/x",
    "\u2067\u202bPay at https://b.example/x": "Pay at https://b.example/x",
    f"https://c.example/{TURNS}gpj.exe": "https://c.example/gpj.exe",
    f"{TURNS}no address": f"{TURNS}no address",
}


def test_a_link_shows_where_it_leads(visit: Visit, casino: OperatorSite, service: Service, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Where?")
    conversation = service.conversation_with("Where?", player_id=player_id)
    for text in [*SHOWN, "https://last.example/"]:
        service.reply(conversation, text, name=f"{TURNS}Mia")
    expect(player.log.locator("a", has_text="https://last.example/")).to_be_visible()
    bubbles = player.log.locator(".agent .bubble")
    assert bubbles.all_text_contents() == [*SHOWN.values(), "https://last.example/"]
    order: list[bool] = bubbles.locator("a").evaluate_all(
        """links => links.map(link => {
            const at = (index) => {
                const range = document.createRange();
                range.setStart(link.firstChild, index);
                range.setEnd(link.firstChild, index + 1);
                return range.getBoundingClientRect().left;
            };
            return [0, 1, 2, 3, 4, 5, 6, 7, 8].every((index) => at(index) < at(index + 1));
        })"""
    )
    assert order == [True] * len(SHOWN), "the host stays in front, from left to right"
    names = player.log.locator(".agent .name")
    assert set(names.evaluate_all("all => all.map(one => getComputedStyle(one).unicodeBidi)")) == {"isolate"}
