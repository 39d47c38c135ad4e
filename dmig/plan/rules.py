"""Compiler pass: items of a layout -> the rules they imply; rows of rules.csv -> checked rules."""

from __future__ import annotations

from dataclasses import dataclass

from dmig.errors import Diagnostics
from dmig.model.layout import (
    Group,
    Outcome,
    Parameter,
    Requirement,
    Rule,
    Scope,
    StandardItem,
    StandardLayout,
    StandardType,
)

RECORD = (Scope.CELL, Scope.RECORD)
SET = (Scope.UNIT, Scope.HOUSEHOLD, Scope.BATCH)


@dataclass(frozen=True, slots=True)
class RuleKind:
    """What a kind of rule needs: scopes, engines that can judge it, arguments, code of its reports."""

    code: str
    scopes: tuple[Scope, ...]
    engines: tuple[str, ...]
    args: tuple[str, ...] = ()
    least_items: int = 1
    optional: tuple[str, ...] = ()


#: How a dated parameter is found: `at` an item with the year or day, `by` items whose codes are part of its name.
DATED = ("at", "by")
#: What nobody is taxed up to: `limit` and, for each of `members` and oneself, `per`; `expected` codes say so.
EXEMPT = ("expected", "limit", "per", "members")
#: Arguments that name parameters (or whole numbers), and those that name items of the rule's group.
OF_PARAMETERS = ("rate", "parameter", "least", "most", "limit", "per", "extra", "unit")
OF_ITEMS = ("at", "by", "minus", "members", "income", "months", "times")
#: The closed set of rule kinds.
KINDS: dict[str, RuleKind] = {
    "required": RuleKind("CHK001", RECORD, ("pandera", "gx")),
    "form": RuleKind("CHK002", RECORD, ("pandera", "gx")),
    "max_chars": RuleKind("CHK003", RECORD, ("pandera", "gx")),
    "code": RuleKind("CHK004", RECORD, ("pandera", "gx")),
    "private_use": RuleKind("GLY010", RECORD, ("pandera",), (), 1, ("agreed",)),
    "required_if": RuleKind("CHK010", RECORD, ("pandera",), ("item", "values")),
    "empty_if": RuleKind("CHK011", RECORD, ("pandera",), ("item", "values")),
    "value_if": RuleKind("CHK012", RECORD, ("pandera",), ("item", "values", "expected")),
    "not_after": RuleKind("CHK013", RECORD, ("pandera",), (), 2),
    "check_digit": RuleKind("CHK014", RECORD, ("pandera",), ("number",)),
    "required_any": RuleKind("CHK015", RECORD, ("pandera",), (), 2),
    "period_length": RuleKind("CHK016", RECORD, ("pandera",), ("years", "days"), 2, ("months", "begun")),
    "sum": RuleKind("CHK030", RECORD, ("pandera",), (), 1, ("minus", "unit", "least")),
    "product": RuleKind(
        "CHK031", RECORD, ("pandera",), ("rate",), 2, (*DATED, "minus", "unit", "round", "least", "times", "of")
    ),
    "amount": RuleKind("CHK032", RECORD, ("pandera",), ("parameter",), 1, DATED),
    "limit": RuleKind("CHK033", RECORD, ("pandera",), (), 1, (*DATED, "least", "most")),
    "exempt": RuleKind("CHK034", RECORD, ("pandera",), EXEMPT, 2, (*DATED, "extra", "only")),
    "adjustment": RuleKind("CHK039", RECORD, ("pandera",), ("rate", "limit", "least"), 3, (*DATED, "income", "most")),
    "at_limit": RuleKind("CHK035", RECORD, ("pandera",), ("limit",), 1, (*DATED, "per", "members", "extra", "near")),
    "unique": RuleKind("CHK020", SET, ("duckdb",)),
    "gapless": RuleKind("CHK021", SET, ("duckdb",), (), 2),
    "one_of": RuleKind("CHK022", SET, ("duckdb",), ("value", "count"), 2),
    "agree": RuleKind("CHK023", SET, ("duckdb",), (), 2),
    "exists": RuleKind("CHK024", SET, ("duckdb",), ("group", "item")),
    "split": RuleKind("CHK036", SET, ("duckdb",), ("unit",), 3, ("order",)),
    "sum_of": RuleKind("CHK037", SET, ("duckdb",), ("group", "item"), 2, ("of_where",)),
    "apart": RuleKind("CHK038", SET, ("duckdb",), (), 3),
}


#: Kinds that look into another group.
OF_GROUPS = ("exists", "sum_of")
#: Arguments that any rule may have: it is judged only where `where` holds and `unless` does not.
EVERYWHERE = ("where", "unless")


def side_items(rule: Rule) -> tuple[str, ...]:
    """Items named by arguments: of `where` and `unless`, and those that are items themselves."""
    words = [word for name in EVERYWHERE for word in rule.args.get(name, "").split()]
    named = [item for name in OF_ITEMS for item in rule.args.get(name, "").split()]
    return tuple(dict.fromkeys([*(word.partition(":")[0] for word in words), *named]))


