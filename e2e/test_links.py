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
    "https://a.example/\u202egpj.exe": ["https://a.example/"],
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
    found: dict[str, list[str]] = player.log.locator(".agent .bubble").evaluate_all(
        """bubbles => Object.fromEntries(bubbles.map(bubble => {
            const links = bubble.querySelectorAll("a[target=_blank][rel='noopener noreferrer']");
            return [bubble.textContent, [...links].map(link => link.href)];
        }))"""
    )
    assert found == {**ADDRESSES, "https://last.example/": ["https://last.example/"]}
    expect(player.log.locator("a")).to_have_count(sum(map(len, found.values())))
    expect(player.log.locator(".player a")).to_have_count(0)
