"""axe-core in each frame of a page, in each dress of the messenger; and what axe leaves out: fingers, small screens."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

from playwright.sync_api import Frame

from e2e.conftest import Messenger, Picture

#: From the package's files: its own wrapper runs in the page alone, and never sees the messenger's frame.
SOURCE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What axe cannot decide counts as well, but for the frames, which are looked at one by one, and for words of which
# nothing more can be told: one sign alone, or partly under something else at this place of scrolling.
AXE = """async tags => {
    const options = {iframes: false, resultTypes: ['violations', 'incomplete'], runOnly: {type: 'tag', values: tags}};
    const {violations, incomplete} = await axe.run(document, options);
    const untold = ['shortTextContent', 'elmPartiallyObscured', 'elmPartiallyObscuring', 'bgOverlap'];
    const open = incomplete.filter(({id}) => id !== 'frame-tested').map(({id, nodes}) =>
        ({id, nodes: nodes.filter(({any: [check]}) => !untold.includes(check?.data?.messageKey))}));
    return [...violations, ...open].flatMap(({id, nodes}) =>
        nodes.map(({target, failureSummary}) => `${id}: ${target.join(' ')}: ${failureSummary.split('\\n').at(-1)}`));
}"""
# Links in a sentence are as high as the sentence (WCAG 2.5.8); what is there for screen readers alone is a pixel.
ROOM = """() => {
    const seen = [];
    const walk = root => {
        for (const element of root.querySelectorAll('*')) {
            seen.push(element);
            if (element.shadowRoot) walk(element.shadowRoot);
        }
    };
    walk(document);
    const named = ({localName, className, textContent}) => `${localName}.${className} "${textContent.slice(0, 30)}"`;
    const shown = seen.filter(element =>
        element.checkVisibility({visibilityProperty: true}) && !element.closest('.unseen'));
    const small = shown.filter(element => element.matches('button, textarea, [tabindex="0"]')).filter(element => {
        const {width, height} = element.getBoundingClientRect();
        return width < 24 || height < 24;
    });
    const outside = shown.filter(element => {
        const {left, right, width} = element.getBoundingClientRect();
        return width && (left < -.5 || right > innerWidth + .5);
    });
    const across = shown.filter(element =>
        ['auto', 'scroll'].includes(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth);
    const root = document.documentElement;
    return [
        ...small.map(element => `smaller than 24 px: ${named(element)}`),
        ...outside.map(element => `outside the screen: ${named(element)}`),
        ...across.map(element => `scrolls across: ${named(element)}`),
        ...(root.scrollWidth > root.clientWidth ? ['the page scrolls across'] : []),
    ];
}"""
FOCUSED = """() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element?.ariaLabel || element?.textContent || '';
}"""
#: The outline, and how wide; the field's is inside of its border.
OUTLINE = """() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    const {outlineStyle, outlineWidth, outlineColor} = getComputedStyle(element);
    return [outlineStyle, parseFloat(outlineWidth) >= 2, outlineColor !== 'rgba(0, 0, 0, 0)'];
}"""
#: What a screen reader reads out by itself: what is put into a live region, unless that is off or busy.
LISTEN = """
    window.heard = [];
    const LIVE = '[aria-live], [role=log], [role=status], [role=alert]';
    new MutationObserver(changes => {
        for (const {target, addedNodes} of changes) for (const node of addedNodes) {
            const region = (target.nodeType === 1 ? target : target.parentElement)?.closest(LIVE);
            if (region && region.ariaLive !== 'off' && node.textContent.trim()) heard.push(node.textContent);
        }
    }).observe(document, {subtree: true, childList: true, characterData: true});
"""
MOVING = "root => (root.shadowRoot || document).getAnimations().length"
DESK = (1100, 800)
#: What the desk shows at a zoom of 200 %, and a screen of 1280 px at 400 % (WCAG 1.4.10).
ZOOMED, VERY_ZOOMED = (550, 400), (320, 256)
PHONE = (320, 640)


@dataclass(frozen=True, slots=True)
class Dress:
    """One way the messenger can look; ``color`` None is the brand's own."""

    name: str
    dark: bool = False
    color: str | None = None
    locale: str = "en"
    screen: tuple[int, int] = DESK


