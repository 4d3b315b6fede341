"""What the sample agent does about an event, and how it says it."""

import re
import time
from typing import Any

import httpx

AUTHOR = {"name": "Mia", "kind": "ai"}
THINKING = 0.7  # seconds; a reply in no time looks like a machine's
STATES = {"pending": "waiting to be approved", "processing": "being paid out", "approved": "approved"}


class Desk:
    """The agent's desk: the service's agent endpoints, the player's data among them."""

    def __init__(self, part: dict[str, str]) -> None:
        self._service = _new_client(part["service_url"], part["api_token"])

    def react(self, event_id: str, event: dict[str, Any]) -> None:
        """Answers an event, if it is one to answer."""
        told = event["data"]
        conversation_id = told["conversation"]["id"]
        try:
            if event["type"] in ("conversation.started", "conversation.identified"):
                self._say(conversation_id, event_id, _greeting(told))
            elif event["type"] == "message.created" and not self._is_handed_over(conversation_id):
                self._answer(conversation_id, event_id, told)
        except httpx.HTTPError as error:
            print(f"{event['type']} {conversation_id}: {error}", flush=True)

    def _answer(self, conversation_id: str, event_id: str, told: dict[str, Any]) -> None:
        text = told["message"]["text"].lower()
        if re.search(r"\b(human|person|colleague)\b", text):
            return self._hand_over(conversation_id, event_id)
        if re.search(r"withdraw|payout|pay-out|money", text):
            return self._say(conversation_id, event_id, self._look_up(conversation_id, told["player"]))
        return self._say(
            conversation_id,
            event_id,
            "I can look up your withdrawals: ask “where is my withdrawal?”. For a colleague, write “human”.",
        )

    def _look_up(self, conversation_id: str, player: dict[str, Any] | None) -> str:
        """Dual auth: the agent's own API token, and a session id for this one player."""
        if player is None:
            return "Please log in first, so that I know whose withdrawals to look at."
        issued = self._service.post(f"/v1/conversations/{conversation_id}/session", json={}).raise_for_status().json()
        answer = self._service.get(
            f"/v1/players/{player['player_id']}/withdrawals/pending", headers={"X-Session-ID": issued["session_id"]}
        )
        if answer.status_code == 501:
            return "The casino’s platform does not tell me about withdrawals. Write “human”, and a colleague looks."
        waiting = answer.raise_for_status().json()["withdrawals"]
        if not waiting:
            return "You have no withdrawal waiting: everything you asked for has been paid or cancelled."
        return "\n\n".join(_describe(one) for one in waiting)

    def _is_handed_over(self, conversation_id: str) -> bool:
        """Asked each time: it holds after a restart too, and ends when a colleague hands back."""
        told = self._service.get(f"/v1/conversations/{conversation_id}").raise_for_status().json()
        return told["conversation"]["handover"] is not None

    def _hand_over(self, conversation_id: str, event_id: str) -> None:
        self._say(conversation_id, event_id, "Of course. I am asking a colleague to join, and keep quiet from here on.")
        path = f"/v1/conversations/{conversation_id}/handover"
        self._service.post(path, json={"note": "The player asked for a human."}).raise_for_status()

    def _say(self, conversation_id: str, event_id: str, text: str) -> None:
        path = f"/v1/conversations/{conversation_id}"
        self._service.post(f"{path}/typing", json={"author": AUTHOR}).raise_for_status()
        time.sleep(THINKING)
        reply = {"text": text, "author": AUTHOR, "client_message_id": event_id}
        self._service.post(f"{path}/replies", json=reply).raise_for_status()


def _greeting(told: dict[str, Any]) -> str:
    name = told["attributes"].get("name")
    # Only a signed name is the player's: a claimed one is what the page said.
    if told["player"] is None or name is None or name["source"] != "signed":
        return "Hello! I am Mia, the casino’s assistant. Log in and I can look at your account with you."
    return f"Hello {name['value'].split()[0]}! I am Mia, the casino’s assistant. How can I help?"


def _describe(withdrawal: dict[str, Any]) -> str:
    amount = f"{'€' if withdrawal['currency'] == 'EUR' else withdrawal['currency'] + ' '}{withdrawal['amount']:,.2f}"
    state = STATES.get(withdrawal["status"], withdrawal["status"])
    asked = withdrawal["requested_at"][:16].replace("T", " at ")
    return (
        f"Your withdrawal of {amount} to {withdrawal['payment_method']} is {state}."
        f" You asked for it on {asked} UTC (number {withdrawal['withdrawal_id']})."
    )


def _new_client(url: str, token: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=10, trust_env=False)
