"""The state file: what was written is read again; anything else is refused."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmig.errors import DmigError, ExitCode
from dmig.store.state import State, digest


def written(folder: Path) -> Path:
    path = folder / "state.json"
    state = State(path)
    state.complete("start", "key-1", {})
    state.complete("read", "key-2", {"rows": 3, "漢字": "値"})
    return path


def test_what_was_completed_is_known_again(tmp_path: Path) -> None:
    state = State(written(tmp_path))
    assert state.done("read", "key-2") == {"rows": 3, "漢字": "値"}
    assert state.done("start", "key-1") == {}
    assert state.done("read", "key-1") is None
    assert state.done("write", "key-2") is None


def test_a_new_file_knows_nothing_and_writes_nothing(tmp_path: Path) -> None:
    state = State(tmp_path / "state.json")
    assert state.stages == {}
    assert state.done("start", "key") is None
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_private_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    content = path.read_bytes()
    assert len(content) > 100
    for size in range(len(content)):
        path.write_bytes(content[:size])
        with pytest.raises(DmigError) as refused:
            State(path)
        assert (refused.value.code, refused.value.exit_code) == ("RUN001", ExitCode.ENVIRONMENT)


def test_every_changed_byte_is_refused(tmp_path: Path) -> None:
    """But for blanks of the outer form, which mean nothing, no byte may change."""
    path = written(tmp_path)
    content, whole = path.read_bytes(), State(path).stages
    for at in range(len(content)):
        for byte in {content[at] ^ 1, ord("0"), ord(" ")} - {content[at]}:
            path.write_bytes(content[:at] + bytes([byte]) + content[at + 1 :])
            try:
                state = State(path)
            except DmigError as error:
                assert error.code == "RUN001"
            else:
                assert state.stages == whole


@pytest.mark.parametrize(
    "content",
    [b"{}", b"[]", b"null", b'"text"', b"1", b'{"stages": "{}"}', b'{"sha256": "", "stages": "{}"}', b"\xff\xfe",
     json.dumps({"sha256": 1, "stages": "{}"}).encode(), b"\x00" * 20],
)  # fmt: skip
def test_other_forms_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)
    with pytest.raises(DmigError) as refused:
        State(path)
    assert refused.value.code == "RUN001"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(one=JSON, other=JSON)
def test_digests_are_equal_exactly_for_equal_values(one: object, other: object) -> None:
    assert digest(one) == digest(one)
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (digest(one) == digest(other)) is same


def test_a_digest_does_not_depend_on_the_order_of_keys_and_is_not_a_join() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert len({digest("a", "b"), digest("ab"), digest(["a", "b"]), digest("b", "a")}) == 4
