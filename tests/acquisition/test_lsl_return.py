"""Who comes back after a loss: only what can be no other is taken by itself, with real outlets on this machine."""

import contextlib
from dataclasses import replace

import pylsl
import pytest

from acquisition.lsl import LslSource, eeg_streams
from acquisition.lsl_watch import StreamWatch
from core.config import EegConfig
from core.data import Chunk, Notice
from tests.headsets import HEADSETS, FakeOutlet

MUSE = HEADSETS["bluemuse"]


def is_told(words):
    return lambda item: isinstance(item, Notice) and words in item.text


def is_chunk(item):
    return isinstance(item, Chunk)


def is_of(outlet):
    """Whether a chunk came from an outlet, by the seed of its signal: the stamps are those that it sent."""
    return lambda item: is_chunk(item) and any(item.timestamps[-1] in stamps for stamps in outlet.stamps)


@pytest.fixture
def watch():
    with StreamWatch() as watch:
        yield watch


@pytest.fixture
def twins(watch, streaming):
    """Two people with headsets that only their outlets tell apart, both of which have gone."""
    with contextlib.ExitStack() as stack:
        with FakeOutlet(MUSE, seed=1) as one, FakeOutlet(MUSE, seed=2) as two, streaming(one, two):
            configs = eeg_streams(EegConfig(), 2)
            a, b = (stack.enter_context(LslSource(c, who, watch=watch)) for c, who in zip(configs, "AB", strict=True))
        yield a, b


def test_one_of_two_twins_is_nobodys_until_a_person_says_whose(twins, streaming, read_until):
    a, b = twins
    with FakeOutlet(MUSE, seed=2) as back, streaming(back):
        for source in (a, b):
            told = read_until(source, is_told("is not taken again by itself"))[-1]
            assert f"There is {MUSE.name!r} (source_id {MUSE.source_id!r}, on " in told.text
            assert "two were here that only their outlets told apart" in told.text
            assert "Take the right one by hand" in told.text
            assert [c.source_id for c in source.candidates] == [MUSE.source_id]
        assert not any(is_chunk(a.read(0.05)) for _ in range(20))
        b.take_back(b.candidates[0])
        text = read_until(b, is_told("is back after"))[-1].text
        assert text.endswith(f"It was taken by hand, with source_id {MUSE.source_id!r} as before.")
        read_until(b, is_of(back))
        assert b.candidates == ()
        # What is one person's is offered to nobody else.
        while a.candidates:
            assert not is_chunk(a.read(0.05))
        with FakeOutlet(MUSE, seed=1) as other, streaming(other):
            while not a.candidates:
                assert not is_chunk(a.read(0.05))
            a.take_back(a.candidates[0])
            read_until(a, is_of(other))


def test_the_one_of_two_that_went_is_taken_while_the_other_is_there(watch, streaming, read_until):
    with FakeOutlet(MUSE, seed=2) as stays, contextlib.ExitStack() as stack:
        with FakeOutlet(MUSE, seed=1) as goes, streaming(goes, stays):
            predicates = [f"uid='{found.uid()}'" for found in _by_age()]
            source = stack.enter_context(LslSource(EegConfig(predicate=predicates[-1]), "A", watch=watch))
            read_until(source, is_of(goes))
        with FakeOutlet(MUSE, seed=3) as back, streaming(stays, back):
            read_until(source, is_of(back))


def test_a_twin_that_came_later_is_not_taken(watch, streaming, read_until):
    with contextlib.ExitStack() as stack:
        with FakeOutlet(MUSE, seed=1) as mine, streaming(mine):
            source = stack.enter_context(LslSource(EegConfig(), "A", watch=watch))
            late = stack.enter_context(FakeOutlet(MUSE, seed=2))
            until = pylsl.local_clock() + 12.0  # it is looked round every four seconds
            while pylsl.local_clock() < until and len(watch.heard()) < 2:
                source.read(0.05)
            read_until(source, is_of(mine))
            again = pylsl.local_clock() + 1.5
            read_until(source, lambda item: is_chunk(item) and item.timestamps[-1] > again)
        with streaming(late):
            told = read_until(source, is_told("is not taken again by itself"))[-1]
            assert "was there beside it, so it is another one" in told.text


def test_a_program_that_makes_a_new_source_id_at_each_start_is_offered(watch, streaming, read_until):
    with contextlib.ExitStack() as stack:
        with FakeOutlet(replace(MUSE, source_id="1234")) as first, streaming(first):
            source = stack.enter_context(LslSource(EegConfig(), "A", watch=watch))
        with FakeOutlet(replace(MUSE, source_id="-5678")) as again, streaming(again):
            told = read_until(source, is_told("is not taken again by itself"))[-1]
            assert f"There is {MUSE.name!r} (source_id '-5678'," in told.text
            assert "with another source_id than '1234'" in told.text
            assert not any(is_chunk(source.read(0.05)) for _ in range(10))
            key = source.infos[0].key
            source.take_back(source.candidates[0])
            items = read_until(source, is_of(again))
            assert any(is_told("taken by hand, with source_id '-5678' instead of '1234'")(item) for item in items)
            assert items[-1].stream == key


def test_another_layout_is_no_candidate(watch, streaming, read_until):
    with contextlib.ExitStack() as stack:
        with FakeOutlet(replace(MUSE, source_id="1234")) as first, streaming(first):
            source = stack.enter_context(LslSource(EegConfig(grace=0.5), "A", watch=watch))
        with FakeOutlet(replace(MUSE, source_id="-5678", parts=MUSE.parts[:4])) as other, streaming(other):
            read_until(source, is_told("has not come back"))
            assert source.candidates == ()


def _by_age():
    return sorted(pylsl.resolve_streams(1.0), key=lambda found: found.created_at())
