"""Shapes of real platforms' interfaces, connected and read through the gateway: what they say, or a stated refusal.

Each folder of ``shapes`` is a platform: its server, the document that connects it, recorded samples and their truth.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest

from tests.backoffice.shapes.loopback import HERE, Answer, served
from tests.support.service import InProcessService
from tests.views.casino import Casino
from widget_service.backoffice.contact import mask_email, mask_phone

PLAYER = "40217"
PATHS = {
    "player": "",
    "balances": "/balances",
    "withdrawals": "/withdrawals",
    "deposits": "/deposits",
    "transactions": "/transactions",
    "bonuses": "/bonuses",
    "kyc": "/kyc",
    "responsible_gaming": "/responsible-gaming",
    "notes": "/notes",
}
RANGED = ("withdrawals", "deposits", "transactions")
#: In which the samples' rows are.
RANGE = "?from_date=2026-01-01T00:00:00Z&to_date=2026-03-10T00:00:00Z"
#: What a refusal is called, to whoever asks.
STATED = {"BACK_OFFICE_UNAVAILABLE", "CAPABILITY_NOT_AVAILABLE"}


@dataclass(frozen=True)
class Shape:
    """How a platform is connected, and what of it can be read."""

    name: str
    reads: frozenset[str]
    options: tuple[str, ...] = ("--api-token", "unused")
    player: str = PLAYER
    session: str | None = None
    #: Whether its own signature is asked for; without, a proxy signs.
    signed: bool = True

    def __str__(self) -> str:
        return self.name if self.signed else f"{self.name} behind a signing proxy"

    @property
    def answer(self) -> Answer:
        found: Answer = import_module(f"tests.backoffice.shapes.{self.name}.server").answer
        return found

    @property
    def truth(self) -> Mapping[str, Mapping[str, str | None]]:
        """By capability: of its sample with the most members."""
        file, found = HERE / self.name / "truth.json", dict[str, dict[str, str | None]]()
        for place, members in json.loads(file.read_text(encoding="utf-8") if file.exists() else "{}").items():
            capability = place.partition(":")[0]
            found.setdefault(capability, members)
        return found


def shape(name: str, reads: str, *options: str, **more: Any) -> Shape:
    return Shape(name, frozenset(reads.split()), options or ("--api-token", "unused"), **more)


SHAPES = [
    shape(
        "iqsoft_core", "player balances withdrawals deposits bonuses kyc",
        "--api-token", "api-key", "--setting", "api_user=7",
    ),
    shape(
        "meepo_backoffice", "player balances withdrawals deposits transactions kyc responsible_gaming notes",
        "--api-token", "bo-jwt",
    ),
    shape("t1_public_cs", "", player="gullwing7", session="t1-token"),
    shape(
        "t1_public_cs", "player balances withdrawals deposits",
        player="gullwing7", session="t1-token", signed=False,
    ),
    shape(
        "paymentiq_admin", "withdrawals deposits",
        "--api-token", "piq-secret", "--secret", "client_id=piq-client", "--setting", "merchant=1980",
    ),
    shape("cego_wallet", "balances transactions deposits", "--api-token", "pw"),
    shape("pragmatic_wallet", ""),
    shape("pragmatic_wallet", "balances", signed=False),
    shape("gitslotpark", "", "--api-token", "gsp-key", "--setting", "agent=a1"),
    shape("gitslotpark", "balances", "--api-token", "gsp-key", "--setting", "agent=a1", signed=False),
    shape("hub88", "", session="t"),
    shape("hub88", "balances", session="t", signed=False),
    shape("slotegrator", "balances", "--api-token", "sg-key", "--setting", "merchant=m1", session="s"),
    shape("sumsub", "kyc", "--api-token", "ss-token", "--secret", "secret_key=ss-secret"),
    shape("optimove", "player", "--api-token", "opt-pw"),
    shape("paypal_reporting", "", "--api-token", "csec", "--secret", "client_id=cid"),
    shape("betmotion_xml", ""),
]  # fmt: skip


@dataclass
class Reading:
    """What the gateway said of one player."""

    refused_at_connect: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    refusals: dict[str, tuple[int, str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def casino(databases) -> Casino:
    return Casino(InProcessService(databases.new("sqlite")))


def read(casino: Casino, one: Shape) -> Reading:
    """Connects it as an operator does, starts the player's conversation, and asks everything."""
    reading, desk = Reading(), casino.neighbour()
    document = str(HERE / one.name / "connector.toml")
    with served(one.answer, signed=one.signed) as url:
        options = ("connect", desk.id, "--url", url, "--file", document, *one.options)
        connected = desk.service.run("backoffice", *options)
        if connected.exit_code:
            return Reading(refused_at_connect=connected.stderr)
        agent = desk.agent("sessions:issue", "player:read")
        visit = desk.visit(one.player, **({"session_id": one.session} if one.session else {}))
        session = agent.issue_session(visit.conversation_id).json()["session_id"]
        for capability, path in PATHS.items():
            asked = f"/v1/players/{one.player}{path}{RANGE if capability in RANGED else ''}"
            answer = agent.get(asked, headers={"X-Session-ID": session})
            body = answer.json()
            if answer.status_code == 200:
                reading.answers[capability] = body
            else:
                reading.refusals[capability] = (answer.status_code, body["error"]["code"])
    return reading


def members(capability: str, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object's members; of a list those of its first thing."""
    listed = answer.get(capability)
    return listed[0] if isinstance(listed, list) else answer


def wrong(capability: str, answer: Mapping[str, Any], truth: Mapping[str, str | None]) -> list[str]:
    """What is said and is not true; what is not said is not wrong."""
    said = {name: _at(members(capability, answer), name) for name in truth if not name.startswith("_")}
    told = {name: value for name, value in said.items() if value not in (None, "", "unknown", "Unknown")}
    checked = {name: true for name, true in truth.items() if true not in (None, "x") and name in told}
    return [f"{name}: {told[name]}, not {true}" for name, true in checked.items() if not _same(told[name], str(true))]


def _at(value: Any, name: str) -> Any:
    for step in name.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _same(said: Any, true: str) -> bool:
    if said in (mask_email(true), mask_phone(true)):
        return True
    if isinstance(said, (int, float)) and not isinstance(said, bool):
        return Decimal(str(said)) == Decimal(true)
    return str(said) == true or (len(true) == 20 and str(said)[:19] == true[:19])


@pytest.mark.parametrize("one", SHAPES, ids=str)
def test_a_platform_says_what_is_true_or_is_refused_for_a_stated_reason(casino, one: Shape) -> None:
    reading = read(casino, one)

    if reading.refused_at_connect:
        assert not one.reads, reading.refused_at_connect
        assert "[capabilities." in reading.refused_at_connect, "the place is told"
        return
    assert set(reading.answers) == set(one.reads), reading.refusals
    assert {code for _, code in reading.refusals.values()} <= STATED
    truth = one.truth
    assert not one.reads or not truth or any(truth.get(name) for name in reading.answers), "nothing is compared"
    said = [
        f"{name} {found}"
        for name, answer in reading.answers.items()
        for found in wrong(name, answer, truth.get(name, {}))
    ]
    assert said == []


def test_another_players_rows_of_a_whole_merchant_are_never_shown(casino) -> None:
    (paypal,) = [one for one in SHAPES if one.name == "paypal_reporting"]

    assert read(casino, paypal).answers == {}
