import time, json
def test_smoke(app_service, operator, browser, agent):
    t=time.time()
    a = browser.start(operator.workspace_id, player_token=operator.player_token(name="Ana"))
    print(a.status_code, dict(a.headers), a.text)
    print(browser.send("hi").text)
    print(agent.get("/v1/conversations").text)
    print(time.time()-t)
    with browser.events(last_event_id="0") as ev:
        print(next(ev))
        print(agent.post(f"/v1/conversations/{browser.conversation_id}/close").text)
        print(list(ev))
    r = browser.client.get(f"/v1/workspaces/{operator.workspace_id}/conversations", headers={"Origin": browser.origin})
    print(r.status_code, dict(r.headers))
    p = browser.client.options(f"/v1/workspaces/{operator.workspace_id}/conversations", headers={"Origin": browser.origin, "Access-Control-Request-Method":"POST","Access-Control-Request-Headers":"dpop","Access-Control-Request-Private-Network":"true"})
    print(p.status_code, dict(p.headers))
