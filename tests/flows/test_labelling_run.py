"""A whole labelling run by keyboard alone: engine, threads, window and file as they are, a hundred moments."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pylsl
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.labelling.annotation_session import AnnotationSession
from app.session.engine import Engine
from app.window.bridge import Bridge
from app.window.main_window import MainWindow
from app.window.shown_session import ShownSession
from benchmarks.labelling import CLASSES, Moments, labelled
from core.data import Label, Segment
from core.recording.labels import LabelStore
from tests.keys_and_mouse import QTest

N = 100
SHIFT = Qt.KeyboardModifier.ShiftModifier
DIGITS = [getattr(Qt.Key, f"Key_{k}") for k in range(1, 8)]


class Opened:
    """Windows on engines that keep their answers in one file."""

    def __init__(self, qtbot: QtBot, path: Path) -> None:
        self.path = path
        self.bridges: list[Bridge] = []
        self.windows: list[MainWindow] = []
        self._qtbot = qtbot

    def window(self, engine: Engine) -> MainWindow:
        known = self.rows()
        self.bridges.append(Bridge(engine.outbox, 1))
        window = MainWindow(self.bridges[-1], ShownSession(CLASSES, engine.put, pylsl.local_clock, known=known))
        self._qtbot.addWidget(window)
        with self._qtbot.waitExposed(window):
            window.show()
        self.windows.append(window)
        return window

    def rows(self) -> list[Label]:
        with LabelStore(self.path) as store:
            return store.all()

    def until(self, condition: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(condition)

    def until_next(self, annotation: AnnotationSession, asked: Segment | None) -> None:
        self.until(lambda: annotation.current is not asked)


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    made = Opened(qtbot, tmp_path / "labels.sqlite")
    yield made
    for bridge in made.bridges:
        bridge.stop()


def has_done(annotation: AnnotationSession, n: int) -> bool:
    return len(annotation._done) == n


def answer(window: MainWindow, k: int) -> int:
    """Answer the k-th moment as a person would; return how many keys that took."""
    if k % 10 == 9:  # scales and confidence, then the class
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Up):
            QTest.keyClick(window, key, SHIFT)
        QTest.keyClick(window, Qt.Key.Key_C)
        QTest.keyClick(window, DIGITS[k % 7])
        return 5
    if k % 10 == 8:
        refusals = (Qt.Key.Key_0, Qt.Key.Key_A, Qt.Key.Key_N, Qt.Key.Key_K)
        QTest.keyClick(window, refusals[k // 10 % 4])
        return 1
    QTest.keyClick(window, DIGITS[k % 7])
    return 1


def test_a_hundred_moments_by_keyboard_each_on_disk_before_the_next_shows(opened: Opened) -> None:
    with labelled(Moments(N), opened.path) as engine:
        window = opened.window(engine)
        annotation = window.labelling.annotation
        opened.until(lambda: annotation.n_waiting == N)
        n_keys, on_disk = 0, 0
        store = LabelStore(opened.path)
        for k in range(N):
            asked = annotation.current
            assert asked is not None
            n_keys += answer(window, k)
            opened.until_next(annotation, asked)
            newest = store.all()[-1]
            on_disk += newest.segment == asked.uid
            assert window.labelling.playback._clip is not None or k == N - 1
        store.__exit__(None, None, None)
        assert on_disk == N
        assert n_keys == 140
        for _ in range(3):
            n_done = len(annotation._done)
            QTest.keyClick(window, Qt.Key.Key_U)
            opened.until(partial(has_done, annotation, n_done - 1))
        for _ in range(3):
            n_done = len(annotation._done)
            QTest.keyClick(window, Qt.Key.Key_U, SHIFT)
            opened.until(partial(has_done, annotation, n_done + 1))
        assert (annotation.n_done, annotation.n_skipped, annotation.n_waiting) == (98, 2, 0)
    given = opened.rows()
    assert len(given) == N + 6
    with LabelStore(opened.path) as store:
        standing = store.current()
    assert len(standing) == 98
    assert {label.label for label in standing if label.answer == "label"} == set(CLASSES)
    assert sum(label.valence == 0.1 and label.arousal == 0.2 and label.confidence == 0 for label in standing) == 10
    assert all(not label.prediction_shown and label.n_plays >= 1 for label in standing)


def answer_some(opened: Opened, n_total: int, n_done: int, n_answers: int) -> None:
    with labelled(Moments(n_total), opened.path) as engine:
        annotation = opened.window(engine).labelling.annotation
        opened.until(lambda: annotation.n_waiting + annotation.n_done == n_total)
        assert annotation.n_done == n_done
        for _ in range(n_answers):
            asked = annotation.current
            QTest.keyClick(opened.windows[-1], Qt.Key.Key_2)
            opened.until_next(annotation, asked)


def test_who_comes_back_goes_on_where_they_stopped(opened: Opened) -> None:
    answer_some(opened, 6, 0, 4)
    answer_some(opened, 6, 4, 2)
    assert len({label.segment for label in opened.rows()}) == len(opened.rows()) == 6