def parameters_of(rule: Rule, layout: StandardLayout, word: str) -> tuple[Parameter, ...]:
    """The rows of a parameter that a rule names: with `by` all that continue it after a point, else `word` itself."""
    continued = tuple(row for row in layout.parameters if row.name.startswith(f"{word}.")) if "by" in rule.args else ()
    return continued or tuple(row for row in layout.parameters if row.name == word)


def group_rules(layout: StandardLayout, group: Group, agreed: str = "") -> tuple[Rule, ...]:
    """All rules of a group: implied ones in item order, the key's uniqueness, then the rows of rules.csv.

    `agreed`: private-use characters that a loaded MJ+ list gives a meaning, as code points and ranges (`100000-1000FF`).
    """
    implied = [rule for item in group.items for rule in _implied(item, agreed)]
    key = Rule(
        rule=f"{group.group}.key", group=group.group, kind="unique", items=group.keys, args={}, scope=Scope.BATCH,
        outcome=Outcome.REJECT, engines=("duckdb",), basis="主キー", advice_staff="同じ鍵の行が旧システムにないか確認する",
        advice_engineer="union と sequence の鍵を確認する", line=0,
    )  # fmt: skip
    return (*implied, key, *(rule for rule in layout.rules if rule.group == group.group))


def _implied(item: StandardItem, agreed: str) -> list[Rule]:
    kinds = ["required"] if item.requirement is Requirement.REQUIRED else []
    kinds += ["form", "max_chars"]
    if item.code and item.code != "999":
        kinds.append("code")
    # The forms of all other types admit nothing beyond ASCII.
    if item.type in (StandardType.N, StandardType.BLOB):
        kinds.append("private_use")
    return [
        Rule(
            rule=f"{item.group}.{item.item}.{kind}", group=item.group, kind=kind, items=(item.item,),
            args={"agreed": agreed} if kind == "private_use" and agreed else {}, scope=Scope.CELL,
            outcome=Outcome.REJECT, engines=KINDS[kind].engines, basis=item.source, advice_staff="",
            advice_engineer="", line=item.line,
        )
        for kind in kinds
    ]  # fmt: skip


def check_rules(layout: StandardLayout, file: str, diagnostics: Diagnostics) -> None:
    """Every rule's kind, scope, engine, arguments and items against what exists."""
    for rule in layout.rules:
        file = rule.sheet or file
        group, kind = layout.group(rule.group), KINDS.get(rule.kind)
        if group is None:
            diagnostics.add(file, rule.line, "SPC020", what="group", name=rule.group)
            continue
        other = layout.group(rule.args["group"]) if rule.kind in OF_GROUPS and "group" in rule.args else group
        named = rule.args.get("item", "")
        if other is None or (named and other.item(named) is None):
            diagnostics.add(file, rule.line, "SPC020", what="item", name=f"{rule.args.get('group', '')}.{named}")
        for item in (*rule.items, *side_items(rule)):
            if group.item(item) is None:
                diagnostics.add(file, rule.line, "SPC020", what="item", name=item)
        if kind is None:
            diagnostics.add(file, rule.line, "SPC020", what="rule kind", name=rule.kind)
            continue
        _check_kind(rule, kind, file, diagnostics)
        _check_parameters(rule, layout, file, diagnostics)


def _check_parameters(rule: Rule, layout: StandardLayout, file: str, diagnostics: Diagnostics) -> None:
    """Every parameter that a rule names exists, and there is an item that dates it where it changes."""
    for name in OF_PARAMETERS:
        word = rule.args.get(name, "")
        if not word or word.isdigit():
            continue
        if rule.kind == "split":
            diagnostics.add(file, rule.line, "SPC008", column=name, value=word)
        rows = parameters_of(rule, layout, word)
        if not rows:
            diagnostics.add(file, rule.line, "SPC020", what="parameter", name=word)
        if "at" not in rule.args and any(row.valid_from or row.valid_to for row in rows):
            diagnostics.add(file, rule.line, "SPC031", name="at")


def _check_kind(rule: Rule, kind: RuleKind, file: str, diagnostics: Diagnostics) -> None:
    if rule.scope not in kind.scopes:
        diagnostics.add(file, rule.line, "SPC007", column="scope", value=rule.scope,
                        allowed=" | ".join(kind.scopes))  # fmt: skip
    for engine in rule.engines:
        if engine not in kind.engines:
            diagnostics.add(file, rule.line, "SPC007", column="engines", value=engine,
                            allowed=" | ".join(kind.engines))  # fmt: skip
    if "gx" in rule.engines and (
        set(EVERYWHERE) & rule.args.keys() or rule.outcome in (Outcome.FINDING, Outcome.BLANK)
    ):
        diagnostics.add(file, rule.line, "SPC061", rule=rule.rule)
    for name in rule.args:
        if name not in (*kind.args, *kind.optional, *EVERYWHERE):
            diagnostics.add(file, rule.line, "SPC020", what="argument", name=name)
    for name in kind.args:
        if not rule.args.get(name):
            diagnostics.add(file, rule.line, "SPC031", name=name)
    if len(rule.items) < kind.least_items:
        diagnostics.add(file, rule.line, "SPC032", expected=kind.least_items, found=len(rule.items))
