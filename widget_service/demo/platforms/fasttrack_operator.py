"""A simulated operator who has built the endpoints that Fast Track asks its customers for. Every value is made up."""

from flask import Blueprint, Response, request

from widget_service.demo.platforms.stage import Stage, asked_for, reply


def new_platform(stage: Stage) -> Blueprint:
    """The endpoints, behind ``X-Api-Key``."""
    blueprint = Blueprint("fasttrack_operator", __name__)
    views = _Views(stage)
    blueprint.add_url_rule("/authenticate", "authenticate", views.authenticate, methods=["POST"])
    blueprint.add_url_rule("/userdetails/<player_id>", "details", views.details)
    blueprint.add_url_rule("/userblocks/<player_id>", "blocks", views.blocks)
    blueprint.add_url_rule("/userconsents/<player_id>", "consents", views.consents)

    @blueprint.before_request
    def require_key() -> Response | None:
        return None if request.headers.get("X-Api-Key") == stage.staff_token else reply({"error": "unauthorized"}, 401)

    return blueprint


class _Views:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def authenticate(self) -> Response:
        """An opaque session for a player's id."""
        player_id = self._stage.sessions.get(str(asked_for().get("sid")))
        if player_id is None:
            return reply({"error": "invalid sid"}, 401)
        return reply({"user_id": self._stage.quirks.get("user_id", player_id)})

    def details(self, player_id: str) -> Response:
        """A profile with much that must not go any further."""
        person = self._stage.find(player_id)
        if person is None:
            return reply({"error": "not found"}, 404)
        prefix, number = person.phone
        registered = person.registered.isoformat().replace("+00:00", "Z")
        return reply(
            {
                "address": "never-to-be-seen", "birth_date": "1990-01-01", "city": "Gibraltar", "country": "GI",
                "currency": person.currency, "email": person.email, "first_name": person.first_name,
                "is_blocked": person.locked, "is_excluded": person.closure is not None, "language": person.language,
                "last_name": person.last_name, "mobile": number, "mobile_prefix": prefix, "origin": "casino.example",
                "postal_code": "never-to-be-seen", "roles": list(person.tags), "sex": "Female", "title": "Mx",
                "user_id": person.id, "username": person.login, "registration_date": registered,
                "registration_code": "", "affiliate_reference": person.affiliate or "", "market": "gi",
                "verified_at": registered if person.verified else None, "segmentation": {"vip_level": 3},
            }
        )  # fmt: skip

    def blocks(self, player_id: str) -> Response:
        """Both kinds are always there, active or not."""
        person = self._stage.find(player_id)
        if person is None:
            return reply({"error": "not found"}, 404)
        excluded = {"active": person.closure is not None, "type": "Excluded", "note": ""}
        return reply({"blocks": [{"active": person.locked, "type": "Blocked", "note": ""}, excluded]})

    def consents(self, player_id: str) -> Response:
        """What may be sent."""
        if self._stage.find(player_id) is None:
            return reply({"error": "not found"}, 404)
        kinds = {"email": True, "sms": False, "telephone": False, "postMail": False}
        return reply({"consents": [{"opted_in": given, "type": kind} for kind, given in kinds.items()]})
