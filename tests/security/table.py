"""
Who gets which answer where: the reviewed tables, in literals, that import no rule.

A row is a route as the router writes it, methods, and a status for each class of callers, or
one for all of them. A star says that something is another afterwards: an event, its log, an
account, who holds which API tokens, a link or a letter that waits; without one nothing may be.

Source: docs/reference/rights.md; docs/reference/http.md.
"""

from __future__ import annotations

from typing import Final


CLASSES: Final = (
    "anonymous",
    "holder",
    "foreign",
    "expired",
    "former",
    "bogus",
    "dismissed",
    "stranger",
    "party",
    "proposer",
    "host",
    "staff",
)
"""
Anonymous; holder of a token of the event; of a token of another one; of an expired one; of one
that was good until its party was dismissed; of one that was never given out; dismissed user;
registered user without part in the event; party; proposer, here a party as well; proposer who
takes no part; staff.
"""

TABLE: Final = """
/                            GET|HEAD  401  401  401  401  401  401  401  200  200  200  200  200
/                            POST      401  401  401  401  401  401  401  201* 201* 201* 201* 201*
/                            PUT|PATCH|DELETE 405
/                            OPTIONS   204
/{id:event}/                 GET       401  200* 401  401  401  401  401  403  200* 200* 200* 200*
/{id:event}/                 HEAD      401  200  401  401  401  401  401  403  200  200  200  200
/{id:event}/                 POST|PUT  405
/{id:event}/                 PATCH     401  202* 401  401  401  401  401  403  202* 202* 202* 202*
/{id:event}/                 DELETE    401  403  401  401  401  401  401  403  403  403  403  204*
/{id:event}/                 OPTIONS   204
/{id:event}/notify/          GET|HEAD|PUT|PATCH 405
/{id:event}/notify/          DELETE    405
/{id:event}/notify/          POST      401  202* 401  401  401  401  401  403  202* 202* 202* 202*
/{id:event}/notify/          OPTIONS   204
/{id:event}/log/             GET|HEAD  401  200  401  401  401  401  401  403  200  200  200  200
/{id:event}/log/             POST|PUT|PATCH|DELETE 405
/{id:event}/log/             OPTIONS   204
/{id:event}/calendar.ics     GET|HEAD  401  200  401  401  401  401  401  403  200  200  200  200
/{id:event}/calendar.ics     POST|PUT|PATCH|DELETE 405
/{id:event}/calendar.ics     OPTIONS   204
/{id:event}/link/            GET|HEAD|PUT|PATCH 405
/{id:event}/link/            DELETE    405
/{id:event}/link/            POST      401  202  202  202* 202  202  401  401  401  401  401  401
/{id:event}/link/            OPTIONS   204
/{id:event}/mail/            GET|HEAD|PUT|PATCH 405
/{id:event}/mail/            DELETE    405
/{id:event}/mail/            POST      401  200* 401  401  401  401  401  403  200* 200* 403  403
/{id:event}/mail/            OPTIONS   204
/{id:event}/answer/          GET|HEAD|PUT|PATCH 405
/{id:event}/answer/          DELETE    405
/{id:event}/answer/          POST      401  303* 401  401  401  401  401  403  303* 303* 303* 303*
/{id:event}/answer/          OPTIONS   204
/{id:event}/add/             GET|HEAD|PUT|PATCH 405
/{id:event}/add/             DELETE    405
/{id:event}/add/             POST      401  303* 401  401  401  401  401  403  303* 303* 303* 303*
/{id:event}/add/             OPTIONS   204
/{id:event}/title/           GET|HEAD|PUT|PATCH 405
/{id:event}/title/           DELETE    405
/{id:event}/title/           POST      401  303* 401  401  401  401  401  403  303* 303* 303* 303*
/{id:event}/title/           OPTIONS   204
/{id:event}/delete/          GET|HEAD|PUT|PATCH 405
/{id:event}/delete/          DELETE    405
/{id:event}/delete/          POST      401  403  401  401  401  401  401  403  403  403  403  303*
/{id:event}/delete/          OPTIONS   204
/api-token-auth/             GET|HEAD|PUT|PATCH 405
/api-token-auth/             DELETE    405
/api-token-auth/             POST      200*
/api-token-auth/             OPTIONS   204
/healthz                     GET|HEAD  200
/healthz                     POST|PUT|PATCH|DELETE 405
/healthz                     OPTIONS   204
/readyz                      GET|HEAD  200
/readyz                      POST|PUT|PATCH|DELETE 405
/readyz                      OPTIONS   204
/api-tokens/                 GET|HEAD  401  401  401  401  401  401  401  200  200  200  200  200
/api-tokens/                 POST|PUT|PATCH 405
/api-tokens/                 DELETE    401  401  401  401  401  401  401  200* 200* 200* 200* 200*
/api-tokens/                 OPTIONS   204
/api-tokens/{token:mark}/    GET|HEAD|POST|PUT 405
/api-tokens/{token:mark}/    PATCH     405
/api-tokens/{token:mark}/    DELETE    401  401  401  401  401  401  401  404  404  204* 404  404
/api-tokens/{token:mark}/    OPTIONS   204
/users/                      GET|HEAD  401  401  401  401  401  401  401  403  403  403  403  200
/users/                      POST      401  401  401  401  401  401  401  403  403  403  403  201*
/users/                      PUT|PATCH|DELETE 405
/users/                      OPTIONS   204
/users/{email:email}/tokens/ GET|HEAD  405
/users/{email:email}/tokens/ POST      401  401  401  401  401  401  401  403  403  403  403  201*
/users/{email:email}/tokens/ PUT|PATCH 405
/users/{email:email}/tokens/ DELETE    401  401  401  401  401  401  401  403  403  403  403  200*
/users/{email:email}/tokens/ OPTIONS   204
/users/{email:email}/        GET|HEAD  401  401  401  401  401  401  401  403  403  403  403  200
/users/{email:email}/        POST|PUT  405
/users/{email:email}/        PATCH     401  401  401  401  401  401  401  403  403  403  403  200*
/users/{email:email}/        DELETE    401  401  401  401  401  401  401  403  403  403  403  200*
/users/{email:email}/        OPTIONS   204
/openapi                     GET|HEAD  200
/openapi                     POST|PUT|PATCH|DELETE 405
/openapi                     OPTIONS   204
/openapi.json                GET|HEAD  200
/openapi.json                POST|PUT|PATCH|DELETE 405
/openapi.json                OPTIONS   204
/account/                    GET|HEAD  401  401  401  401  401  401  401  200  200  200  200  200
/account/                    POST      401  401  401  401  401  401  401  303* 303* 303* 303* 303*
/account/                    PUT|PATCH|DELETE 405
/account/                    OPTIONS   204
/login/                      GET|HEAD  200
/login/                      POST|OPTIONS 204
/login/                      PUT|PATCH|DELETE 405
/logout/                     GET|HEAD  200
/logout/                     POST|OPTIONS 204
/logout/                     PUT|PATCH|DELETE 405
/api-auth/login/             GET|HEAD  200
/api-auth/login/             POST|OPTIONS 204
/api-auth/login/             PUT|PATCH|DELETE 405
/api-auth/logout/            GET|HEAD  200
/api-auth/logout/            POST|OPTIONS 204
/api-auth/logout/            PUT|PATCH|DELETE 405
/page.css                    GET|HEAD  200
/page.css                    POST|PUT|PATCH|DELETE 405
/page.css                    OPTIONS   204
/page.js                     GET|HEAD  200
/page.js                     POST|PUT|PATCH|DELETE 405
/page.js                     OPTIONS   204
/icon.svg                    GET|HEAD  200
/icon.svg                    POST|PUT|PATCH|DELETE 405
/icon.svg                    OPTIONS   204
/docs/{name:path}            GET|HEAD  200
/docs/{name:path}            POST|PUT|PATCH|DELETE 405
/docs/{name:path}            OPTIONS   204
/admin/users/                GET|HEAD  401  401  401  401  401  401  401  403  403  403  403  200
/admin/users/                POST      401  401  401  401  401  401  401  403  403  403  403  303*
/admin/users/                PUT|PATCH|DELETE 405
/admin/users/                OPTIONS   204
/admin/user/                 GET|HEAD  401  401  401  401  401  401  401  403  403  403  403  200
/admin/user/                 POST      401  401  401  401  401  401  401  403  403  403  403  303*
/admin/user/                 PUT|PATCH|DELETE 405
/admin/user/                 OPTIONS   204
/admin/erase/                GET|HEAD  401  401  401  401  401  401  401  403  403  403  403  200
/admin/erase/                POST      401  401  401  401  401  401  401  403  403  403  403  303*
/admin/erase/                PUT|PATCH|DELETE 405
/admin/erase/                OPTIONS   204
/admin/events/               GET|HEAD  401  401  401  401  401  401  401  403  403  403  403  200
/admin/events/               POST|PUT|PATCH|DELETE 405
/admin/events/               OPTIONS   204
/admin/events/{id:event}/    GET|HEAD  401  401  401  401  401  401  401  403  403  403  403  200
/admin/events/{id:event}/    POST|PUT|PATCH|DELETE 405
/admin/events/{id:event}/    OPTIONS   204
/admin/events/{id:event}/link/ GET|HEAD|PUT|PATCH 405
/admin/events/{id:event}/link/ DELETE  405
/admin/events/{id:event}/link/ OPTIONS 204
/admin/events/{id:event}/link/ POST    401  401  401  401  401  401  401  403  403  403  403  303*
/admin/events/{id:event}/delete/ GET|HEAD|PUT|PATCH 405
/admin/events/{id:event}/delete/ DELETE 405
/admin/events/{id:event}/delete/ OPTIONS 204
/admin/events/{id:event}/delete/ POST  401  401  401  401  401  401  401  403  403  403  403  303*
/admin/outbox/               GET|HEAD  401  401  401  401  401  401  401  403  403  403  403  200
/admin/outbox/               POST      401  401  401  401  401  401  401  403  403  403  403  303*
/admin/outbox/               PUT|PATCH|DELETE 405
/admin/outbox/               OPTIONS   204
/admin/                      GET|HEAD  401  401  401  401  401  401  401  403  403  403  403  303
/admin/                      POST|PUT|PATCH|DELETE 405
/admin/                      OPTIONS   204
/admin/admin.css             GET|HEAD  200
/admin/admin.css             POST|PUT|PATCH|DELETE 405
/admin/admin.css             OPTIONS   204
/metrics                     GET|HEAD  200
/metrics                     POST|PUT|PATCH|DELETE 405
/metrics                     OPTIONS   204
/{path:path}                 GET|HEAD|POST|PUT 404
/{path:path}                 PATCH|DELETE|OPTIONS 404
"""

