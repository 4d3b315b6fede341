"""JSON answers: compact UTF-8, members in the order that the wire contract shows."""

import json
from typing import Any

from flask import Response
from flask.json.provider import JSONProvider

#: Set up once: json.dumps makes a new encoder for every call that asks for anything but its defaults.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class CompactJson(JSONProvider):
    """Flask's ``jsonify`` without what it looks up for each answer."""

    def dumps(self, obj: Any, **_options: Any) -> str:
        """The text of an answer."""
        return _ENCODER.encode(obj)

    def loads(self, s: str | bytes, **options: Any) -> Any:
        """Only for test clients: requests are read by strict_json."""
        return json.loads(s, **options)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """The answer itself."""
        content = _ENCODER.encode(kwargs or args[0])
        return Response(content.encode("utf-8", "backslashreplace"), mimetype="application/json")
