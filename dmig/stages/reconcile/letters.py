"""The word `letters` of the signatures: a text without spaces and without differences of width."""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pyarrow.compute as pc

#: Characters that Unicode's compatibility folding changes though they are no half- or full-width forms: a 﨑 or ① that
#: became another character is a difference.
OTHER_FORMS = "[\u00a0-\u00ff\u2000-\u2fff\u3100-\u33ff\uf900-\ufaff\U0002f800-\U0002fa1f]"
SPACES = "[ \u3000\r\n]"


def letters(chunks: pa.ChunkedArray) -> pa.Array:
    """Half- and full-width forms folded, spaces and line ends left out; nothing left is null."""
    texts = chunks.combine_chunks()
    folded = pc.utf8_normalize(texts, form="NFKC")
    other = pc.fill_null(pc.match_substring_regex(texts, OTHER_FORMS), False)
    if pc.any(other).as_py():
        apart = [_folded(text) for text in texts.filter(other).to_pylist()]
        folded = pc.replace_with_mask(folded, other, pa.array(apart, folded.type))
    bare = pc.replace_substring_regex(folded, SPACES, "")
    return pc.if_else(pc.equal(pc.utf8_length(bare), 0), pa.scalar(None, bare.type), bare)


def _folded(text: str) -> str:
    """Only half- and full-width forms folded, runs of them together because a mark belongs to the kana before it."""
    pieces, run = [], ""
    for character in text:
        if "\uff00" <= character <= "\uffef":
            run += character
            continue
        pieces += [unicodedata.normalize("NFKC", run), character]
        run = ""
    return "".join([*pieces, unicodedata.normalize("NFKC", run)])
