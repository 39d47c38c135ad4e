"""The page about a night: what is new, what is gone, what is still there, and what to do first. Counts and codes, no value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dmig.errors.catalogue import catalogue
from dmig.model.rehearsal import Cause, Night, RehearsalPlan, Rehearsed
from dmig.model.small_groups import SMALL
from dmig.rehearsal.comparing import Changes
from dmig.report.page import policy

#: So many causes of each kind stand on the page; the record of the night has all.
MOST_CAUSES = 12
VERDICTS = {
    0: "合格",
    1: "不合格（関門）",
    2: "呼び方の誤り",
    3: "宣言の誤り",
    4: "不一致",
    5: "環境の障害",
    70: "プログラムの誤り",
}
STATES = {"pass": "合格", "fail": "不合格", "could not judge": "判定できず", "error": "中止", "skipped": "見送り"}
WHAT = {"fault": "中止", "difference": "突合の相違", "total": "合計の不一致", "rule": "業務間の規則", "reject": "拒否",
        "blank": "空欄", "finding": "注意"}  # fmt: skip
_FIRST = {
    70: "プログラムの誤りです。実行の標準エラーを添えて開発元に知らせてください。",
    5: "環境の障害です。下の「中止」の原因を除き、dmig rehearse … --resume で続けてください。",
    3: "宣言ファイルに誤りがあります。dmig check を実行し、示された行を直してください。",
    4: "元と先が一致しません。公開せず、下の「突合の相違」「合計の不一致」を最初に調べてください。",
    1: "関門を超えています。新しい原因から順に調べてください。",
    0: "することはありません。",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Digest:
    """What the page tells: the night, the one before, what changed, and how it ran.

    `missing`: nights that should have been in between, -1 where the clock went back; `interrupted`: the night before was
    begun and not ended. `from_to`: when it ran, by the local clock.
    """

    plan: RehearsalPlan
    site: str
    night: Night
    before: Night | None
    changes: Changes
    exit_code: int
    over_minutes: int
    missing: int
    interrupted: bool
    from_to: str

    @property
    def verdict(self) -> str:
        """In one word."""
        return VERDICTS[self.exit_code]

    @property
    def notes(self) -> list[str]:
        """What is to be known about the night itself."""
        return list(_notes(self))

    @property
    def first(self) -> list[str]:
        """What to do first."""
        return list(_first(self))

    @property
    def operations(self) -> list[Operation]:
        """A line for each operation."""
        return [_operation(one, self.changes) for one in self.night.operations]

    def causes(self, name: str) -> list[Line]:
        """Lines of the new, resolved or recurring causes, as many as the page has room for."""
        night = self.night if name != "resolved" or self.before is None else self.before
        causes, counts = getattr(self.changes, name)[:MOST_CAUSES], night.causes
        return [_line(cause, counts.get(cause), night.label(cause)) for cause in causes]

    def count(self, name: str) -> int:
        """How many causes are new, resolved or recurring."""
        return len(getattr(self.changes, name))


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the page shows it."""

    name: str
    state: str
    good: bool
    records: str
    elapsed: str
    elapsed_s: float
    changed: str
    run_id: str


@dataclass(frozen=True, slots=True)
class Line:
    """One cause as the page shows it."""

    operation: str
    what: str
    code: str
    text: str
    place: str
    records: str


def _operation(one: Rehearsed, changes: Changes) -> Operation:
    parts = changes.changed.get(one.operation, ())
    names = {"program": "プログラム", "plan": "宣言"}
    files = [part for part in parts if part not in names]
    told = [names[part] for part in parts if part in names] + ([f"入力 {len(files)} ファイル"] if files else [])
    changed = "、".join(told)
    records = f"{one.records:,}" if one.judged else "—"
    changed = changed or ("—" if one.judged else "前回の原因を残す")
    good, took = one.exit_code == 0, clock(one.elapsed_s)
    return Operation(one.operation, STATES[one.status], good, records, took, one.elapsed_s, changed, one.run_id)


