"""
Statements in the words of one kind of database, by name: written once, then sent as they are.

SQLAlchemy writes them. Its way from there to the driver takes several times as long as the
driver itself, and a request sends six statements or more, so what is written is kept here.
Values go to the driver as they are: our tables hold numbers, texts, bytes and truth values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs


if TYPE_CHECKING:
    from collections.abc import Callable


Values = Mapping[str, Any]


@attrs.frozen
class Prepared:
    """
    A statement as a driver takes it, its values by name.

    Args:
        text: Of the statement.
        constants: Values that it brings itself.
        listed: The name of the list among its values, empty when there is none.
        place: How the first value of that list stands in the text.
        names: Of the values of the list, when it has some length.
    """

    text: str
    constants: Values = attrs.field(factory=dict)
    listed: str = ""
    place: str = ""
    names: tuple[str, ...] = ()

    def of_length(self, length: int) -> Prepared:
        """
        Write it for a list of so many values.
        """
        names = tuple(f"{self.listed}_{number}" for number in range(1, length + 1))
        first = f"{self.listed}_1"
        places = ", ".join(self.place.replace(first, name) for name in names)
        return attrs.evolve(self, text=self.text.replace(self.place, places), names=names)

    def bind(self, values: Values) -> Values:
        """
        Add to values what the statement brings, and take the list among them apart.
        """
        if not (self.constants or self.names):
            return values
        bound = {**self.constants, **values}
        if self.names:
            bound.update(zip(self.names, bound.pop(self.listed), strict=True))
        return bound


class Statements:
    """
    The statements that were sent to one database so far.

    Args:
        dialect: The name of the kind of database.
        failures: What its driver raises.
        write: Writes a statement by its name, with a list of one value where it has a list.
    """

    __slots__ = ("_known", "_write", "dialect", "failures")

    def __init__(
        self,
        dialect: str,
        failures: tuple[type[Exception], ...],
        write: Callable[[str], Prepared],
    ) -> None:
        self._known: dict[tuple[str, int], Prepared] = {}
        self._write = write
        self.dialect = dialect
        self.failures = failures

    def prepare(self, name: str, length: int = 0) -> Prepared:
        """
        Find how a statement is sent.

        Args:
            name: Of the statement.
            length: Of the list among its values, if there is one.
        """
        prepared = self._known.get((name, length))
        if prepared is None:
            # Two threads may both come here; what they make is the same.
            written = self._write(name)
            prepared = self._known[name, length] = written.of_length(length) if length else written
        return prepared
