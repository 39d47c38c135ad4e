"""What rows of the self-test are invented for: the items of a group, and values that each may have."""

from __future__ import annotations

from dataclasses import dataclass

from dmig.model.layout import Group, StandardItem, StandardLayout, StandardType

Row = dict[str, str | None]

EARLY, LATE, FAR = "2020-01-01", "2020-01-02", "2099-12-31"
HASH = "0" * 64
SAMPLES = {
    StandardType.X: "1", StandardType.N: "あ", StandardType.INTEGER: "1", StandardType.SIGNED: "1",
    StandardType.DECIMAL: "1", StandardType.YEAR: "2020", StandardType.DATE: EARLY, StandardType.BLOB: f"a,1,{HASH}",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ground:
    """What rows are invented for."""

    group: Group
    layout: StandardLayout

    def item(self, name: str) -> StandardItem:
        """An item of the group."""
        found = self.group.item(name)
        if found is None:
            raise ValueError(f"item {name} was not checked by the compiler")
        return found

    def sample(self, name: str) -> str:
        """A value that the item may have."""
        item = self.item(name)
        if values := self.codes(item):
            return values[0]
        if item.type is StandardType.TIME:
            return "10:00:00" if item.max_chars >= 8 else "10:00"
        return SAMPLES[item.type]

    def codes(self, item: StandardItem) -> list[str]:
        """Values of the item's code list; none where it has no list of its own."""
        coded = item.code and item.code != "999"
        return [value.value for value in self.layout.codes[item.code]] if coded else []
