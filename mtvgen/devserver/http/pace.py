"""Time limits for a client: it may be slow for a while, but not drip forever."""

from __future__ import annotations

GRACE_SECONDS = 30.0  # a train in a tunnel, a laptop that wakes up
LEAST_BYTES_A_SECOND = 16 * 1024  # after that; the slowest networks of today carry more


class Pace:
    """The time that a client has taken for the bytes of one request, or of one answer.

    Only waiting counts: what the application does meanwhile may take as long as it likes.
    """

    def __init__(self) -> None:
        self._seconds = 0.0
        self._bytes = 0

    def count(self, size: int, seconds: float) -> None:
        """Note what it has taken.

        Args:
            size: Bytes that came, or went.
            seconds: How long they were waited for.

        Raises:
            TimeoutError: All in all it is too slow.
        """
        self._bytes += size
        self._seconds += seconds
        if self._seconds > GRACE_SECONDS + self._bytes / LEAST_BYTES_A_SECOND:
            raise TimeoutError("the client is too slow")
