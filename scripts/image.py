"""
Builds the image, runs it as the compositions do, and looks; needs Docker or podman.

    python3 scripts/image.py

What it looks at has to fail on two images that are wrong, too. Without an engine nothing is
checked; that is a failure when CALNDRO_REQUIRE_SERVICES=1. CALNDRO_ENGINE names the engine.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.error import URLError
from urllib.request import Request, urlopen


if TYPE_CHECKING:
    from collections.abc import Callable


ROOT: Final = Path(__file__).parent.parent
IMAGE: Final = "calndro-check"
YOU, THEY = "you@here.net", "they@thar.net"
PASSWORD: Final = "correct horse battery"  # noqa: S105  of an account that lives a minute
SECONDS: Final = 60
GRACE: Final = 20
LIMITS: Final = [
    "--read-only",
    "--tmpfs=/tmp",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--init",
]
WRONG: Final = {
    "it runs as root": "USER 0:0",
    "nothing listens where others reach it": 'CMD ["serve", "--host", "127.0.0.1"]',
}


class Wrong(Exception):  # noqa: N818  it is what is found
    """
    Something is not as it has to be.
    """


def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """
    Run a program, whatever comes of it.
    """
    return subprocess.run(words, check=False, input=stdin, capture_output=True, text=True)  # noqa: S603  an engine


def find_engine() -> str | None:
    """
    Find an engine that answers.
    """
    names = filter(None, (os.environ.get("CALNDRO_ENGINE"), "docker", "podman"))
    return next(
        (each for each in names if shutil.which(each) and not run(each, "info").returncode), None
    )


def say(text: str) -> None:
    """
    Tell a person.
    """
    sys.stdout.write(f"image: {text}\n")
    sys.stdout.flush()


class Engine:
    """
    An engine, and what it was asked for.

    Args:
        name: Its command.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *words: str, stdin: str = "") -> str:
        """
        Have it do something that must succeed; gives what it printed.
        """
        done = run(self.name, *words, stdin=stdin)
        if done.returncode:
            raise Wrong(f"{' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def build(self, image: str, *words: str, stdin: str = "") -> None:
        """
        Build an image; podman's own format would leave the health check out.
        """
        form = ["--format", "docker"] if self.name == "podman" else []
        self("build", *form, "--tag", image, *words, stdin=stdin)

    def start(self, image: str, name: str) -> str:
        """
        Start a server with its data in a volume of that name; gives its address.
        """
        key = "CALNDRO_SECRET_KEY=" + "k" * 40
        given = [
            "--env",
            key,
            "--volume",
            f"{name}:/var/lib/calndro",
            "--publish",
            "127.0.0.1::8000",
        ]
        self("run", "--detach", "--name", name, *LIMITS, *given, image)
        return self.address(name)

    def address(self, name: str) -> str:
        """
        Tell where a container is reached.
        """
        return "http://" + self("port", name, "8000/tcp").splitlines()[0]

    def logs(self, name: str) -> str:
        """
        Read what a container has said so far.
        """
        said = run(self.name, "logs", name)
        return said.stdout + said.stderr

    def clear(self, name: str) -> None:
        """
        Remove what has that name.
        """
        run(self.name, "rm", "--force", name)
        run(self.name, "volume", "rm", "--force", name)


def ask(url: str, body: Any = None) -> Any:
    """
    Ask the server as you; gives the JSON of its answer.
    """
    pair = base64.b64encode(f"{YOU}:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, headers), timeout=10) as answer:  # noqa: S310  of http
        return json.load(answer)


def until(is_so: Callable[[], bool], what: str) -> None:
    """
    Wait for something.
    """
    end = time.monotonic() + SECONDS
    while not is_so():
        if time.monotonic() > end:
            raise Wrong(what)
        time.sleep(0.5)


def answers(url: str) -> bool:
    """
    Tell whether the server can be reached and is ready.
    """
    try:
        return bool(ask(f"{url}/readyz") == {"status": "ready"})
    except (URLError, ConnectionError, TimeoutError):
        return False


def look(engine: Engine, image: str, name: str) -> None:
    """
    Run an image, use it, stop it, and start it again on what it has kept.

    Raises:
        Wrong: It is not as it has to be.
    """
    url = engine.start(image, name)
    look_inside(engine, name)
    until(lambda: answers(url), f"nothing answers at {url}")
    health = engine("inspect", "--format", "{{json .Config.Healthcheck.Test}}", name)
    engine("exec", name, *json.loads(health)[1:])
    add = ("calndro", "user", "add", YOU, "--password-stdin")
    engine("exec", "--interactive", name, *add, stdin=PASSWORD)
    slots = [{"begin": "2030-01-02T09:00Z", "duration": "PT30M"}]
    event = ask(f"{url}/", {"parties": [YOU, THEY], "slots": slots})
    ask(f"{url}/{event['id']}/notify/", {"parties": [THEY], "slots": slots})
    until(lambda: f"To: {THEY}" in engine.logs(name), "the letter is not in the log")

    stop(engine, name)
    engine("start", name)
    url = engine.address(name)
    until(lambda: answers(url), "it does not start again")
    if [each["id"] for each in ask(f"{url}/")] != [event["id"]]:
        raise Wrong("what it kept is gone")
    engine("exec", name, "calndro", "audit", "verify")


def look_inside(engine: Engine, name: str) -> None:
    """
    See who it runs as, and where that one can write.

    Raises:
        Wrong: It may do more than it needs, or less.
    """
    if (user := engine("exec", name, "id", "-u")) != "10001":
        raise Wrong(f"it runs as user {user}")
    for place, may in (("/", False), ("/opt/calndro", False), ("/tmp", True), (".", True)):  # noqa: S108
        said = engine("exec", name, "sh", "-c", f"touch {place}/x 2>&1 || true")
        if (said == "") is not may:
            raise Wrong(f"it {'can not' if may else 'can'} write to {place}")


def stop(engine: Engine, name: str) -> None:
    """
    Tell it to stop.

    Raises:
        Wrong: It had to be killed, or did not end well.
    """
    began = time.monotonic()
    engine("stop", "--time", str(GRACE), name)
    status = engine("inspect", "--format", "{{.State.ExitCode}}", name)
    if status != "0" or time.monotonic() - began > GRACE:
        raise Wrong(f"it was told to stop and ended with status {status}")


def main() -> int:
    """
    Build, look, and see that what is wrong is found.
    """
    found = find_engine()
    if found is None:
        say("neither Docker nor podman answers here; nothing was checked")
        return int(os.environ.get("CALNDRO_REQUIRE_SERVICES", "0"))
    engine = Engine(found)
    name = f"{IMAGE}-{os.getpid()}"
    try:
        engine.build(IMAGE, str(ROOT))
        look(engine, IMAGE, name)
        say(f"{found}: the image is built, and is as it has to be")
        for what, line in WRONG.items():
            engine.clear(name)
            engine.build(f"{IMAGE}-wrong", "-", stdin=f"FROM {IMAGE}\n{line}\n")
            try:
                look(engine, f"{IMAGE}-wrong", name)
            except Wrong as error:
                say(f"{found}: where {what}, that is found: {error}")
            else:
                raise Wrong(f"{what}, and nothing noticed it")
    except Wrong as error:
        say(str(error))
        return 1
    finally:
        engine.clear(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
