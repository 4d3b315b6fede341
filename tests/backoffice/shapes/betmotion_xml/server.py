"""A wallet that speaks XML."""

from typing import Any

from tests.backoffice.shapes.loopback import Reply, Request


def answer(_request: Request) -> Any:
    return Reply('<PKT><Result Success="1"><Balance Type="int" Value="22050"/></Result></PKT>', 200, "text/xml")
