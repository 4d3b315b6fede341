"""A back office that says what it is told to: each answer names its player in every text, and every call is counted."""

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

API_TOKEN = "operators-token-of-the-back-office"

PATH = re.compile(r"/v1/players/(?P<player_id>[^/?]+)(?P<rest>[^?]*)")


def secret_of(player_id: str) -> str:
    """What nobody but this player's caller may ever see."""
    return f"secret-of-{player_id}."


def truth(player_id: str, rest: str) -> dict[str, Any]:
    """A player's answer at a path, as short as it may be, with the player's secret in it."""
    secret = secret_of(player_id)
    written = {"success": True, "message": secret, "transaction_id": "trx_1"}
    one_of = {"player_id": player_id, "total": 1}
    answers: dict[str, dict[str, Any]] = {
        "": {"id": player_id, "name": secret, "email": "ana.ruiz@player.example", "phone": "+34 600 000 117"},
        "/balances": {"player_id": player_id, "currency": "EUR", "cash_balance": 1, "active_bonus": {"name": secret}},
        "/transactions": {**one_of, "transactions": [{"transaction_id": "trx_1", "description": secret}]},
        "/transactions/summary": {"player_id": player_id, "currency": "EUR"},
        "/withdrawals": {**one_of, "withdrawals": [{"withdrawal_id": "wd_1", "payment_method": secret}]},
        "/withdrawals/pending": {
            **one_of,
            "withdrawals": [{"withdrawal_id": "wd_1", "status": "pending", "payment_method": secret}],
        },
        "/withdrawals/wd_1/cancel": {**written, "withdrawal_id": "wd_1", "status": "cancelled", "refunded_amount": 1},
        "/deposits": {**one_of, "deposits": [{"deposit_id": "dep_1", "payment_method": secret}]},
        "/deposits/summary": {"player_id": player_id, "currency": "EUR", "count": 0},
        "/bonuses": {**one_of, "bonuses": [{"bonus_id": "bon_1", "bonus_type_id": "bt_1", "name": secret}]},
        "/bonuses/eligible": {**one_of, "bonuses": [{"bonus_type_id": "bt_1", "name": secret}]},
        "/bonus": {**written, "bonus_id": "bon_1"},
        "/cancel-bonus": {**written, "cancelled_count": 0},
        "/kyc": {"player_id": player_id, "status": "approved", "documents": [], "required_documents": []},
        "/responsible-gaming": {"player_id": player_id, "rg_closed": False, "closure": None, "limits": []},
        "/responsible-gaming/closed": {"player_id": player_id, "rg_closed": False, "closed": False},
        "/notes": {**one_of, "notes": [{"note_id": "note_1", "content": secret}]},
    }
    return answers[rest]


Answering = Callable[[str, str], tuple[int, dict[str, Any]]]


def honest(player_id: str, rest: str) -> tuple[int, dict[str, Any]]:
    return 200, truth(player_id, rest)


class ScriptedBackOffice:
    """``url``; ``asked`` holds (method, path, headers, body) of each call; ``answering`` decides what is said."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        self.answering: Answering = honest
        office = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = 65_536

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                body = json.loads(self.rfile.read(length)) if length else None
                headers = {name.lower(): value for name, value in self.headers.items()}
                office.asked.append((self.command, self.path, headers, body))
                found = PATH.fullmatch(self.path.partition("?")[0])
                assert found is not None
                player_id, rest = unquote(found["player_id"]), found["rest"]
                if self.command == "POST" and rest == "/notes":
                    status, said = 201, {"success": True, "message": secret_of(player_id), "transaction_id": "trx_1"}
                else:
                    status, said = office.answering(player_id, rest)
                raw = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = _answer

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
