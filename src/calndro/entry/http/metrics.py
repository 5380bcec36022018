"""
Figures for Prometheus: requests, how long they took, letters that wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.responses import Response
from starlette.routing import Route

from calndro.entry.http.routes import Operation, Resource


if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Scope

    from calndro.entry.http.endpoints import Endpoints
    from calndro.usecases.services import Services


_KIND = "text/plain; version=0.0.4; charset=utf-8"
_METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """
    The figures of one process; of several, each tells its own.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "calndro_requests",
            "Requests answered.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "calndro_request_seconds",
            "How long requests took.",
            ("route", "method"),
            registry=self._registry,
        )
        self._waiting = Gauge(
            "calndro_letters_waiting", "Letters in the outbox.", registry=self._registry
        )

    def note(self, scope: Scope, mount: str, status: int, seconds: float) -> None:
        """
        Count a request, under the route it took and never under its path.

        Args:
            scope: Of the request.
            mount: The path of the mount that its route is in; empty outside of all.
            status: Of the answer.
            seconds: Until it was sent.
        """
        route = scope.get("route")
        path = mount + route.path if isinstance(route, Route) else mount
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._requests.labels(path, method, str(status)).inc()
        self._seconds.labels(path, method).observe(seconds)

    def tell(self, waiting: int) -> bytes:
        """
        Write all figures.
        """
        self._waiting.set(waiting)
        return generate_latest(self._registry)

    def resource(self) -> Resource:
        """
        Make the address where they are told.
        """

        async def answer(endpoints: Endpoints, _request: Request) -> Response:
            waiting = await endpoints.run(_waiting, endpoints.services)
            return Response(self.tell(waiting), headers={"Content-Type": _KIND})

        operation = Operation(act=answer, kinds=("text/plain",), is_open=True)
        return Resource("/metrics", {"GET": operation})


def _waiting(services: Services) -> int:
    with services.snapshot() as work:
        return len(work.outbox.waiting())