PAIRS: Final = (
    "stranger+holder",
    "party+holder",
    "stranger+foreign",
    "party+foreign",
    "stranger+bogus",
    "party+bogus",
    "wrong+session",
    "wrong+holder",
    "bogus+session",
    "two tokens",
    "holder+cookie",
    "bogus+cookie",
    "ended+holder",
)
"""
Callers who show two things at once. An account with a token beside it: of the event, of another
one, never given out. A password or an API token that is wrong beside a good session or token; a
wrong token beside a good session. Two good tokens of different parties; one of them in the
query and the other in the page's cookie; a wrong one beside that cookie. A session that has
ended beside a good token.
"""

BOTH: Final = """
/{id:event}/             GET      200* 200* 403  200* 403  200* 401  401  401  400  200* 401  200*
/{id:event}/             HEAD     200  200  403  200  403  200  401  401  401  400  200  401  200
/{id:event}/             PATCH    202* 202* 403  202* 403  202* 401  401  401  400  202* 401  202*
/{id:event}/             DELETE   403  403  403  403  403  403  401  401  401  400  403  401  403
/{id:event}/notify/      POST     202* 202* 403  202* 403  202* 401  401  401  400  202* 401  202*
/{id:event}/log/         GET|HEAD 200  200  403  200  403  200  401  401  401  400  200  401  200
/{id:event}/calendar.ics GET|HEAD 200  200  403  200  403  200  401  401  401  400  200  401  200
/{id:event}/link/        POST     202  202  202  202  202  202  401  202  202  400  202  202  202
/{id:event}/mail/        POST     200* 200* 403  200* 403  200* 401  401  401  400  200* 401  200*
/{id:event}/answer/      POST     303* 303* 403  303* 403  303* 401  401  401  400  303* 401  303*
/{id:event}/add/         POST     303* 303* 403  303* 403  303* 401  401  401  400  303* 401  303*
/{id:event}/title/       POST     303* 303* 403  303* 403  303* 401  401  401  400  303* 401  303*
/{id:event}/delete/      POST     403  403  403  403  403  403  401  401  401  400  403  401  403
/                        GET      200  200  200  200  200  200  401  401  401  400  401  401  401
/                        POST     201* 201* 201* 201* 201* 201* 401  401  401  400  401  401  401
/users/                  GET      403  403  403  403  403  403  401  401  401  400  401  401  401
/account/                POST     303* 303* 303* 303* 303* 303* 401  401  401  400  401  401  401
/admin/users/            POST     403  403  403  403  403  403  401  401  401  400  401  401  401
"""

