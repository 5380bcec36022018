"""
The pages about users.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from calndro.core.errors import InvalidInputError
from calndro.entry.http.asking import address_of, together
from calndro.usecases import accounts, administering, auditing


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.responses import Response

    from calndro.entry.http.admin.desk import Desk


async def list_users(desk: Desk) -> Response:
    """
    Show the users, or those whose address holds what is looked for.
    """
    part, after = desk.queried("q"), desk.queried("after") or None
    most = administering.SCREEN
    users = await desk.run(administering.find_users, part, after=after, limit=most + 1)
    return desk.show("users", users=users[:most], more=len(users) > most, part=part)


async def add_user(desk: Desk) -> Response:
    """
    Register a user.
    """
    password = desk.filled("password") or None
    email, _ = together(
        lambda: address_of(desk.filled("email"), "email"),
        lambda: accounts.check_password(password),
    )
    user = await desk.run_slowly(
        accounts.add_user,
        email,
        password,
        staff=desk.form.get("staff") == "yes",
    )
    return desk.go("user/", email=user.address.text, done="added")


async def show_user(desk: Desk) -> Response:
    """
    Show one user, and what can be done with it; the list when none is named.
    """
    email = desk.queried("email")
    if not email:
        return desk.go("users/")
    account = await desk.run(administering.see_account, email)
    return desk.show("user", account=account, user=account.user)


async def change_user(desk: Desk) -> Response:
    """
    Do one of the acts of the table.
    """
    email, name = desk.filled("email"), desk.filled("act")
    if name == "password":
        await desk.run_slowly(accounts.set_password, email, desk.filled("password"))
    elif name in ACTS:
        await desk.run(ACTS[name], email)
    else:
        raise InvalidInputError.of(f"this is none of password, {', '.join(ACTS)}", "act")
    return desk.go("user/", email=email, done=name)


async def ask_to_erase(desk: Desk) -> Response:
    """
    Say what erasing means, and ask for a confirmation; show the list when nobody is named.
    """
    email = desk.queried("email")
    return desk.show("erase", email=email) if email else desk.go("users/")


async def erase_user(desk: Desk) -> Response:
    """
    Forget a person, once its address has been written out.
    """
    email = desk.filled("email")
    desk.confirm(email)
    erased = await desk.run(auditing.erase, email)
    return desk.go("users/", done="erased_left" if erased.warning else "erased")


ACTS: Final[Mapping[str, Callable[..., object]]] = {
    "staff": partial(accounts.set_staff, staff=True),
    "unstaff": partial(accounts.set_staff, staff=False),
    "activate": accounts.activate,
    "deactivate": accounts.deactivate,
    "tokens": accounts.revoke_api_tokens,
}
