"""The key in an Authorization header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.errors import Unauthorized
from hoarfrost.protocol.auth import bearer_key


@pytest.mark.parametrize(
    "header",
    ["Bearer hf_S3-cr.e~t/+==", "bearer hf_S3-cr.e~t/+==", " BEARER \t hf_S3-cr.e~t/+== "],
)
def test_reads_the_key(header: str) -> None:
    """The scheme's case and the white space around the key do not matter."""
    assert bearer_key(header) == "hf_S3-cr.e~t/+=="


def test_reads_the_key_of_the_older_scheme() -> None:
    """Early clients of Rime send ``Api-Key``."""
    assert bearer_key("Api-Key hf_S3-cr.e~t/+==") == "hf_S3-cr.e~t/+=="


@pytest.mark.parametrize(
    ("header", "headline"),
    [
        (None, "missing headers"),
        ("", "empty apikey"),
        ("Bearer ", "empty apikey"),
        ("Basic x", "invalid api key"),
        ("Bearer x y", "invalid api key"),
    ],
)
def test_a_fault_has_the_words_of_rimes_clients(header: str | None, headline: str) -> None:
    """They look for these in the first line of an answer."""
    with pytest.raises(Unauthorized) as refused:
        bearer_key(header)
    assert refused.value.headline == headline


REFUSED = [
    (None, "got no such header"),
    ("", "got an empty header"),
    (" ", "got an empty header"),
    ("Bearer", "got 'Bearer' without a key"),
    ("Bearer  ", "got 'Bearer' without a key"),
    ("s3cret", "does not begin with 'Bearer '"),
    ("Basic s3cret", "does not begin with 'Bearer '"),
    ("Bearers3cret", "does not begin with 'Bearer '"),
    ("Bearer s3cret s3cret", "got several values"),
    ("Bearer s3cret, Bearer s3cret", "got several values"),
    ("Bearer s3cret,s3cret", "got several values"),
    ("Bearer s3cret\u00e9", "not visible ASCII"),
    ("Bearer s3cret\x7f", "not visible ASCII"),
]


@pytest.mark.parametrize(("header", "told"), REFUSED)
def test_says_what_is_wrong_without_the_key(header: str | None, told: str) -> None:
    """Each way to get it wrong has a message of its own, and none repeats what was sent."""
    with pytest.raises(Unauthorized) as refused:
        bearer_key(header)
    assert told in str(refused.value)
    assert "expected 'Bearer KEY'" in str(refused.value)
    assert "s3cret" not in str(refused.value)


@given(st.text())
def test_any_header_is_a_key_or_refused(header: str) -> None:
    """No header whatsoever raises anything but Unauthorized, or gives a key with a gap in it."""
    try:
        key = bearer_key(header)
    except Unauthorized:
        return
    assert key.isascii()
    assert key.isprintable()
    assert not {" ", ","} & set(key)
