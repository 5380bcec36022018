"""
Who gets which answer where: the reviewed table, in literals, that imports no rule.

A row is a route as the router writes it, methods, and a status for each class of callers:
anonymous; holder of a token of the event; of a token of another one; of an expired one; of
one that was never given out; dismissed user; registered user without part in the event;
party; proposer, here a party as well; staff. A star says that an event, its log, an account
or who holds which API tokens is another afterwards; without one nothing may be.

Source: design page 1, "Who may do what"; page 2, "HTTP" and "Statuses".
"""

from __future__ import annotations

from typing import Final


TABLE: Final = """
/                                GET|HEAD       401  401  401  401  401  401  200  200  200  200
/                                POST           401  401  401  401  401  401  201* 201* 201* 201*
/                                PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/                                DELETE         405  405  405  405  405  405  405  405  405  405
/                                OPTIONS        204  204  204  204  204  204  204  204  204  204
/{id:event}/                     GET            401  200* 401  401  401  401  403  200* 200* 200*
/{id:event}/                     HEAD           401  200  401  401  401  401  403  200  200  200
/{id:event}/                     POST|PUT       405  405  405  405  405  405  405  405  405  405
/{id:event}/                     PATCH          401  202* 401  401  401  401  403  202* 202* 202*
/{id:event}/                     DELETE         401  403  401  401  401  401  403  403  403  204*
/{id:event}/                     OPTIONS        204  204  204  204  204  204  204  204  204  204
/{id:event}/notify/              GET|HEAD       405  405  405  405  405  405  405  405  405  405
/{id:event}/notify/              PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/{id:event}/notify/              DELETE         405  405  405  405  405  405  405  405  405  405
/{id:event}/notify/              POST           401  202* 401  401  401  401  403  202* 202* 202*
/{id:event}/notify/              OPTIONS        204  204  204  204  204  204  204  204  204  204
/{id:event}/log/                 GET|HEAD       401  200  401  401  401  401  403  200  200  200
/{id:event}/log/                 POST|PUT       405  405  405  405  405  405  405  405  405  405
/{id:event}/log/                 PATCH|DELETE   405  405  405  405  405  405  405  405  405  405
/{id:event}/log/                 OPTIONS        204  204  204  204  204  204  204  204  204  204
/{id:event}/calendar.ics         GET|HEAD       401  200  401  401  401  401  403  200  200  200
/{id:event}/calendar.ics         POST|PUT       405  405  405  405  405  405  405  405  405  405
/{id:event}/calendar.ics         PATCH|DELETE   405  405  405  405  405  405  405  405  405  405
/{id:event}/calendar.ics         OPTIONS        204  204  204  204  204  204  204  204  204  204
/{id:event}/link/                GET|HEAD       405  405  405  405  405  405  405  405  405  405
/{id:event}/link/                PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/{id:event}/link/                DELETE         405  405  405  405  405  405  405  405  405  405
/{id:event}/link/                POST           401  202  202  202* 202  401  401  401  401  401
/{id:event}/link/                OPTIONS        204  204  204  204  204  204  204  204  204  204
/{id:event}/mail/                GET|HEAD       405  405  405  405  405  405  405  405  405  405
/{id:event}/mail/                PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/{id:event}/mail/                DELETE         405  405  405  405  405  405  405  405  405  405
/{id:event}/mail/                POST           401  200* 401  401  401  401  403  200* 200* 403
/{id:event}/mail/                OPTIONS        204  204  204  204  204  204  204  204  204  204
/{id:event}/answer/              GET|HEAD       405  405  405  405  405  405  405  405  405  405
/{id:event}/answer/              PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/{id:event}/answer/              DELETE         405  405  405  405  405  405  405  405  405  405
/{id:event}/answer/              POST           401  409  401  401  401  401  403  409  409  409
/{id:event}/answer/              OPTIONS        204  204  204  204  204  204  204  204  204  204
/{id:event}/add/                 GET|HEAD       405  405  405  405  405  405  405  405  405  405
/{id:event}/add/                 PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/{id:event}/add/                 DELETE         405  405  405  405  405  405  405  405  405  405
/{id:event}/add/                 POST           401  409  401  401  401  401  403  409  409  409
/{id:event}/add/                 OPTIONS        204  204  204  204  204  204  204  204  204  204
/{id:event}/title/               GET|HEAD       405  405  405  405  405  405  405  405  405  405
/{id:event}/title/               PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/{id:event}/title/               DELETE         405  405  405  405  405  405  405  405  405  405
/{id:event}/title/               POST           401  409  401  401  401  401  403  409  409  409
/{id:event}/title/               OPTIONS        204  204  204  204  204  204  204  204  204  204
/{id:event}/delete/              GET|HEAD       405  405  405  405  405  405  405  405  405  405
/{id:event}/delete/              PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/{id:event}/delete/              DELETE         405  405  405  405  405  405  405  405  405  405
/{id:event}/delete/              POST           401  409  401  401  401  401  403  409  409  409
/{id:event}/delete/              OPTIONS        204  204  204  204  204  204  204  204  204  204
/api-token-auth/                 GET|HEAD       405  405  405  405  405  405  405  405  405  405
/api-token-auth/                 PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/api-token-auth/                 DELETE         405  405  405  405  405  405  405  405  405  405
/api-token-auth/                 POST           200* 200* 200* 200* 200* 200* 200* 200* 200* 200*
/api-token-auth/                 OPTIONS        204  204  204  204  204  204  204  204  204  204
/healthz                         GET|HEAD       200  200  200  200  200  200  200  200  200  200
/healthz                         POST|PUT       405  405  405  405  405  405  405  405  405  405
/healthz                         PATCH|DELETE   405  405  405  405  405  405  405  405  405  405
/healthz                         OPTIONS        204  204  204  204  204  204  204  204  204  204
/readyz                          GET|HEAD       200  200  200  200  200  200  200  200  200  200
/readyz                          POST|PUT       405  405  405  405  405  405  405  405  405  405
/readyz                          PATCH|DELETE   405  405  405  405  405  405  405  405  405  405
/readyz                          OPTIONS        204  204  204  204  204  204  204  204  204  204
/api-tokens/                     GET|HEAD       401  401  401  401  401  401  200  200  200  200
/api-tokens/                     POST|PUT       405  405  405  405  405  405  405  405  405  405
/api-tokens/                     PATCH          405  405  405  405  405  405  405  405  405  405
/api-tokens/                     DELETE         401  401  401  401  401  401  200* 200* 200* 200*
/api-tokens/                     OPTIONS        204  204  204  204  204  204  204  204  204  204
/api-tokens/{token:mark}/        GET|HEAD       405  405  405  405  405  405  405  405  405  405
/api-tokens/{token:mark}/        POST|PUT       405  405  405  405  405  405  405  405  405  405
/api-tokens/{token:mark}/        PATCH          405  405  405  405  405  405  405  405  405  405
/api-tokens/{token:mark}/        DELETE         401  401  401  401  401  401  404  404  204* 404
/api-tokens/{token:mark}/        OPTIONS        204  204  204  204  204  204  204  204  204  204
/users/                          GET|HEAD       401  401  401  401  401  401  403  403  403  200
/users/                          POST           401  401  401  401  401  401  403  403  403  201*
/users/                          PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/users/                          DELETE         405  405  405  405  405  405  405  405  405  405
/users/                          OPTIONS        204  204  204  204  204  204  204  204  204  204
/users/{email:email}/tokens/     GET|HEAD       405  405  405  405  405  405  405  405  405  405
/users/{email:email}/tokens/     POST           401  401  401  401  401  401  403  403  403  201*
/users/{email:email}/tokens/     PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/users/{email:email}/tokens/     DELETE         401  401  401  401  401  401  403  403  403  200*
/users/{email:email}/tokens/     OPTIONS        204  204  204  204  204  204  204  204  204  204
/users/{email:email}/            GET|HEAD       401  401  401  401  401  401  403  403  403  200
/users/{email:email}/            POST|PUT       405  405  405  405  405  405  405  405  405  405
/users/{email:email}/            PATCH          401  401  401  401  401  401  403  403  403  200*
/users/{email:email}/            DELETE         401  401  401  401  401  401  403  403  403  200*
/users/{email:email}/            OPTIONS        204  204  204  204  204  204  204  204  204  204
/openapi                         GET|HEAD       200  200  200  200  200  200  200  200  200  200
/openapi                         POST|PUT       405  405  405  405  405  405  405  405  405  405
/openapi                         PATCH|DELETE   405  405  405  405  405  405  405  405  405  405
/openapi                         OPTIONS        204  204  204  204  204  204  204  204  204  204
/openapi.json                    GET|HEAD       200  200  200  200  200  200  200  200  200  200
/openapi.json                    POST|PUT       405  405  405  405  405  405  405  405  405  405
/openapi.json                    PATCH|DELETE   405  405  405  405  405  405  405  405  405  405
/openapi.json                    OPTIONS        204  204  204  204  204  204  204  204  204  204
/account/                        GET|HEAD       401  401  401  401  401  401  200  200  200  200
/account/                        POST           401  401  401  401  401  401  400  400  400  400
/account/                        PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/account/                        DELETE         405  405  405  405  405  405  405  405  405  405
/account/                        OPTIONS        204  204  204  204  204  204  204  204  204  204
/login/                          GET|HEAD       200  200  200  200  200  200  200  200  200  200
/login/                          POST|OPTIONS   204  204  204  204  204  204  204  204  204  204
/login/                          PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/login/                          DELETE         405  405  405  405  405  405  405  405  405  405
/logout/                         GET|HEAD       200  200  200  200  200  200  200  200  200  200
/logout/                         POST|OPTIONS   204  204  204  204  204  204  204  204  204  204
/logout/                         PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/logout/                         DELETE         405  405  405  405  405  405  405  405  405  405
/api-auth/login/                 GET|HEAD       200  200  200  200  200  200  200  200  200  200
/api-auth/login/                 POST|OPTIONS   204  204  204  204  204  204  204  204  204  204
/api-auth/login/                 PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/api-auth/login/                 DELETE         405  405  405  405  405  405  405  405  405  405
/api-auth/logout/                GET|HEAD       200  200  200  200  200  200  200  200  200  200
/api-auth/logout/                POST|OPTIONS   204  204  204  204  204  204  204  204  204  204
/api-auth/logout/                PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/api-auth/logout/                DELETE         405  405  405  405  405  405  405  405  405  405
/page.css                        GET|HEAD       200  200  200  200  200  200  200  200  200  200
/page.css                        POST|PUT       405  405  405  405  405  405  405  405  405  405
/page.css                        PATCH|DELETE   405  405  405  405  405  405  405  405  405  405
/page.css                        OPTIONS        204  204  204  204  204  204  204  204  204  204
/page.js                         GET|HEAD       200  200  200  200  200  200  200  200  200  200
/page.js                         POST|PUT       405  405  405  405  405  405  405  405  405  405
/page.js                         PATCH|DELETE   405  405  405  405  405  405  405  405  405  405
/page.js                         OPTIONS        204  204  204  204  204  204  204  204  204  204
/icon.svg                        GET|HEAD       200  200  200  200  200  200  200  200  200  200
/icon.svg                        POST|PUT       405  405  405  405  405  405  405  405  405  405
/icon.svg                        PATCH|DELETE   405  405  405  405  405  405  405  405  405  405
/icon.svg                        OPTIONS        204  204  204  204  204  204  204  204  204  204
/docs/{name:path}                GET|HEAD       200  200  200  200  200  200  200  200  200  200
/docs/{name:path}                POST|PUT       405  405  405  405  405  405  405  405  405  405
/docs/{name:path}                PATCH|DELETE   405  405  405  405  405  405  405  405  405  405
/docs/{name:path}                OPTIONS        405  405  405  405  405  405  405  405  405  405
/admin/users/                    GET|HEAD       401  401  401  401  401  401  403  403  403  200
/admin/users/                    POST           401  401  401  401  401  401  403  403  403  400
/admin/users/                    PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/admin/users/                    DELETE|OPTIONS 405  405  405  405  405  405  405  405  405  405
/admin/user/                     GET|HEAD       401  401  401  401  401  401  403  403  403  400
/admin/user/                     POST           401  401  401  401  401  401  403  403  403  400
/admin/user/                     PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/admin/user/                     DELETE|OPTIONS 405  405  405  405  405  405  405  405  405  405
/admin/erase/                    GET|HEAD       401  401  401  401  401  401  403  403  403  200
/admin/erase/                    POST           401  401  401  401  401  401  403  403  403  400
/admin/erase/                    PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/admin/erase/                    DELETE|OPTIONS 405  405  405  405  405  405  405  405  405  405
/admin/events/                   GET|HEAD       401  401  401  401  401  401  403  403  403  200
/admin/events/                   POST|PUT       405  405  405  405  405  405  405  405  405  405
/admin/events/                   PATCH|DELETE   405  405  405  405  405  405  405  405  405  405
/admin/events/                   OPTIONS        405  405  405  405  405  405  405  405  405  405
/admin/events/{id:event}/        GET|HEAD       401  401  401  401  401  401  403  403  403  200
/admin/events/{id:event}/        POST|PUT       405  405  405  405  405  405  405  405  405  405
/admin/events/{id:event}/        PATCH|DELETE   405  405  405  405  405  405  405  405  405  405
/admin/events/{id:event}/        OPTIONS        405  405  405  405  405  405  405  405  405  405
/admin/events/{id:event}/link/   GET|HEAD       405  405  405  405  405  405  405  405  405  405
/admin/events/{id:event}/link/   PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/admin/events/{id:event}/link/   DELETE|OPTIONS 405  405  405  405  405  405  405  405  405  405
/admin/events/{id:event}/link/   POST           401  401  401  401  401  401  403  403  403  400
/admin/events/{id:event}/delete/ GET|HEAD       405  405  405  405  405  405  405  405  405  405
/admin/events/{id:event}/delete/ PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/admin/events/{id:event}/delete/ DELETE|OPTIONS 405  405  405  405  405  405  405  405  405  405
/admin/events/{id:event}/delete/ POST           401  401  401  401  401  401  403  403  403  400
/admin/outbox/                   GET|HEAD       401  401  401  401  401  401  403  403  403  200
/admin/outbox/                   POST           401  401  401  401  401  401  403  403  403  400
/admin/outbox/                   PUT|PATCH      405  405  405  405  405  405  405  405  405  405
/admin/outbox/                   DELETE|OPTIONS 405  405  405  405  405  405  405  405  405  405
/admin/                          GET|HEAD       303  303  303  303  303  303  303  303  303  303
/admin/                          POST|PUT       405  405  405  405  405  405  405  405  405  405
/admin/                          PATCH|DELETE   405  405  405  405  405  405  405  405  405  405
/admin/                          OPTIONS        405  405  405  405  405  405  405  405  405  405
/admin/admin.css                 GET|HEAD       200  200  200  200  200  200  200  200  200  200
/admin/admin.css                 POST|PUT       405  405  405  405  405  405  405  405  405  405
/admin/admin.css                 PATCH|DELETE   405  405  405  405  405  405  405  405  405  405
/admin/admin.css                 OPTIONS        405  405  405  405  405  405  405  405  405  405
/metrics                         GET|HEAD       200  200  200  200  200  200  200  200  200  200
/metrics                         POST|PUT       405  405  405  405  405  405  405  405  405  405
/metrics                         PATCH|DELETE   405  405  405  405  405  405  405  405  405  405
/metrics                         OPTIONS        204  204  204  204  204  204  204  204  204  204
/{path:path}                     GET|HEAD       404  404  404  404  404  404  404  404  404  404
/{path:path}                     POST|PUT       404  404  404  404  404  404  404  404  404  404
/{path:path}                     PATCH|DELETE   404  404  404  404  404  404  404  404  404  404
/{path:path}                     OPTIONS        404  404  404  404  404  404  404  404  404  404
"""


def cells() -> dict[tuple[str, str, str], tuple[int, bool]]:
    """
    Read the table: by route, method and class, the status and whether something changes.
    """
    found = {}
    for line in TABLE.strip().splitlines():
        route, methods, *answers = line.split()
        for method in methods.split("|"):
            for kind, answer in zip(CLASSES, answers, strict=True):
                found[route, method, kind] = (int(answer.rstrip("*")), answer.endswith("*"))
    return found


CLASSES: Final = (
    "anonymous",
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
