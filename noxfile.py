"""
The checks in fresh environments, and over every Python that is supported.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import nox


nox.options.sessions = ["lint", "types", "imports", "docs", "tests"]
nox.options.error_on_missing_interpreters = False

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


@nox.session
def lint(session: nox.Session) -> None:
    session.install("--editable", ".[lint]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    session.install("--editable", ".[lint,mysql,postgres,test]")
    session.run("mypy", "src", "tests", "typing_tests")


@nox.session
def imports(session: nox.Session) -> None:
    session.install("--editable", ".[test]")
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    session.install("--editable", ".[docs]")
    session.run("sphinx-build", "--quiet", "--fail-on-warning", "docs", "docs/_build")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    session.install(".[mysql,postgres,test]")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session(python=PYTHONS)
def wheel(session: nox.Session) -> None:
    folder = Path(session.create_tmp())
    built, unpacked = folder / "dist", folder / "unpacked"
    for old in (built, unpacked):
        shutil.rmtree(old, ignore_errors=True)
    session.install("build")
    session.run("python", "-m", "build", "--wheel", "--outdir", str(built), ".")
    [found] = built.glob("*.whl")
    session.install(f"{found}[mysql,postgres,test]")
    files = session.run("git", "ls-files", external=True, silent=True)
    for name in str(files).splitlines():
        if not name.startswith("src/"):
            (unpacked / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(name, unpacked / name)
    session.chdir(unpacked)
    ignored = ["-m", "not browser", "--ignore=tests/test_house.py"]
    session.run("pytest", "-n", "auto", *ignored, *session.posargs)


@nox.session(python=PYTHONS[0])
def lowest(session: nox.Session) -> None:
    session.install("uv")
    session.run(
        "uv",
        "pip",
        "install",
        f"--python={session.virtualenv.location}",
        "--resolution=lowest-direct",
        ".[mysql,postgres,test]",
    )
    session.run("pytest", "-n", "auto", *session.posargs)
