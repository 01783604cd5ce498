"""How tables of words are written down: with white space between, in as many lines as it takes."""


def words(text: str) -> frozenset[str]:
    """Return the words of a table as a set."""
    return frozenset(text.split())


def in_order(text: str) -> tuple[str, ...]:
    """Return the words of a table, one after the other."""
    return tuple(text.split())
