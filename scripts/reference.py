"""
Write the pages of docs/reference that the code itself can tell: ``make reference``.
"""

from __future__ import annotations

import enum
import inspect
import json
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
from typer.testing import CliRunner

import calndro
from calndro.core import errors
from calndro.core.access import ALLOWED, Standing
from calndro.entry.cli.app import COMMANDS, app
from calndro.entry.cli.documents import schema
from calndro.entry.cli.exits import status_of
from calndro.entry.described import describe
from calndro.entry.http.openapi import document
from calndro.entry.http.problems import KINDS, kind_of
from calndro.entry.settings import Settings


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


REFERENCE: Final = Path(__file__).parent.parent / "docs" / "reference"
CONSTANTS: Final = {
    "Form": "How an update speaks of slots: `Extend`, `Judge`, `Keep` or `Replace`.",
    "ALLOWED": "For each `Operation` the standings that are allowed it.",
    "Table": "The slots on a table: a tuple, ordered by begin, then duration, each once.",
}
MADE: Final = "<!-- Made by `make reference` from the code; do not edit. -->\n"


API: Final = """\
Every name that can be imported from `calndro`, in the order of the alphabet.
What the how-to guides import from elsewhere, and the ports, are supported as well.
Anything else may change at any time.
"""

CLI: Final = """\
What `--help` prints.
How to work with it is told in [use the command line](../how-to/use-the-cli.md);
what `--json` prints, in [its own page](json.md).
"""

RIGHTS: Final = """\
One table holds for every way in: the pages, HTTP, the command line at a server and Python.
Whoever opens the database itself, as the command line does without a server, acts as whom it
says it is; the log then has `"via": "local"`.

A caller may be several of these at once, and may do what any of them may. Registered is who has
an account that is active; staff are registered too. Staff may see and change every event, and
list them all; everybody else lists those of which they are a party or the proposer.

A token opens the one event whose letter it came with, for the party to whom that letter went,
with or without an account. Beside an account that has rights in the event a token is ignored;
beside one that has none the token counts. A dismissed user can't sign in, and its tokens are
taken back; links go to it again once it is let in.
"""

SETTINGS: Final = """\
A setting is taken from the first of these that names it: an option of the command,
the environment, the file that `CALNDRO_ENV_PATH` names (when it names none, `serve`,
`deliver` and `mail test` read `./.env`), and `~/.config/calndro/calndro.env`, which
`calndro config set` writes.
`calndro config` shows what holds and where it comes from.

A value that can't be read ends the command with status 2 and a sentence that names the
variable. An unknown name is an error in a file and a warning in the environment.
"""

JSON: Final = """\
With `--json` a command prints one JSON document on stdout, on one line, and all else on
stderr. Members may be added to objects; none is renamed or taken away. Instants are UTC
with `Z`, durations `HH:MM:SS`, with the days in front from one day on.

Programs find the same as a [JSON Schema](json.schema.json): under `commands` the
documents of each command, under `$defs` their shapes. Those of events and logs are the
shapes of [the HTTP interface](http.md).

When a command fails nothing is on stdout, or the event as it is when it had changed
meanwhile (status 6) or was waited for in vain (status 8), or what was found (`audit
verify`, `db check`, `mail test`). The reasons are lines on stderr that begin with
`calndro: `, and the [exit status](../how-to/use-the-cli.md) tells which kind they are of.
"""

ERRORS: Final = """\
Everything calndro raises on purpose is a `CalndroError`.
Over HTTP an error is a problem document (RFC 9457) of the given status,
whose `type` is `urn:calndro:problem:` and the name;
on the command line it is a line on stderr and the exit status.
Errors keep their data as attributes, described in [the library](api.md).
"""

HTTP: Final = """\
`calndro openapi` prints the same as an OpenAPI document;
a server gives it at `/openapi` and shows it at `/docs/`.
Refusals are described in [errors](errors.md).
"""


def api() -> str:
    """
    Describe every name of ``calndro.__all__`` by its signature and docstring.
    """
    lines = [
        "# The library\n",
        API,
    ]
    for name in sorted(calndro.__all__, key=str.lower):
        thing = getattr(calndro, name)
        lines.append(f"## {name}\n")
        lines += _described(name, thing)
        if inspect.isclass(thing):
            lines += _members(thing)
    return _page(lines)


def cli() -> str:
    """
    Show the help of every command.
    """
    lines = [
        "# The command line\n",
        CLI,
        *_help(),
    ]
    for name in COMMANDS:
        lines.append(f"## {name}\n")
        shown = _help(name)
        lines += shown
        for part in _parts("".join(shown)):
            lines += [f"### {name} {part}\n", *_help(name, part)]
    return _page(lines)


def settings() -> str:
    """
    List every setting with its default and meaning.
    """
    lines = [
        "# Settings\n",
        SETTINGS,
        "| name | default | meaning |\n|---|---|---|",
    ]
    for row in describe(Settings()):
        default = f"`{row.default}`" if row.default else ""
        lines.append(f"| `{row.name}` | {default} | {row.meaning.replace('|', chr(92) + '|')} |")
    return _page(lines)


