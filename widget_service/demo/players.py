"""The casino's three sample players. The reference back office and every simulated platform know them too."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Player:
    """A sample player."""

    player_id: str
    name: str
    email: str
    note: str

    @property
    def claims(self) -> dict[str, str]:
        """What the casino says about the player when it signs."""
        return {"player_id": self.player_id, "name": self.name, "currency": "EUR", "language": "en"}


PLAYERS = {
    player.player_id: player
    for player in (
        Player("40217", "Ana Ruiz", "ana.ruiz@player.example", "one withdrawal waits"),
        Player("5832", "Jonas Weber", "jonas.weber@player.example", "two withdrawals wait"),
        Player("61904", "Léa Martin", "lea.martin@player.example", "nothing waits"),
    )
}
