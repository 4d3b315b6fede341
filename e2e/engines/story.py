"""What is tried in each engine: a chat, a reload that goes on with it, a logout that leaves nothing behind."""

from typing import Any, Protocol

from e2e.operator_site import OperatorSite
from tests.support.operator import Agent
from tests.support.servers import wait_until

PATIENCE = 60.0  # seconds
PAGE = "callback.html"
SIGNED_OUT = "You have been signed out here."


class Engine(Protocol):
    """A browser with one page. What is asked of it are expressions in JavaScript."""

    def visit(self, url: str) -> None: ...

    def in_page(self, expression: str) -> Any: ...

    def in_frame(self, expression: str) -> Any: ...

    def write(self, text: str) -> None:
        """Types into the messenger's field, and presses Enter."""

    def close(self) -> None: ...


def tell(engine: Engine, casino: OperatorSite, agent: Agent) -> list[str]:
    """What has worked, step by step. TimeoutError or AssertionError for the first that has not."""
    done = []
    casino.log_in("p-first", "Ana Ruiz")
    _open(engine, casino)
    engine.write("Hello there")
    agent.reply(_conversation_of(agent, "p-first"), "Hello Ana")
    _wait_for_text(engine, "Hello Ana")
    done.append("chat: a message went out, and the answer came by the event stream")
    _open(engine, casino)
    _wait_for_text(engine, "Hello there")
    _wait_for_text(engine, "Hello Ana")
    assert engine.in_page(_detail("conversation:started"))["resumed"] is True, "a new session was opened"
    done.append("reload: the key and the session were kept, the conversation goes on")
    assert engine.in_page("PlayerMessenger('logout').then(() => 'left')") == "left"
    _wait_for_text(engine, SIGNED_OUT)
    assert "Hello there" not in _text(engine), "the transcript is still shown after the logout"
    casino.log_in("p-second", "Jonas Weber")
    _open(engine, casino)
    _wait_for_text(engine, "Signed in as Jonas Weber")
    assert "Hello there" not in _text(engine), "the next player sees the first one's transcript"
    done.append("logout: nothing is left for the next player of the same browser")
    assert engine.in_page("seen.filter((event) => event.name === 'identity:error').length") == 0, (
        "identity:error was told"
    )
    return done


def _open(engine: Engine, casino: OperatorSite) -> None:
    engine.visit(f"{casino.origin}/{PAGE}")
    _wait(engine, "typeof PlayerMessenger === 'function' && !!PlayerMessenger.version", "the script")
    engine.in_page("void PlayerMessenger('show')")
    _wait(engine, f"!!({_detail('conversation:started')})", "a session")


def _detail(event: str) -> str:
    return f"(seen.find((event) => event.name === '{event}') || {{}}).detail || null"


def _wait(engine: Engine, expression: str, what: str) -> None:
    wait_until(lambda: engine.in_page(expression), what, seconds=PATIENCE, every=0.1)


def _text(engine: Engine) -> str:
    return str(engine.in_frame("document.body.innerText"))


def _wait_for_text(engine: Engine, text: str) -> None:
    wait_until(lambda: text in _text(engine), text, seconds=PATIENCE, every=0.1)


def _conversation_of(agent: Agent, player_id: str) -> str:
    def find() -> str | None:
        found = agent.conversations(player_id=player_id, include_empty="false")
        return str(found[0]["id"]) if found else None

    return str(wait_until(find, "the message", seconds=PATIENCE, every=0.1))
