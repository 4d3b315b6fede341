"""How the messenger looks: readable in whatever colour a brand picks, on small screens, from right to left."""

from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from e2e.conftest import Messenger, Service, Visit
from e2e.operator_site import OperatorSite

COLORS = [
    "#ffff00",
    "#777777",
    "#808080",
    "#7f7f7f",
    "#fff",
    "#000",
    "#2456d3",
    "#ff4400",
    "transparent",
    "rgb(255 0 0 / .3)",
    "rgb(0 0 0 / 12%)",
    "color-mix(in oklab, gold, hotpink 30%)",
    "oklch(0.7 0.37 150)",
    "color(display-p3 1 0 0)",
    "inherit",
    "no colour; background: url(https://evil.example/)",
]
WRITTEN = ["h1", ".who", ".icon", ".day", "time", ".name", ".ai", ".note"]
WRITTEN += [".agent .bubble", ".agent .bubble a", ".player .bubble", ".send"]
#: WCAG 2's contrast of an element's colour against what is painted behind it, computed by the browser that shows it.
CONTRASTS = """selectors => {
    const pen = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const over = (color, under) => {
        pen.fillStyle = under; pen.fillRect(0, 0, 1, 1);
        pen.fillStyle = color; pen.fillRect(0, 0, 1, 1);
        return `rgb(${[...pen.getImageData(0, 0, 1, 1).data].slice(0, 3)})`;
    };
    const ground = element => element
        ? over(getComputedStyle(element).backgroundColor, ground(element.parentElement)) : '#fff';
    const light = color => {
        const linear = one => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4;
        const [red, green, blue] = color.match(/\\d+/g).map(one => linear(one / 255));
        return .2126 * red + .7152 * green + .0722 * blue + .05;
    };
    const contrast = (one, other) => Math.max(light(one) / light(other), light(other) / light(one));
    const of = element => contrast(over(getComputedStyle(element).color, ground(element)), ground(element));
    const found = Object.fromEntries(selectors.map(one => [one, of(document.querySelector(one))]));
    const field = document.querySelector('textarea');
    field.focus();
    found.focus = contrast(over(getComputedStyle(field).outlineColor, ground(document.body)), ground(document.body));
    found.placeholder = contrast(getComputedStyle(field, '::placeholder').color, ground(field));
    return found;
}"""
STYLE = "(element, name) => getComputedStyle(element)[name]"


@pytest.fixture
def talk(visit: Visit, casino: OperatorSite, service: Service, player_id: str) -> Messenger:
    """A chat with a message of each side, and a link."""
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Where is it?")
    service.reply(service.conversation_with("Where is it?", player_id=player_id), "Here: https://casino.example/a")
    expect(player.log.get_by_role("link")).to_be_visible()
    return player


