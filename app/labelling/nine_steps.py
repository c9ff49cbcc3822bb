"""The nine places of a scale that has steps, and their values from -1 to 1."""

NINE = 9
MIDDLE = 5


def value_of(place: int) -> float:
    """Return -1 to 1 for the places 1 to 9; beyond them there is nothing."""
    return (min(NINE, max(1, place)) - MIDDLE) / 4


def place_of(value: float) -> int:
    """Return the place, 1 to 9, nearest to a value."""
    return round(MIDDLE + 4 * value)
