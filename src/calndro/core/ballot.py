"""
A form in which somebody says of each slot whether it works.

Source: docs/how-to/answer-an-invitation.md.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from calndro.core.deeds import Judge
from calndro.core.slot import both, without


if TYPE_CHECKING:
    from calndro.core.slot import Table


class Press(StrEnum):
    """
    Which of the form's buttons was pressed.
    """

    SAVE = "save"
    ALL = "all"
    ONLY = "only"
    NONE = "none"


class Need(StrEnum):
    """
    Why a ballot is not recorded as it is.
    """

    NOTHING = "nothing"
    SURE = "sure"


@attrs.frozen(kw_only=True)
class Ballot:
    """
    What was chosen, and what the form had shown.

    Args:
        press: The button.
        seen: The slots in the form.
        kept: Those of them that were marked as working when the form was made.
        works: Those that are marked as working now.
        fails: Those that are marked as not working.
        is_sure: True once it is confirmed that the table may be emptied.
    """

    press: Press
    seen: Table
    kept: Table
    works: Table
    fails: Table
    is_sure: bool = False

    @property
    def judged(self) -> Judge:
        """
        What the button makes of the choices.
        """
        match self.press:
            case Press.SAVE:
                return Judge(self.fails, without(self.works, self.fails))
            case Press.ALL:
                return Judge((), self.seen)
            case Press.ONLY:
                return Judge(without(self.seen, self.works), both(self.seen, self.works))
        return Judge(self.seen, ())

    def weigh(self, table: Table) -> Judge | Need:
        """
        Decide what is recorded.

        Args:
            table: What is on the table now, which may be more or less than was shown.

        Returns:
            What to record; or that nothing was changed; or that somebody has to be sure,
            since nothing would be left.
        """
        wanted = self.judged
        if not wanted.drop and not without(wanted.accept, self.kept):
            return Need.NOTHING
        judge = Judge(both(table, wanted.drop), both(table, wanted.accept))
        if judge == Judge((), ()):
            return Need.NOTHING
        if not without(table, judge.drop) and not self.is_sure:
            return Need.SURE
        return judge