def _line(cause: Cause, count: int | None, place: str) -> Line:
    row = catalogue().get(cause.code)
    # A message with places to fill in names them; on the page of a night there is nothing to fill them with.
    text = row.ja if row and "{" not in row.ja else ""
    many = "" if cause.what in ("fault", "total", "rule") else SMALL if count is None else f"{count:,}"
    return Line(cause.operation, WHAT[cause.what], cause.code, text, place, many)


def _notes(digest: Digest) -> Iterator[str]:
    if digest.before is None:
        yield "最初のリハーサルです。比べる前回がないので、すべての原因を新しいものとしています。"
    elif digest.changes.is_quiet:
        yield f"前回（第{digest.before.number}夜）から何も変わっていません。公開候補のハッシュもすべて同じです。"
    elif digest.changes.same_hashes:
        yield "入力か宣言は変わりましたが、公開候補のハッシュはすべて前回と同じです。"
    if digest.changes.strayed:
        yield f"入力・宣言・プログラムが同じなのに結果が違います: {'、'.join(digest.changes.strayed)}"
    if digest.over_minutes:
        yield f"終了が予定の時間帯を {digest.over_minutes:,} 分超えました。"
    if digest.missing > 0:
        yield f"前回との間に、実行されなかった夜が {digest.missing} 回あります。"
    if digest.missing < 0:
        yield "時計が前回より前を指しています。順序は番号で判断しました。時計を確かめてください。"
    if digest.interrupted:
        yield "前の夜のリハーサルは途中で止まりました。比べたのは、最後まで終わった夜です。"
    if digest.changes.unjudged:
        yield f"判定できなかった業務があります（原因は前に分かったまま）: {'、'.join(digest.changes.unjudged)}"


def _first(digest: Digest) -> Iterator[str]:
    yield _FIRST[digest.exit_code]
    for cause in [c for c in (*digest.changes.new, *digest.changes.recurring) if c.what != "finding"][:3]:
        row = catalogue().get(cause.code)
        remedy = f"：{row.remedy_ja}" if row and "{" not in row.remedy_ja else ""
        yield f"{cause.operation} {WHAT[cause.what]} {cause.code} {digest.night.label(cause)}{remedy}"


def clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def digest_text(digest: Digest) -> str:
    """The page as plain text, for a mail or a terminal."""
    night = digest.night
    lines = [
        f"{digest.plan.title}  {digest.site}  第{night.number}夜  {digest.from_to}",
        f"判定: {digest.verdict}  (exit {digest.exit_code})",
        f"原因: 新しい {digest.count('new')}  解消 {digest.count('resolved')}  継続 {digest.count('recurring')}",
        *digest.notes,
        "",
        "最初にすること",
        *(f"  {n}. {step}" for n, step in enumerate(digest.first, start=1)),
        "",
        "業務",
        *(f"  {one.name}  {one.state}  記録 {one.records}  {one.elapsed}  変更: {one.changed}  {one.run_id}"
          for one in digest.operations),
    ]  # fmt: skip
    for name, title in TITLES.items():
        if digest.count(name):
            lines += ["", f"{title}（{digest.count(name)}）", *(_told(line) for line in digest.causes(name))]
            rest = digest.count(name) - MOST_CAUSES
            lines += [f"  ほか {rest} 件は night.json にあります"] if rest > 0 else []
    return "\n".join(lines) + "\n"


TITLES = {"new": "新しい原因", "resolved": "解消した原因", "recurring": "継続している原因"}


def _told(line: Line) -> str:
    return "  " + "  ".join(
        part for part in (line.operation, line.what, line.code, line.text, line.place, line.records) if part
    )


def digest_page(digest: Digest) -> str:
    """The page as one self-contained HTML file that loads nothing."""
    style = resources.files("dmig.rehearsal").joinpath("templates", "digest.css").read_text(encoding="utf-8")
    longest = max((one.elapsed_s for one in digest.operations), default=0.0) or 1.0
    return _environment().get_template("digest.html.j2").render(
        digest=digest, titles=TITLES, style=Markup(style), policy=policy(style, ""), longest=longest,  # noqa: S704
        total=clock(digest.night.ended_s - digest.night.started_s), most=MOST_CAUSES,
    )  # fmt: skip


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("dmig.rehearsal", "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
