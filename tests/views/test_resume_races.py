"""Many starts at once: one open conversation per workspace, brand, player and key; one key per player token."""

from collections import Counter

from tests.support.browser import Browser, ConfirmationKey
from tests.views.casino import Casino, in_parallel


def start(casino: Casino, browser: Browser, token: str | None):
    # Proofs and headers are made before the race, so that the requests meet.
    path = casino.start_path
    headers = {"Origin": browser.origin, "DPoP": browser.proof("POST", path, token)}
    body = {"player_token": token} if token else {}
    return lambda: browser.client.post(path, json=body, headers=headers)


def outcomes(answers) -> Counter:
    return Counter((one.status_code, one.json().get("error", {}).get("code")) for one in answers)


def conversations(answers) -> set[str]:
    return {one.json()["conversation"]["id"] for one in answers if one.is_success}


def test_fifty_uses_of_one_token_with_one_key_meet_in_one_conversation(each_casino) -> None:
    token, browser = each_casino.operator.player_token(), each_casino.browser()
    answers = in_parallel([start(each_casino, browser, token) for _ in range(50)])
    assert outcomes(answers) == {(201, None): 1, (200, None): 49}
    assert len(conversations(answers)) == 1
    assert each_casino.count("conversations") == 1
    assert each_casino.count("sessions") == 50


def test_of_fifty_keys_with_one_token_exactly_one_wins(each_casino) -> None:
    token = each_casino.operator.player_token()
    answers = in_parallel([start(each_casino, each_casino.browser(), token) for _ in range(50)])
    assert outcomes(answers) == {(201, None): 1, (409, "PLAYER_TOKEN_REUSED"): 49}
    assert each_casino.count("conversations") == 1
    assert each_casino.count("sessions") == 1
    assert each_casino.count("spent_tokens") == 1


def test_tokens_of_one_player_with_one_key_meet_in_one_conversation(each_casino) -> None:
    browser = each_casino.browser()
    works = [start(each_casino, browser, each_casino.operator.player_token("5832")) for _ in range(32)]
    answers = in_parallel(works)
    assert outcomes(answers) == {(201, None): 1, (200, None): 31}
    assert len(conversations(answers)) == 1


def test_anonymous_starts_with_one_key_meet_in_one_conversation(each_casino) -> None:
    browser = each_casino.browser()
    answers = in_parallel([start(each_casino, browser, None) for _ in range(32)])
    assert outcomes(answers) == {(201, None): 1, (200, None): 31}
    assert len(conversations(answers)) == 1


def test_with_history_player_all_devices_meet_in_one_conversation(each_casino) -> None:
    each_casino.set_brand("history=player")
    works = [start(each_casino, each_casino.browser(), each_casino.operator.player_token("5832")) for _ in range(32)]
    answers = in_parallel(works)
    assert outcomes(answers) == {(201, None): 1, (200, None): 31}
    assert len(conversations(answers)) == 1


def test_players_and_nobody_race_for_one_key_without_seeing_each_other(each_casino) -> None:
    browser, operator = each_casino.browser(), each_casino.operator
    subs = ["ana", "bob", None] * 10
    works = [start(each_casino, browser, operator.player_token(sub) if sub else None) for sub in subs]
    answers = in_parallel(works)
    assert {one.status_code for one in answers} <= {200, 201}
    owners: dict[str, set[str]] = {}
    for sub, answer in zip(subs, answers, strict=True):
        player = answer.json()["player"]
        assert (player and player["player_id"]) == sub
        if sub:
            owners.setdefault(answer.json()["conversation"]["id"], set()).add(sub)
    assert all(len(players) == 1 for players in owners.values())
    with each_casino.storage.reading() as store:
        rows = store.connection.all(
            "SELECT player_id FROM conversations WHERE jkt = ? AND status = 'open'", (browser.key.thumbprint,)
        )
    of_players = [row[0] for row in rows]
    assert len(of_players) == len(set(of_players)), "one open conversation per player and key"


def test_one_proof_wins_once_however_many_bring_it(each_casino) -> None:
    token, browser = each_casino.operator.player_token(), each_casino.browser()
    work = start(each_casino, browser, token)
    answers = in_parallel([work] * 32)
    assert outcomes(answers) == {(201, None): 1, (401, "PROOF_REUSED"): 31}


def test_a_logout_beside_starts_leaves_no_session_of_the_killed_token(each_casino) -> None:
    for _ in range(5):
        browser = Browser(each_casino.service, key=ConfirmationKey())
        token = each_casino.operator.player_token()
        browser.started(each_casino.id, player_token=token)
        path = "/v1/session"
        headers = browser.headers("DELETE", path)
        works = [start(each_casino, browser, token) for _ in range(6)]
        works.insert(3, lambda headers=headers, browser=browser: browser.client.delete("/v1/session", headers=headers))
        answers = in_parallel(works)
        assert {one.status_code for one in answers} <= {200, 401}
        alive = each_casino.row(
            "SELECT COUNT(*) FROM sessions WHERE conversation_id = ? AND revoked_at IS NULL", browser.conversation_id
        )
        assert alive == (0,), "whatever was started with the token before the logout has ended with it"