def dress(player: Messenger, **wishes: Any) -> None:
    """The page wishes another look."""
    player.page.evaluate("wishes => PlayerMessenger('boot', {...playerMessengerSettings, ...wishes})", wishes)
    expect(player.chat.locator("html")).to_have_attribute("data-theme", wishes["theme"])
    expect(player.log.get_by_role("link")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_can_be_read_whatever_colour_the_brand_has(talk: Messenger, theme: str) -> None:
    for color in COLORS:
        dress(talk, primaryColor=color, theme=theme)
        talk.field.fill("A draft")  # an enabled button
        contrasts = talk.page.frames[1].evaluate(CONTRASTS, WRITTEN)
        talk.field.fill("")
        contrasts["disabled"] = talk.page.frames[1].evaluate(CONTRASTS, [".send"])[".send"]
        assert {name: ratio for name, ratio in contrasts.items() if ratio < 4.5} == {}, color


def test_a_colour_that_is_none_leaves_the_messengers_own(talk: Messenger) -> None:
    header = talk.chat.locator("header")
    for color in ("no colour", "transparent", "url(https://evil.example/)", "", 7):
        dress(talk, primaryColor=color, theme="light")
        expect(header).to_have_css("background-color", "rgb(36, 86, 211)")
    dress(talk, primaryColor="rgb(255 0 0 / .5)", theme="light")
    expect(header).to_have_css("background-color", "rgb(255, 128, 128)")


def test_a_brand_as_white_as_the_ground_keeps_its_shapes(talk: Messenger) -> None:
    bubble = talk.log.locator(".player .bubble")
    dress(talk, primaryColor="#fff", theme="light")
    assert "rgb(122, 130, 144)" in bubble.evaluate(STYLE, "boxShadow")
    dress(talk, primaryColor="#fff", theme="dark")
    assert "rgba(0, 0, 0, 0)" in bubble.evaluate(STYLE, "boxShadow")


def test_the_theme_follows_the_system_unless_the_page_decides(talk: Messenger) -> None:
    html = talk.chat.locator("html")
    expect(html).to_have_attribute("data-theme", "light")
    talk.page.emulate_media(color_scheme="dark")
    expect(html).to_have_attribute("data-theme", "dark")
    dress(talk, theme="light")
    talk.page.emulate_media(color_scheme="light")
    talk.page.emulate_media(color_scheme="dark")
    expect(html).to_have_attribute("data-theme", "light")


def test_only_what_has_a_direction_is_mirrored(visit: Visit, casino: OperatorSite, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    casino.settings = {"locale": "ar"}
    player = visit(casino).open()
    html = player.chat.locator("html")
    expect(html).to_have_attribute("dir", "rtl")
    expect(player.chat.locator(".send svg")).to_have_css("transform", "matrix(-1, 0, 0, 1, 0, 0)")
    expect(player.chat.locator(".close svg")).to_have_css("transform", "none")
    close, title = (player.chat.locator(one).bounding_box() for one in (".close", "h1"))
    assert close is not None
    assert title is not None
    assert close["x"] < title["x"]
    player.call("setLocale", "en")
    expect(html).to_have_attribute("dir", "ltr")
    expect(player.chat.locator(".send svg")).to_have_css("transform", "none")


@pytest.mark.parametrize("size", [(320, 256), (320, 568), (640, 400)], ids=["1280 at 400 %", "small phone", "lying"])
def test_nothing_is_lost_on_a_small_screen(
    browser: Browser, casino: OperatorSite, service: Service, player_id: str, size: tuple[int, int]
) -> None:
    casino.log_in(player_id, "Ana-Maximiliana Ruiz y Picasso de la Santísima Trinidad")
    casino.settings = {"sound": True}
    context = browser.new_context(locale="en-GB", viewport={"width": size[0], "height": size[1]})
    player = Messenger(context, f"{casino.origin}/callback.html").open()
    long = "https://casino.example/" + "abcdef/" * 40
    player.say(long)
    service.reply(service.conversation_with(long, player_id=player_id), f"And {long}", name="Maximilian" * 6)
    expect(player.bubble(f"And {long}")).to_be_visible()
    frame = player.page.frames[1]
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert player.log.evaluate("log => log.scrollWidth <= log.clientWidth && log.clientHeight >= 80")
    for control in player.chat.locator("button:visible, textarea").all():
        expect(control).to_be_in_viewport(ratio=0.99)
        box = control.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
    context.close()


def test_a_dialog_gives_the_keyboard_back(talk: Messenger) -> None:
    end = talk.chat.get_by_role("button", name="End chat").first
    end.press("Enter")
    dialog = talk.chat.get_by_role("dialog", name="End this chat?")
    expect(dialog.get_by_role("button", name="Keep chatting")).to_be_focused()
    # The safe choice is the one that stands out; the end is no logout, and does not look like one.
    expect(dialog.get_by_role("button", name="Keep chatting")).to_have_class("primary")
    expect(dialog.get_by_role("button", name="End chat")).to_have_class("quiet")
    talk.page.keyboard.press("Escape")
    expect(end).to_be_focused()
    end.press("Enter")
    dialog.get_by_role("button", name="End chat").press("Enter")
    expect(talk.chat.get_by_role("button", name="Start a new chat")).to_be_focused()
    talk.page.keyboard.press("Enter")
    expect(talk.field).to_be_focused()


def test_motion_is_left_out_where_it_is_not_wanted(
    context: BrowserContext, visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino)
    player.page.emulate_media(reduced_motion="reduce")
    player.open().say("Anybody there?")
    service.act(service.conversation_with("Anybody there?", player_id=player_id), "typing")
    dots = player.chat.locator(".dots")
    expect(dots).to_have_css("animation-name", "none")


def test_forced_colours_leave_bubbles_and_buttons_their_shape(talk: Messenger) -> None:
    talk.page.emulate_media(forced_colors="active")
    for part in ("header", ".player .bubble", ".agent .bubble", ".send", "textarea"):
        element = talk.chat.locator(part)
        assert element.evaluate(STYLE, "borderBottomStyle") == "solid"
        assert element.evaluate(STYLE, "borderBottomWidth") != "0px"
