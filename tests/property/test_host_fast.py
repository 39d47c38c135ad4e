"""The compiled loop of the extra `fast` gives the texts, faults and findings of the numpy kernels, byte for byte."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmig.charset.catalogue import charset
from dmig.charset.decoding import decode_double, decode_text
from dmig.charset.fast import decode_fast, is_available
from dmig.charset.nouns import Trim

pytestmark = pytest.mark.skipif(not is_available(), reason="numba is not installed (dmig[fast])")
SETS = (
    "ibm-930",
    "ibm-939",
    "ibm-1390",
    "ibm-1399",
    "ibm-300",
    "jef",
    "keis78",
    "keis83",
    "jips-j",
    "jips-e",
    "cp037",
    "ascii",
)
#: Shifts of all families, blanks, and bytes of common codes; and whatever else.
BYTES = st.sampled_from([0x0E, 0x0F, 0x28, 0x29, 0x38, 0x0A, 0x41, 0x42, 0x1A, 0x70, 0x71, 0x40, 0x43, 0xA4, 0xA1, 0xC1, 0xF1,
                         0x30, 0x21, 0x3C, 0xE2]) | st.integers(0, 255)  # fmt: skip


@given(st.sampled_from(SETS), st.integers(1, 14), st.sampled_from(Trim), st.data())
def test_both_kernels_agree_on_any_bytes(name: str, width: int, trim: Trim, draw: st.DataObject) -> None:
    own = charset(name)
    rows = draw.draw(st.lists(st.lists(BYTES, min_size=width, max_size=width), min_size=1, max_size=12))
    records = np.array(rows, np.uint8)
    for double, one in ((False, decode_text), (True, decode_double)):
        if double and own.double is None:
            continue
        texts, faults, findings = one(own, records, trim)
        fast = decode_fast(own, records, trim, double=double)
        assert fast[0].to_pylist() == texts.to_pylist()
        assert fast[1].tolist() == faults.tolist()
        assert fast[2].tolist() == findings.tolist()
        fast[0].validate(full=True)


def test_slices_of_records_that_may_not_be_written_are_read_in_place() -> None:
    own = charset("ibm-939")
    records = np.frombuffer(b"\xf1\xf2\x0e\x45\x62\x0f\x40\x40" * 3, np.uint8).reshape(3, 8)
    texts, faults, _ = decode_fast(own, records[:, 1:7], Trim.RIGHT, double=False)
    assert texts.to_pylist() == [own.single.codes[0xF2] + own.double.codes[0x4562]] * 3  # type: ignore[union-attr]
    assert not faults.any()
