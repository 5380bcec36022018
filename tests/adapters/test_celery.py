"""
Waking workers through a broker: it never holds up who rings, and brings a worker to work.
"""

from __future__ import annotations

import socket
import subprocess
from contextlib import contextmanager
from threading import Event, Thread
from time import sleep
from typing import TYPE_CHECKING

import pytest
from celery.backends.base import DisabledBackend
from celery.worker import WorkController
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from calndro.adapters.celery import CeleryBell, make_app
from tests.brokers import broker_at
from tests.free_ports import free_port
from tests.patience import PATIENCE, until


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from celery import Celery


IN_MEMORY = "memory://"


@contextmanager
def working(app: Celery) -> Iterator[None]:
    """
    Let a worker work in a thread, without what it would do to this process.
    """
    worker = WorkController(app=app, pool_cls="solo", without_mingle=True, without_gossip=True)

    def work() -> None:
        app.set_current()
        worker.start()

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(PATIENCE)
    assert not thread.is_alive()


def test_a_ring_makes_a_worker_work() -> None:
    """
    Whoever rings has a worker deliver, and a worker that ends lets go of what it opened.
    """
    came, left = Event(), Event()
    app = make_app(IN_MEMORY, came.set, left.set, queue="ringing")
    with (
        CeleryBell(IN_MEMORY, queue="ringing") as bell,
        working(app),
    ):
        bell.ring()
        assert came.wait(PATIENCE)

    assert left.wait(PATIENCE)


def test_a_ring_at_the_end_is_heard() -> None:
    """
    A process that rings and ends has its message sent all the same.
    """
    with CeleryBell(IN_MEMORY, queue="ending") as bell:
        bell.ring()

    with make_app(IN_MEMORY, print, queue="ending").connection() as connection:
        assert connection.SimpleQueue("ending").qsize() == 1


def test_nobody_rings_after_the_end() -> None:
    """
    Once it is left, a bell is dumb.
    """
    with CeleryBell(IN_MEMORY, queue="after") as bell:
        pass
    bell.ring()

    with make_app(IN_MEMORY, print, queue="after").connection() as connection:
        assert connection.SimpleQueue("after").qsize() == 0


@pytest.mark.parametrize("broker", ["redis://127.0.0.1:{}/0", "amqp://guest:guest@127.0.0.1:{}//"])
def test_a_broker_that_hangs_keeps_nobody_waiting(
    broker: str, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Rings are over while a broker that says no word still has the first of them.
    """
    with socket.create_server(("127.0.0.1", port := free_port())) as hole:
        with CeleryBell(broker.format(port), timeout=PATIENCE) as bell:
            bell.ring()
            visitor, _ = hole.accept()
            for _ in range(100):
                bell.ring()
            assert caplog.text == ""
            # Whoever tries once more is refused, and waits for no word either.
            hole.close()
            visitor.close()
        until(lambda: caplog.text)

    assert "the broker is away, letters wait for the sweep" in caplog.text
    assert "guest" not in caplog.text


@pytest.mark.parametrize(
    "broker",
    [
        "redis://:canary@127.0.0.1:1/abc",
        "redis://:canary@127.0.0.1:1/0?foo=1",
        "amqp://me:canary@127.0.0.1:1//?x=y",
        "nothing://me:canary@127.0.0.1:1",
    ],
)
def test_an_address_that_is_no_good_is_told(broker: str, caplog: pytest.LogCaptureFixture) -> None:
    """
    A bell at what is no broker says so once, without secrets, and does not break.
    """
    with CeleryBell(broker, timeout=0.5) as bell:
        bell.ring()
        until(lambda: caplog.text)
        bell.ring()

    assert [record.getMessage().rpartition(":")[0] for record in caplog.records] == [
        "the broker can't be used (is its address right?), letters wait for the sweep"
    ]
    assert "canary" not in caplog.text


def test_a_process_does_not_wait_for_a_broker_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    """
    A bell is left though its broker still says no word.
    """
    with socket.create_server(("127.0.0.1", 0)) as hole:
        url = f"redis://127.0.0.1:{hole.getsockname()[1]}/0"
        bell = CeleryBell(url, timeout=0.2)
        with bell:
            bell.ring()
            visitor, _ = hole.accept()
        visitor.close()
        until(lambda: caplog.text)


@pytest.mark.service
@pytest.mark.slow
def test_a_broker_that_comes_back_is_rung_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """
    An absence is logged once, however often one rings; then the messages come again.
    """
    broker_at("redis")
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    with caplog.at_level("INFO"), CeleryBell(url, queue="back") as bell:
        for _ in range(3):
            bell.ring()
            sleep(0.3)
        with redis_at(port, tmp_path), Redis(port=port) as there:
            until(lambda: is_there_after(bell, there))

    said = [record.getMessage() for record in caplog.records if record.name == "calndro.celery"]
    assert said[:2] == [
        "the broker is away, letters wait for the sweep: OperationalError",
        "the broker is back",
    ]


def is_there_after(bell: CeleryBell, redis: Redis) -> bool:
    """
    Ring, and tell whether a message waits, at a Redis that may not be up yet.
    """
    bell.ring()
    try:
        return bool(redis.exists("back"))
    except RedisConnectionError:
        return False


@contextmanager
def redis_at(port: int, folder: Path) -> Iterator[None]:
    """
    Run a Redis of the test's own.
    """
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen([*command, "--dir", str(folder)], stdout=log) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


def test_settings_of_workers() -> None:
    """
    Messages are confirmed late, taken one at a time, and answered by no result.
    """
    app = make_app(IN_MEMORY, print, every=3)
    conf = app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost) == (True, True)
    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_ignore_result is True
    assert isinstance(app.backend, DisabledBackend)
    assert conf.beat_schedule["sweep"]["schedule"] == 3
    assert conf.beat_schedule["sweep"]["options"] == {"expires": 3}
