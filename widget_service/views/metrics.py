"""Prometheus metrics of one app: what was answered, what was refused, what streams."""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest, multiprocess
from prometheus_client.values import ValueClass


class Metrics:
    """Counters of one app. With several workers the files of prometheus-client's multiprocess mode are read."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.answers = Counter(
            "widget_answers", "Answers by endpoint and status", ["endpoint", "status"], registry=self.registry
        )
        self.refusals = Counter(
            "widget_refusals", "Refusals by code and reason", ["code", "reason"], registry=self.registry
        )
        self.back_office_failures = Counter(
            "widget_back_office_failures", "Back offices that did not answer", ["reason"], registry=self.registry
        )
        self.starts = Counter(
            "widget_conversation_starts", "Conversation starts by outcome", ["outcome"], registry=self.registry
        )
        self.streams = Gauge(
            "widget_event_streams", "Open event streams", registry=self.registry, multiprocess_mode="livesum"
        )
        self._answers: dict[tuple[str, int], Counter] = {}

    def answered(self, endpoint: str, status: int) -> None:
        """Counts one answer."""
        key = (endpoint, status)
        counter = self._answers.get(key)
        if counter is None:
            counter = self._answers[key] = self.answers.labels(endpoint, str(status))
        counter.inc()

    def render(self) -> bytes:
        """The text exposition format."""
        if ValueClass.__name__ == "MmapedValue":
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            return generate_latest(registry)
        return generate_latest(self.registry)
