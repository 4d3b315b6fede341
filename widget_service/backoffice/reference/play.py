"""An evening of play: bets and wins of a given sum, spread over time, that never spend more than there is."""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from widget_service.backoffice.reference.ledger import CREDIT, DEBIT, Movement

if TYPE_CHECKING:
    from widget_service.backoffice.reference.history import Story


@dataclass(frozen=True, slots=True)
class Play:
    """``rounds`` bets and ``hits`` wins. ``leaves`` is the cash afterwards, where the wins are not told."""

    at: datetime
    ends: datetime
    rounds: int
    hits: int
    game: str
    bets: str
    wins: str | None = None
    leaves: str | None = None
    last_win: str | None = None


def write_play(story: "Story", play: Play) -> None:
    """The rows of it; the last is a win at the end."""
    cash = story.books.number("SELECT cash FROM players WHERE player_id = ?", story.player_id)
    bets = parts(story.chance, story.minor(play.bets), play.rounds)
    wins = _wins(story, play, cash)
    rows = interleave(bets, wins, cash)
    start, span = play.at, play.ends - play.at
    reference = ""
    for place, (event_type, amount) in enumerate(rows):
        if event_type == "bet":
            reference = f"rnd_{story.books.next('round')}"
        direction = DEBIT if event_type == "bet" else CREDIT
        at = play.ends if place == len(rows) - 1 else start + span * place / len(rows)
        story.move(at, Movement(event_type, direction, amount, "cash", play.game, reference))


def _wins(story: "Story", play: Play, cash: int) -> list[int]:
    bets = story.minor(play.bets)
    total = story.minor(play.wins) if play.wins is not None else story.minor(play.leaves or "0") - cash + bets
    if play.last_win is None:
        return sorted(parts(story.chance, total, play.hits), reverse=True)
    last = story.minor(play.last_win)
    return [*sorted(parts(story.chance, total - last, play.hits - 1), reverse=True), last]


def parts(chance: random.Random, total: int, count: int) -> list[int]:
    """So many positive numbers of that sum: round ones if the sum is round."""
    step = next(step for step in (100, 50, 10, 5, 1) if total % step == 0 and total // step >= count)
    weights = [chance.uniform(0.4, 1.6) for _ in range(count)]
    spare = total // step - count
    found = [1 + int(spare * weight / sum(weights)) for weight in weights]
    found[chance.randrange(count)] += total // step - sum(found)
    return [number * step for number in found]


def interleave(bets: list[int], wins: list[int], cash: int) -> list[tuple[str, int]]:
    """Wins evenly between the bets, sooner where the cash would not do, the last at the end.

    The largest come first, so that there is as much to bet as there can be. Raises ValueError if it never does.
    """
    rows: list[tuple[str, int]] = []
    left = list(wins)
    for place, bet in enumerate(bets):
        while cash < bet and rows and len(left) > 1:
            cash += left[0]
            rows.append(("win", left.pop(0)))
        if cash < bet:
            raise ValueError("more is bet than there is")
        cash -= bet
        rows.append(("bet", bet))
        while len(left) > 1 and len(wins) - len(left) < (place + 1) * len(wins) // len(bets):
            cash += left[0]
            rows.append(("win", left.pop(0)))
    return [*rows, *(("win", win) for win in left)]
