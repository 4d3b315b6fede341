"""The one rule for secrets that people choose: whoever tries what people choose does not find them."""

_WORDS = (
    *("password", "passwort", "passw0rd", "passphrase", "changeme", "changethis", "replaceme", "letmein", "welcome"),
    *(
        "secret",
        "example",
        "sample",
        "default",
        "dummy",
        "admin",
        "widget",
        "token",
        "webhook",
        "apikey",
        "test",
        "foobar",
    ),
    *("your", "insert", "placeholder", "iloveyou", "casino", "monkey", "dragon"),
)
_SEQUENCES = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_RUNS = tuple(one for sequence in _SEQUENCES for one in (sequence, sequence[::-1]))
_LEAST_KINDS = 7  # of characters; of 16 random hex digits fewer are one in ten thousand
_LEAST_REST = 5  # different letters and digits beside words and runs


def require_chosen_secret(text: str, least: int) -> str:
    """The secret itself, or ValueError (never with its text): short, a PEM, repeated, or what is tried first.

    ``least`` counts bytes. Secrets that were stored before this rule go on working: it is asked when one is given.
    """
    if "-----BEGIN" in text or text.startswith(("ssh-", "ecdsa-sha2-")):
        raise ValueError("is a PEM or SSH text, not a secret")
    if len(text.encode("utf-8", "surrogatepass")) < least:
        raise ValueError(f"is shorter than {least} bytes")
    if is_guessable(text):
        raise ValueError("is guessable: a repeated, simple or sample text")
    return text


def is_guessable(text: str) -> bool:
    """Few characters, a repetition, or little beside common words and runs such as ``1234`` and ``qwerty``."""
    if len(set(text)) < _LEAST_KINDS:
        return True
    if any(text[period:] == text[:-period] for period in range(1, len(text) // 2 + 1)):
        return True
    squeezed = "".join(character for character in text.lower() if character.isalnum())
    for word in _WORDS:
        squeezed = squeezed.replace(word, " ")
    return _count_rest(squeezed) < _LEAST_REST


def _count_rest(text: str) -> int:
    """How many different letters and digits stand outside runs of three or more."""
    rest: set[str] = set()
    place = 0
    while place < len(text):
        length = 1
        while place + length < len(text) and any(text[place : place + length + 1] in run for run in _RUNS):
            length += 1
        if length < 3:
            rest.update(text[place : place + length])
        place += length
    return len(rest - {" "})
