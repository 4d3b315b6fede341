"""A document's capabilities, checked and compiled: what the connector follows at each question."""

from collections.abc import Mapping
from dataclasses import dataclass

from widget_service.backoffice.connector.document import Call, Capability
from widget_service.backoffice.connector.fields import Evidence, Field
from widget_service.backoffice.connector.mapping import Leaf, ListMap, Node, ObjectMap


@dataclass(frozen=True, slots=True)
class Plan:
    """One supported capability; ``same_as`` ones share the plan of the other."""

    name: str
    capability: Capability
    #: None for an answer that is no list.
    plural: str | None
    map: ObjectMap
    is_write: bool

    @property
    def main(self) -> Call:
        """The call whose answer ``$`` is."""
        named = self.capability.main or self.capability.calls[0].name
        return next(call for call in self.capability.calls if call.name == named)

    def evidence(self, default: Evidence) -> dict[str, Evidence]:
        """The mark of each mapped member."""
        marks: dict[str, Evidence] = {}
        _mark(self.map, "", self.capability.evidence or default, marks)
        return marks


@dataclass(frozen=True, slots=True)
class Listed:
    """How the things of a list are told apart, dated and closed: what filters, sorts and writes need to know."""

    id: str
    time: str | None
    open_status: str | None = None


#: By the list's name in the answer.
LISTED: Mapping[str, Listed] = {
    "transactions": Listed("transaction_id", "created_at"),
    "withdrawals": Listed("withdrawal_id", "requested_at", "pending"),
    "deposits": Listed("deposit_id", "created_at"),
    "bonuses": Listed("bonus_id", "issued_at", "active"),
    "notes": Listed("note_id", "created_at"),
}
ELIGIBLE = Listed("bonus_type_id", None)
#: Which argument of a write names the thing, and in which list it has to be.
NAMED_BY: Mapping[str, tuple[str, str]] = {
    "withdrawals.cancel": ("withdrawal_id", "withdrawals"),
    "bonus.cancel": ("bonus_id", "bonuses"),
}


def listed(plan: Plan) -> Listed:
    """What is known of a plan's items."""
    return ELIGIBLE if plan.name == "bonuses.eligible" else LISTED[plan.plural or ""]


def fields_of(node: Node) -> list[Field]:
    """Every field of a map, those inside fields included."""
    if isinstance(node, Leaf):
        return _inside(node.field)
    if isinstance(node, ListMap):
        maps = [*node.elements, *([node.item] if node.item else [])]
        return [field for one in maps for field in fields_of(one)]
    return [field for child in node.members.values() for field in fields_of(child)]


def _inside(field: Field) -> list[Field]:
    below = [*field.of, *(one for one in (field.otherwise, field.currency) if one is not None)]
    return [field, *(inner for one in below for inner in _inside(one))]


def _mark(node: Node, name: str, default: Evidence, marks: dict[str, Evidence]) -> None:
    if isinstance(node, Leaf):
        marks[name] = node.field.evidence or default
        return
    if isinstance(node, ListMap):
        for one in (*node.elements, *([node.item] if node.item else [])):
            _mark(one, f"{name}[]", default, marks)
        return
    for child_name, child in node.members.items():
        _mark(child, f"{name}.{child_name}" if name else child_name, default, marks)