def faults() -> str:
    """
    Draw the tree of errors with what becomes of each over HTTP and on the command line.
    """
    lines = [
        "# Errors\n",
        ERRORS,
        "| error | when | HTTP | problem | exit |\n|---|---|---|---|---|",
    ]
    for depth, kind in _tree(errors.CalndroError, 0):
        if kind.__module__ != errors.__name__:
            continue
        indent = "&nbsp;" * (4 * depth)
        answered = any(each in KINDS for each in kind.__mro__)
        found = kind_of(kind.__new__(kind)) if answered else None
        status, slug = (found.status, f"`{found.slug}`") if found else (500, "")
        leaving = status_of(kind.__new__(kind))
        lines.append(
            f"| {indent}`{kind.__name__}` | {_first(kind)} | {status} | {slug} | {leaving} |"
        )
    lines.append(
        "\nHTTP's own refusals (a wrong method, media type or host, a body that is too large) are "
        "problem documents of type `about:blank`. The command line ends with 7 when it did its "
        "work but could not send all letters, and with 8 when `wait` waited in vain."
    )
    return _page(lines)


def rights() -> str:
    """
    Draw the table of who may do what.
    """
    lines = [
        "# Who may do what\n",
        RIGHTS,
        f"| | {' | '.join(each.value for each in Standing)} |",
        f"|---|{'---|' * len(Standing)}",
    ]
    for operation, allowed in ALLOWED.items():
        cells = ("yes" if each in allowed else "" for each in Standing)
        lines.append(f"| {operation.value} | {' | '.join(cells)} |")
    return _page(lines)


def http() -> str:
    """
    List every address, its methods, what they take and give.
    """
    described = document()
    parts = described["components"]
    lines = [
        "# The HTTP interface\n",
        HTTP,
        "## Credentials\n",
        "| name | what |\n|---|---|",
    ]
    lines += [f"| {name} | {each['description']} |" for name, each in _items(parts, "security")]
    lines.append("\n## Operations\n")
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                lines += _operation(method.upper(), path, operation)
    lines.append("## Shapes\n")
    for name, shape in _items(parts, "schemas"):
        lines += [f"### {name}\n", *_shape(shape)]
    return _page(lines)


def documents() -> str:
    """
    List what every command prints with ``--json``, and describe each shape.
    """
    described = schema()
    lines = [
        "# What `--json` prints\n",
        JSON,
        "## Documents\n",
        "| command | document |\n|---|---|",
    ]
    for name, found in described["commands"].items():
        told = "; ".join(
            f"{_kind(each['schema'])}"
            + (f", {each['when']}" if each["when"] else "")
            + (", one a line" if each["by_line"] else "")
            for each in found
        )
        lines.append(f"| `{name}` | {told} |")
    lines.append("\n## Shapes\n")
    for name, shape in described["$defs"].items():
        lines += [f"### {name}\n", *_shape(shape)]
    return _page(lines)


def documents_schema() -> str:
    """
    Describe the same for programs, as JSON Schema.
    """
    return json.dumps(schema(), indent=1) + "\n"


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "api.md": api,
    "cli.md": cli,
    "errors.md": faults,
    "rights.md": rights,
    "http.md": http,
    "json.md": documents,
    "json.schema.json": documents_schema,
    "settings.md": settings,
}


def _page(lines: Iterable[str]) -> str:
    title, *rest = lines
    return "\n".join((title, MADE, *rest)).rstrip() + "\n"


def _first(thing: Any) -> str:
    return " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split())


def _described(name: str, thing: Any) -> list[str]:
    lines = []
    if inspect.isroutine(thing) or (inspect.isclass(thing) and _is_made(thing)):
        lines.append(f"```python\n{name}{_signature(thing)}\n```\n")
    if inspect.isclass(thing) or inspect.isroutine(thing) or isinstance(thing, property):
        lines.append(_prose(inspect.getdoc(thing) or ""))
    else:
        lines.append(_prose(_said_below(name)))
    return lines


def _said_below(name: str) -> str:
    # Python keeps no docstring of a constant; ours stands in the line below it.
    home = import_module(calndro._HOME_OF[name])  # noqa: SLF001  there is no public table
    source = re.search(
        rf'^{name}\b.*?\n"""(.*?)"""', inspect.getsource(home), re.MULTILINE | re.DOTALL
    )
    return source[1] if source else CONSTANTS[name]


def _is_made(kind: type) -> bool:
    return "__init__" in vars(kind) and not issubclass(kind, enum.Enum)


def _members(kind: type) -> Iterator[str]:
    if issubclass(kind, enum.Enum):
        yield "| member | value |\n|---|---|"
        yield from (f"| `{one.name}` | `{one.value}` |" for one in kind.__members__.values())
        yield ""
        return
    for name, member in sorted(vars(kind).items()):
        bare = getattr(member, "__func__", member)
        told = isinstance(bare, property) or inspect.isfunction(bare)
        if name.startswith("_") or not told or not inspect.getdoc(bare):
            continue
        yield f"### {kind.__name__}.{name}\n"
        yield from _described(f"{kind.__name__}.{name}", bare)