LIGHT, DARK = Dress("light"), Dress("dark", dark=True)
PHONE_DARK = Dress("phone dark", dark=True, screen=PHONE)
ARABIC, ARABIC_PHONE = Dress("arabic", locale="ar"), Dress("arabic phone dark", dark=True, locale="ar", screen=PHONE)
GERMAN_PHONE, FINNISH_PHONE = (Dress(f"{one} phone", locale=one, screen=PHONE) for one in ("de", "fi"))
AT_200, AT_400 = Dress("at 200 percent", screen=ZOOMED), Dress("at 400 percent", screen=VERY_ZOOMED)
PLAIN = (LIGHT, DARK, PHONE_DARK, FINNISH_PHONE, GERMAN_PHONE, AT_200, AT_400, ARABIC_PHONE, ARABIC)
#: The two that no single ink suits at first sight: too bright, and neither bright nor dark.
COLORED = tuple(
    Dress(f"{color} {'dark' if dark else 'light'}", dark, color)
    for color in ("#ffff00", "#777777")
    for dark in (True, False)
)
PICTURED = {LIGHT, DARK, GERMAN_PHONE, ARABIC_PHONE, AT_400, COLORED[1]}
ALL = (*PLAIN, *COLORED)
IN_ENGLISH = tuple(dress for dress in ALL if dress.locale == "en")


def violations(frame: Frame) -> list[str]:
    if not frame.evaluate("'axe' in window"):
        frame.evaluate(SOURCE)
    return [*frame.evaluate(AXE, TAGS), *frame.evaluate(ROOM)]


class Wardrobe:
    """Puts a messenger on ``static.html`` into one dress after the other, without disturbing what it shows."""

    def __init__(self, messenger: Messenger, picture: Picture) -> None:
        self.messenger = messenger
        self.picture = picture
        self.worn = LIGHT
        self.found: dict[str, list[str]] = {}
        messenger.page.emulate_media(color_scheme="light", reduced_motion="reduce")

    def wear(self, dress: Dress) -> None:
        page, worn, self.worn = self.messenger.page, self.worn, dress
        if dress.screen != worn.screen:
            page.set_viewport_size({"width": dress.screen[0], "height": dress.screen[1]})
        if dress.dark != worn.dark:
            page.emulate_media(color_scheme="dark" if dress.dark else "light", reduced_motion="reduce")
        if dress.color != worn.color:
            boot = (
                "async primaryColor => { await PlayerMessenger('boot', {...playerMessengerSettings, primaryColor}); }"
            )
            page.evaluate(boot, dress.color)
        if dress.locale != worn.locale:
            self.messenger.call("setLocale", dress.locale)

    def inspect(self, state: str, dresses: tuple[Dress, ...] = ALL, again: Callable[[], None] = lambda: None) -> None:
        """Looks at a state in each dress; ``again`` brings it back when it does not last that long."""
        for dress in (*dresses, LIGHT):
            self.wear(dress)
            again()
            if dress is LIGHT and f"{state}, light" in self.found:
                continue
            self.found[f"{state}, {dress.name}"] = [line for frame in self.frames() for line in violations(frame)]
            if dress in PICTURED:
                self.picture(f"{state} {dress.name}", self.messenger.page)

    def frames(self) -> list[Frame]:
        """The page and, while it is open, the messenger in it."""
        page, *inner = self.messenger.page.frames
        return [page, *inner] if self.messenger.panel.is_visible() else [page]

    def problems(self) -> dict[str, list[str]]:
        return {state: lines for state, lines in self.found.items() if lines}


def walk(player: Messenger, key: str, steps: int) -> list[str]:
    """What has the keyboard's focus after each press of ``key``, by name; and whether it can be seen there."""
    names = []
    for _ in range(steps):
        player.page.keyboard.press(key)
        inside = player.page.evaluate("document.activeElement?.shadowRoot?.activeElement?.localName") == "iframe"
        frame = player.page.frames[1] if inside else player.page.main_frame
        seen = frame.evaluate(OUTLINE) == ["solid", True, True]
        names.append(frame.evaluate(FOCUSED) + ("" if seen else " (unseen)"))
    return names
