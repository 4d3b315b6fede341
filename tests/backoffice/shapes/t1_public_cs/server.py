"""A support bot's API: posted forms signed with md5 of names, key and hour; wallets by number, words for state."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.backoffice.shapes.loopback import Reply, Request, sample

KEY = "cs-sign-key"


def answer(request: Request) -> Any:
    form = request.form
    if request.signed and form.get("sign") != signature(form):
        return Reply("<html>404 Page Not Found</html>", 404, "text/html")
    if form.get("token") != "t1-token":
        return {"success": False, "code": 101, "mesg": "Token invalid", "result": None}
    if form.get("username") != "gullwing7":
        return {"success": False, "code": 1, "mesg": "Player username invalid", "result": None}
    action = request.path.rpartition("/")[2]
    if action == "getPlayerReports":
        return report(form)
    return sample("t1_public_cs", {"getPlayerProfile": "player", "queryPlayerBalance": "balance"}[action])


def signature(form: dict[str, str]) -> str:
    hour = (datetime.now(UTC) + timedelta(hours=8)).strftime("%Y%m%d%H")
    return hashlib.md5(f"{form.get('username')}{form.get('token')}{KEY}{hour}".encode()).hexdigest()  # noqa: S324 - theirs


def report(form: dict[str, str]) -> dict[str, Any]:
    said = sample("t1_public_cs", form["trans_type"])
    first = int(form["offset"])
    rows = [
        row
        for row in said["result"]["rows"]
        if form["time_from"] <= row.get("date", row.get("request_date")) <= form["time_to"]
    ]
    said["result"] = {"row_count_total": str(len(rows)), "rows": rows[first : first + int(form["limit"])]}
    return dict(said)