def _signature(thing: Any) -> str:
    written = []
    seen = ""
    signature = inspect.signature(thing)
    for each in signature.parameters.values():
        if each.name in {"self", "cls"}:
            continue
        if each.kind is each.KEYWORD_ONLY and seen != "*":
            written.append("*")
            seen = "*"
        written.append(_parameter(each))
        seen = "*" if each.kind in {each.VAR_POSITIONAL, each.KEYWORD_ONLY} else ""
    gives = _type(signature.return_annotation)
    given = f" -> {gives}" if gives and not inspect.isclass(thing) else ""
    flat = f"({', '.join(written)}){given}"
    if len(flat) <= 70:  # noqa: PLR2004  as wide as a page shows
        return flat
    return "(\n    " + ",\n    ".join(written) + f",\n){given}"


def _parameter(each: inspect.Parameter) -> str:
    star = "*" * ((each.kind is each.VAR_POSITIONAL) + 2 * (each.kind is each.VAR_KEYWORD))
    kind = _type(each.annotation)
    text = f"{star}{each.name}" + (f": {kind}" if kind else "")
    if each.default is each.empty:
        return text
    default = repr(each.default)
    if attrs.has(type(each.default)):
        # What its own entry tells need not stand here as well.
        default = default.partition("(")[0] + "()"
    return f"{text} = {'...' if default[0] == '<' or default == 'NOTHING' else default}"


def _type(annotation: Any) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")


def _prose(text: str) -> str:
    lines, inside = [], False
    for line in text.replace("``", "`").splitlines():
        heading = re.fullmatch(r"(Args|Returns|Raises|Yields|Attributes):", line)
        if heading:
            inside = True
            lines += [f"**{heading[1]}**", ""]
        elif inside and re.match(r"    \S", line):
            lines.append(_item(line.strip()))
        elif inside and line and line[0] != " ":
            inside = False
            lines.append(line)
        else:
            lines.append(f"  {line.strip()}" if inside and line else line)
    return "\n".join(lines).replace("\n::\n", "\n") + "\n"


def _item(line: str) -> str:
    name, colon, rest = line.partition(": ")
    return f"- `{name}`: {rest}" if colon and re.fullmatch(r"\*{0,2}\w+", name) else f"- {line}"


def _help(*words: str) -> list[str]:
    environ = {"COLUMNS": "80", "TERMINAL_WIDTH": "80", "NO_COLOR": "1"}
    result = CliRunner().invoke(app, [*words, "--help"], env=environ, prog_name="calndro")
    if result.exit_code:
        raise SystemExit(f"calndro {' '.join(words)} --help: {result.output}")
    return [f"```text\n{result.stdout.strip()}\n```\n"]


def _parts(shown: str) -> list[str]:
    listed = shown.partition("\nCommands:\n")[2].partition("```")[0]
    return re.findall(r"^  (\S+)", listed, re.MULTILINE)


def _tree(
    kind: type[errors.CalndroError], depth: int
) -> Iterator[tuple[int, type[errors.CalndroError]]]:
    yield depth, kind
    for each in kind.__subclasses__():
        yield from _tree(each, depth + 1)


def _items(parts: Mapping[str, Any], prefix: str) -> list[tuple[str, Any]]:
    name = next(each for each in parts if each.startswith(prefix))
    return list(parts[name].items())


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {method} {path}\n"
    yield f"{operation.get('summary') or operation.get('description', '')}\n"
    given = operation.get("parameters", [])
    if given:
        yield "| parameter | in | what |\n|---|---|---|"
        yield from (
            f"| `{each['name']}` | {each['in']} | {each.get('description', '')} |" for each in given
        )
        yield ""
    body = operation.get("requestBody")
    if body:
        yield f"Takes {_contents(body['content'])}.\n"
    yield "| status | gives |\n|---|---|"
    for status, answer in operation["responses"].items():
        yield f"| {status} | {_contents(answer.get('content', {})) or 'no body'} |"
    yield ""


def _contents(content: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{_kind(each.get('schema', {}))} (`{media}`)" for media, each in content.items()
    )


def _kind(schema: Any) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " or ".join(map(_kind, schema[union]))
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    found = schema.get("type", "anything")
    return " or ".join(found) if isinstance(found, list) else str(found)


def _shape(schema: Mapping[str, Any]) -> Iterator[str]:
    if schema.get("description"):
        yield f"{' '.join(schema['description'].split())}\n"
    members = schema.get("properties", {})
    if not members:
        return
    yield "| member | kind | needed | what |\n|---|---|---|---|"
    needed = schema.get("required", [])
    for name, each in members.items():
        told = " ".join(each.get("description", "").split())
        yield f"| `{name}` | {_kind(each)} | {'yes' if name in needed else ''} | {told} |"
    yield ""


def main() -> None:
    """
    Write every page.
    """
    for name, make in PAGES.items():
        (REFERENCE / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
