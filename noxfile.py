"""
The checks in fresh environments, and over every Python that is supported.
"""

from __future__ import annotations

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
