"""The kinds of definitions, each declared once: everything that is alike for all of them derives from these entries.

Store keys, "who uses it", the order of ``apply``, the API's routes, the groups of the command line and the schemas in
the documentation: a new kind is a model, an entry here and a check in the catalog.
"""

from dataclasses import dataclass
from functools import cached_property
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast

if TYPE_CHECKING:
    from shared.contracts.action import ActionDefinition
    from shared.contracts.alert_rule import AlertRuleDefinition
    from shared.contracts.channel import ChannelDefinition
    from shared.contracts.definition import Definition
    from shared.contracts.integration import IntegrationDefinition
    from shared.contracts.maintenance_window import MaintenanceWindowDefinition
    from shared.contracts.principal import Permission
    from shared.contracts.provider import ProviderDefinition
    from shared.contracts.provider_group import ProviderGroupDefinition
    from shared.contracts.schedule import ScheduleDefinition
    from shared.contracts.secret import SecretMetadata
    from shared.store.port import Collection

STORED_VALUE = {"stored": True}
"""Stands in a file for what is sealed: the value that is stored is kept."""
MOST_DEFINITIONS = 10_000
"""That are planned, or applied, together."""
VERSION_SUMMARY = ("number", "change", "at", "by", "principal_id", "note")
"""What a list of versions shows."""
KeptT = TypeVar("KeptT", bound="Definition")


@dataclass(frozen=True)
class Kind(Generic[KeptT]):
    """A kind of definition. Its parameter is what is stored of one in clear, and shown.

    Models are named by where they are, and imported when they are first asked for: most of the command line needs only
    the words, and starts faster without them.
    """

    word: str
    """As definitions and messages name one: ``alert_rule``."""
    path: str
    """As addresses and the command line name them all: ``alert-rules``."""
    model_at: str
    """``module:Class`` of what people write; it says what it references."""
    uses: tuple[str, ...] = ()
    """The words of the kinds that one may name; an own one among them where they may name each other."""
    keys: tuple[str, ...] = ()
    """Fields that the store can be asked for, besides those of every kind."""
    lists: tuple[str, ...] = ()
    """Fields that hold texts, one of which the store can be asked for."""
    searched: tuple[str, ...] = ()
    """Fields of which lists can be asked for a word."""
    beside: tuple[str, ...] = ()
    """Further keys that the store can be asked for, which the check of a definition adds to its documents."""
    kept_at: str = ""
    """``module:Class`` of what is stored in clear, where that is not all."""
    sealed: str = ""
    """The field that is encrypted at rest and kept of the newest version only, where there is one."""
    made_with: str = "apply -f FILE"
    """What of ``opsimate`` makes one; NAME stands for its name."""

    @property
    def title(self) -> str:
        """One of them, as people say: ``alert rule``."""
        return self.word.replace("_", " ")

    @property
    def a_title(self) -> str:
        """The same with its article: ``an alert rule``."""
        return f"{'an' if self.title[0] in 'aeiou' else 'a'} {self.title}"

    @property
    def titles(self) -> str:
        """All of them, as people say: ``alert rules``."""
        return self.path.replace("-", " ")

    @property
    def plural(self) -> str:
        """The collection's name, and the list of such names in what uses them: ``alert_rules``."""
        return self.path.replace("-", "_")

    def permission(self, action: Literal["read", "write"]) -> "Permission":
        """What an endpoint asks of whoever reads or writes one."""
        return cast("Permission", f"{self.plural}.{action}")

    @cached_property
    def model(self) -> "type[Definition]":
        """What people write."""
        model: type[Definition] = resolve_name(self.model_at)
        return model

    @cached_property
    def kept(self) -> type[KeptT]:
        """What is stored in clear, and shown."""
        kept: type[KeptT] = resolve_name(self.kept_at or self.model_at)
        return kept

    @cached_property
    def collection(self) -> "Collection":
        """Where the newest version of each is, under its name."""
        from shared.store.port import Collection

        return Collection(
            self.plural,
            keys=(*self.keys, *self.beside, *(("listing",) if self.searched else ()), "number"),
            lists=(*(KINDS[word].plural for word in self.uses), *self.lists),
            guards=("number",),
            summary=("uid", "number", *(("text",) if self.searched else ())),
        )

    @cached_property
    def versions(self) -> "Collection":
        """Where every version is that ever was, deletions included, under ``name@number``."""
        from shared.store.port import Collection

        return Collection(
            f"{self.word}_versions",
            keys=("name", "number", "unaudited", *self.beside),
            indexes=(("name", "number"),),
            summary=VERSION_SUMMARY,
        )


SECRET: "Kind[SecretMetadata]" = Kind(
    "secret",
    "secrets",
    "shared.contracts.secret:SecretDefinition",
    kept_at="shared.contracts.secret:SecretMetadata",
    sealed="value",
    made_with="secrets set NAME",
)
PROVIDER: "Kind[ProviderDefinition]" = Kind(
    "provider",
    "providers",
    "shared.contracts.provider:ProviderDefinition",
    uses=("secret", "provider"),
    keys=("pool",),
    made_with="providers add NAME",
)
PROVIDER_GROUP: "Kind[ProviderGroupDefinition]" = Kind(
    "provider_group",
    "provider-groups",
    "shared.contracts.provider_group:ProviderGroupDefinition",
    uses=("provider", "provider_group"),
)
CHANNEL: "Kind[ChannelDefinition]" = Kind(
    "channel",
    "channels",
    "shared.contracts.channel:ChannelDefinition",
    uses=("secret",),
)
ACTION: "Kind[ActionDefinition]" = Kind(
    "action",
    "actions",
    "shared.contracts.action:ActionDefinition",
    uses=("provider", "provider_group", "secret", "channel"),
    keys=("category", "mode"),
    lists=("tags",),
    searched=("name", "title", "tags", "description"),
    beside=("analysis",),
)
ALERT_RULE: "Kind[AlertRuleDefinition]" = Kind(
    "alert_rule",
    "alert-rules",
    "shared.contracts.alert_rule:AlertRuleDefinition",
    uses=("action", "secret", "provider", "channel"),
)
SCHEDULE: "Kind[ScheduleDefinition]" = Kind(
    "schedule",
    "schedules",
    "shared.contracts.schedule:ScheduleDefinition",
    uses=("action", "secret", "provider"),
)
MAINTENANCE_WINDOW: "Kind[MaintenanceWindowDefinition]" = Kind(
    "maintenance_window",
    "maintenance-windows",
    "shared.contracts.maintenance_window:MaintenanceWindowDefinition",
    uses=("action",),
)
INTEGRATION: "Kind[IntegrationDefinition]" = Kind(
    "integration",
    "integrations",
    "shared.contracts.integration:IntegrationDefinition",
    uses=("secret",),
    keys=("source",),
)

KINDS: dict[str, Kind[Any]] = {
    kind.word: kind
    for kind in (
        *(SECRET, PROVIDER, PROVIDER_GROUP, CHANNEL, ACTION, ALERT_RULE, SCHEDULE, MAINTENANCE_WINDOW),
        INTEGRATION,
    )
}
"""By word, in the order in which definitions can be made: none names one of a later kind."""
