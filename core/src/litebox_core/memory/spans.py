"""Lists of spans: begin and end of some bytes each."""

__all__ = ["Span", "clipped", "merged", "without"]

Span = tuple[int, int]


def merged(spans: list[Span]) -> list[Span]:
    """The same bytes in order, nothing twice."""
    spans.sort()
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def clipped(spans: list[Span], to: list[Span]) -> list[Span]:
    """What of some spans lies in others."""
    return [
        (max(start, low), min(end, high)) for start, end in spans for low, high in to if start < high and low < end
    ]


def without(spans: list[Span], others: list[Span]) -> list[Span]:
    """What of some spans does not lie in others, which are in order."""
    rest: list[Span] = []
    for start, end in spans:
        for low, high in others:
            if high <= start or low >= end:
                continue
            if start < low:
                rest.append((start, low))
            start = max(start, high)
        if start < end:
            rest.append((start, end))
    return rest
