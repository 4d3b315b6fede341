"""The gateway's part of the OpenAPI page: every answer of a back office is what the page says."""

from tests.backoffice.scripted_back_office import API_TOKEN, ScriptedBackOffice, truth
from tests.support.service import InProcessService
from tests.views.casino import Casino
from tests.views.openapi_document import Document, watched
from widget_service.backoffice.canonical import CAPABILITIES, WITHOUT_SCOPE
from widget_service.views.endpoints.player_examples import BODIES as PLAYER_BODIES


def test_what_the_gateway_answers_is_what_the_page_says(databases, office) -> None:
    casino = Casino(InProcessService(databases.new("sqlite")))
    document = Document(casino.service.client().get("/openapi.json").json())
    read_player_data(casino, document, office)

    answered = {name for name, status in document.seen if name.startswith("player_data_") and status < 300}
    assert answered == {f"player_data_{name.replace('.', '_')}" for name in CAPABILITIES}


def read_player_data(casino: Casino, document: Document, office: ScriptedBackOffice) -> None:
    scopes = ("player:read", "withdrawals:cancel", "bonuses:write", "notes:write")
    agent = watched(document, casino.agent("sessions:issue", *scopes))
    issued = agent.issue_session(casino.visit("5832").conversation_id, scope=" ".join(scopes)).json()
    headers = {"X-Session-ID": issued["session_id"]}
    path = {"player_id": "5832", "withdrawal_id": "wd_1"}
    assert agent.get("/v1/players/5832", headers=headers).status_code == 501
    casino.cli("backoffice", "connect", casino.id, "--url", office.url, "--api-token", API_TOKEN)
    for name, capability in {**CAPABILITIES, **WITHOUT_SCOPE}.items():
        body = {"json": PLAYER_BODIES.get(name, {})} if capability.writes else {}
        answer = agent.request(capability.method, capability.path.format(**path), headers=headers, **body)
        assert answer.status_code == (capability.status if capability.scope else 403), answer.text
    office.answering = lambda player_id, rest: (200, truth("40217", rest))
    for wrong in ("5832", "40217"):
        assert agent.get(f"/v1/players/{wrong}", headers=headers).status_code in (404, 502)
    assert agent.get("/v1/players/5832").status_code == 401
