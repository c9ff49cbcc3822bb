from app.timeline.trace_extent import SCALES_UV, TraceExtent


def test_it_zooms_in_steps_and_stops_at_the_ends() -> None:
    extent = TraceExtent()
    extent.zoom(1)
    assert extent.scale_uv == 75.0
    for _ in range(20):
        extent.zoom(-1)
    assert extent.scale_uv == SCALES_UV[-1]


def test_a_scale_is_never_taken_from_a_person() -> None:
    found, chosen = TraceExtent(), TraceExtent()
    found.suit(140.0, 61.0)
    chosen.zoom(-1)
    chosen.suit(140.0, 61.0)
    assert (found.scale_uv, found.near_uv) == (150.0, 75.0)
    assert (chosen.scale_uv, chosen.near_uv) == (150.0, 150.0)


def test_all_channels_are_shown_where_there_is_room() -> None:
    extent = TraceExtent()
    extent.fit(19, 50)
    assert (extent.first, extent.last) == (0, 19)


def test_128_channels_in_a_small_room_are_reached_in_half_pages() -> None:
    extent = TraceExtent()
    extent.fit(128, 40)
    seen = set(range(extent.first, extent.last))
    for _ in range(6):
        extent.scroll(1)
        seen |= set(range(extent.first, extent.last))
    assert seen == set(range(128))
    extent.scroll(-100)
    assert extent.first == 0


def test_fewer_channels_are_further_apart_and_stay_within_the_stream() -> None:
    extent = TraceExtent()
    extent.fit(64, 100)
    extent.scroll(5)
    counts = []
    for steps in (-1, -1, 1, 1, 1):
        extent.crowd(steps)
        counts.append(extent.n_rows)
        assert extent.last <= 64
    assert counts == [48, 32, 48, 64, 64]