OWNERS: Final = (
    "anonymous",
    "ended",
    "holder",
    "foreign",
    "expired",
    "bogus",
    "dismissed",
    "stranger",
    "party",
    "proposer",
    "staff",
)
"""
The same classes, asking for an event that is not there, or was deleted. Ended is who holds a
token of the deleted event, which holder and foreign do not; party and proposer are of that too.
"""

ELSEWHERE: Final = """
absent /{id:event}/               GET|HEAD 401  401  401  401  401  401  401  403  403  403  404
absent /{id:event}/               PATCH    401  401  401  401  401  401  401  403  403  403  404
absent /{id:event}/               DELETE   401  401  401  401  401  401  401  403  403  403  404
absent /{id:event}/notify/        POST     401  401  401  401  401  401  401  403  403  403  404
absent /{id:event}/log/           GET|HEAD 401  401  401  401  401  401  401  403  403  403  404
absent /{id:event}/calendar.ics   GET|HEAD 401  401  401  401  401  401  401  403  403  403  404
absent /{id:event}/link/          POST     401  202  202  202  202  202  401  401  401  401  401
absent /{id:event}/mail/          POST     401  401  401  401  401  401  401  403  403  403  404
absent /{id:event}/answer/        POST     401  401  401  401  401  401  401  403  403  403  404
absent /{id:event}/add/           POST     401  401  401  401  401  401  401  403  403  403  404
absent /{id:event}/title/         POST     401  401  401  401  401  401  401  403  403  403  404
absent /{id:event}/delete/        POST     401  401  401  401  401  401  401  403  403  403  404
absent /admin/events/{id:event}/  GET      401  401  401  401  401  401  401  403  403  403  404
absent /admin/events/{id:event}/link/ POST 401  401  401  401  401  401  401  403  403  403  404
absent /admin/events/{id:event}/delete/ POST 401  401  401  401  401  401  401  403  403  403  404
deleted /{id:event}/              GET|HEAD 401  410  401  401  401  401  401  403  410  410  410
deleted /{id:event}/              PATCH    401  410  401  401  401  401  401  403  410  410  410
deleted /{id:event}/              DELETE   401  403  401  401  401  401  401  403  403  403  410
deleted /{id:event}/notify/       POST     401  410  401  401  401  401  401  403  410  410  410
deleted /{id:event}/log/          GET|HEAD 401  200  401  401  401  401  401  403  200  200  200
deleted /{id:event}/calendar.ics  GET|HEAD 401  200  401  401  401  401  401  403  200  200  200
deleted /{id:event}/link/         POST     401  202  202  202  202  202  401  401  401  401  401
deleted /{id:event}/mail/         POST     401  410  401  401  401  401  401  403  410  410  403
deleted /{id:event}/answer/       POST     401  410  401  401  401  401  401  403  410  410  410
deleted /{id:event}/add/          POST     401  410  401  401  401  401  401  403  410  410  410
deleted /{id:event}/title/        POST     401  410  401  401  401  401  401  403  410  410  410
deleted /{id:event}/delete/       POST     401  410  401  401  401  401  401  403  410  410  410
deleted /admin/events/{id:event}/ GET      401  401  401  401  401  401  401  403  403  403  200
deleted /admin/events/{id:event}/link/ POST 401  401  401  401  401  401  401  403  403  403  404
deleted /admin/events/{id:event}/delete/ POST 401  401  401  401  401  401  401  403  403  403  410
"""


def cells(
    table: str = TABLE, classes: tuple[str, ...] = CLASSES
) -> dict[tuple[str, str, str], tuple[int, bool]]:
    """
    Read a table: by route, method and class, the status and whether something changes.
    """
    found = {}
    for line in table.strip().splitlines():
        words = line.split()
        place = next(n for n, word in enumerate(words) if word.replace("|", "").isupper())
        route, methods, answers = " ".join(words[:place]), words[place], words[place + 1 :]
        answers = answers * len(classes) if len(answers) == 1 else answers
        for method in methods.split("|"):
            for kind, answer in zip(classes, answers, strict=True):
                found[route, method, kind] = (int(answer.rstrip("*")), answer.endswith("*"))
    return found
