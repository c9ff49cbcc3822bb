"""The path from items to events: one object, one owner, no thread, the same for live, replay and simulation."""

from __future__ import annotations

import dataclasses
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from core.active.label_queue import LabelQueue
from core.calibration import AdaptiveSets, condition_of
from core.config import Config
from core.data import (
    Array,
    Chunk,
    Event,
    FaceObservation,
    Item,
    Label,
    ModelChange,
    NeutralFace,
    Notice,
    Pace,
    Prediction,
    Rating,
    RunningNeutral,
    Segment,
    StreamInfo,
    Window,
)
from core.face_submit import Submit
from core.faces import FaceStage
from core.label_rules import covers, shares_of
from core.models.face import FaceReader
from core.neutral_watch import NeutralWatch
from core.predictor import Predictor
from core.stamps import LATEST_S, all_times
from core.windowing import Cut, Windower


class Pipeline:
    """Cuts windows, predicts, and asks for labels, for all participants of a session.

    Its output depends on the items and their order alone: never on the clock, on threads, or on how fast they come.
    What a camera's frames show comes as items of its own if the stream says so (`StreamInfo.face_reading`); else the
    pictures are looked at here.

    Parameters
    ----------
    infos : sequence of StreamInfo
    predictor : Predictor
        The model that reads first.
    config : Config
    face_reader : FaceReader
    find : callable
        Gives the model that a `ModelChange` names, None if it is not at hand or reads other windows.
    """

    def __init__(
        self,
        infos: Sequence[StreamInfo],
        predictor: Predictor,
        config: Config,
        face_reader: FaceReader,
        find: Callable[[ModelChange], Predictor | None] = lambda _: None,
    ) -> None:
        names = sorted({info.participant for info in infos if info.kind in ("eeg", "video")})
        self._reads_further = bool(predictor.further)
        self._predictor = predictor
        self._find = find
        self._strays = False
        self._patience = config.window.patience
        self._batched = len(names) > 1 and predictor.device.type != "cpu"
        self._participants = {name: _Participant(name, infos, predictor, config, face_reader) for name in names}
        self._owner = {info.key: info.participant for info in infos if info.kind in ("eeg", "video")}
        self._held: dict[float, list[Window]] = {}
        for info in infos:
            self._join(info)

    def push(self, item: Item) -> list[Event]:
        """Take the next item in order of arrival; return what follows from it, in order."""
        (events,) = self.push_all([item])
        return events

    def look_at(self, items: Sequence[Item], submit: Submit) -> None:
        """Look at the pictures among items that are pushed later, behind all that were looked at before.

        Faces are looked for here; what they show is read where `submit` has it read.
        """
        for one in self._participants.values():
            one.look_at(items, submit)

    def push_all(self, items: Sequence[Item]) -> list[list[Event]]:
        """Take the next items in order of arrival; return what follows from each of them.

        That is what follows when they are pushed one by one, but all their windows are read and predicted together.
        """
        out: list[list[Event]] = []
        steps: list[_Step] = []
        for item in items:
            if isinstance(item, ModelChange):
                out += [*self._follow(steps), self._change_model(item)]
                steps = []
            else:
                steps.append(self._take(item))
        return [*out, *self._follow(steps)]

    def _take(self, item: Item) -> _Step:
        """Take an item, but for what its windows hold and what follows from that."""
        if isinstance(item, Chunk):
            name = self._owner.get(item.stream)
            return _NOTHING if name is None else self._participants[name].take(item)
        if isinstance(item, Pace):
            for one in self._participants.values():
                one.n_left = item.windows
        if isinstance(item, StreamInfo):
            self._join(item)
        if isinstance(item, (Notice, Rating, StreamInfo, Pace, ModelChange)):
            return _NOTHING
        whose = self._participants.get(item.participant)
        return _NOTHING if whose is None else whose.take(item)

    def _join(self, info: StreamInfo) -> None:
        """Take a stream that is neither EEG nor video; one that is of nobody is of whoever is alone."""
        alone = next(iter(self._participants), "") if len(self._participants) == 1 else ""
        name = info.participant or alone
        if self._reads_further and info.kind == "other" and name in self._participants:
            self._owner[info.key] = name
            self._participants[name].join(info)

    def _change_model(self, change: ModelChange) -> list[Event]:
        """Have another model read from the next window on, if it is the one before that reads now."""
        # Once another model reads than did when it was recorded, what came later then does not belong to it.
        self._strays |= change.before not in ("", self._predictor.sha256)
        if (self._strays and change.before) or change.model == self._predictor.sha256:
            return []
        found = self._find(change)
        if found is None:
            text = (
                f"From here on {change.file or change.model[:12]} read when this was recorded. It is not in the "
                "study's models any more, so the model before reads on."
            )
            return [Notice("", change.time, "info", text)]
        found.take_over(self._predictor)
        self._predictor = found
        for one in self._participants.values():
            one.change_model(found)
        # Where somebody goes about in a recording, it is no news.
        news = f"From here on {change.file or change.model[:12]} reads."
        return [Notice("", change.time, "info", news)] if change.before else []

    def _follow(self, all_steps: Sequence[_Step]) -> list[list[Event]]:
        """Read and predict the windows of some steps, and return what follows from each step."""
        steps = [step for step in all_steps if step is not _NOTHING]
        found = iter(self._follow_all(steps) if steps else ())
        return [[] if step is _NOTHING else next(found) for step in all_steps]

    def _follow_all(self, steps: Sequence[_Step]) -> list[list[Event]]:
        windows = self._read(steps)
        wanted = [
            [window for window, one in zip(some, step.cuts, strict=True) if one.wanted]
            for some, step in zip(windows, steps, strict=True)
        ]
        # On a GPU the bits hang on the batch: there each step has its own, as live.
        due = [self._release(some) for some in wanted] if self._batched else wanted
        if self._predictor.device.type == "cpu":
            asked = [window for some in due for window in some]
            together = iter(self._predictor.predict(asked) if asked else ())
            said = [[next(together) for _ in some] for some in due]
        else:
            said = [self._predictor.predict(some) if some else [] for some in due]
        out: list[list[Event]] = []
        for step, some, predictions in zip(steps, windows, said, strict=True):
            if step.told:
                self._participants[step.participant].hear(step.told)
            if step.answer is not None:
                self._participants[step.answer.participant].answer(step.answer)
            follows = (event for one in predictions for event in self._participants[one.participant].follow(one))
            out.append([*step.faces, *step.told, *some, *follows])
        return out

    def _read(self, steps: Sequence[_Step]) -> list[list[Window]]:
        """Return the windows of each step."""
        cuts: dict[str, list[Cut]] = {}
        for step in steps:
            cuts.setdefault(step.participant, []).extend(one.cut for one in step.cuts)
        read = {name: iter(self._participants[name].read(some)) for name, some in cuts.items() if some}
        return [[next(read[step.participant]) for _ in step.cuts] for step in steps]

    def _release(self, windows: Iterable[Window]) -> list[Window]:
        """Hold windows until those of all participants at the same stop are there, to predict them in one batch.

        A participant who is late by more than `patience` is not waited for. On the CPU a batch gains nothing, and
        nobody waits.
        """
        for window in windows:
            self._held.setdefault(window.stop, []).append(window)
        if not self._held:
            return []
        newest = max(self._held)
        full = len(self._participants)
        due = [s for s, held in self._held.items() if len(held) == full or s + self._patience <= newest]
        return [window for stop in sorted(due) for window in self._held.pop(stop)]


class _Due(NamedTuple):
    """A window that is cut, and whether it is to be predicted."""

    cut: Cut
    wanted: bool


class _Step(NamedTuple):
    """What follows from an item before its windows are read."""

    participant: str = ""
    faces: Sequence[FaceObservation] = ()
    told: Sequence[Notice | NeutralFace] = ()
    cuts: Sequence[_Due] = ()
    answer: Label | None = None


_NOTHING = _Step()
"""What follows from most items: hundreds lie between one window and the next."""


class _Predicted(NamedTuple):
    """What an answer needs of a prediction, not the whole: over a recording they are kept to its end."""

    participant: str
    start: float
    stop: float
    condition: str
    probabilities: Array


class _Participant:
    """The state that belongs to one person: windows, face track, prediction sets, queue."""

    def __init__(
        self,
        name: str,
        infos: Sequence[StreamInfo],
        predictor: Predictor,
        config: Config,
        face_reader: FaceReader,
    ) -> None:
        own = [info for info in infos if info.participant == name]
        self._name = name
        self._windower = Windower(name, own, config, predictor.electrode_checks, predictor.further)
        video = next((info for info in own if info.kind == "video"), None)
        self._camera = video.key if video is not None else ""
        self._face = (
            FaceStage(video, config.face, face_reader) if video is not None and not video.face_reading else None
        )
        self._seen: deque[list[Callable[[], FaceObservation]]] = deque()
        """Of pictures that were looked at and have yet to be taken, what gives what they show."""
        self.n_left = -1
        """Windows that are still to be predicted before those that are passed over; -1: all."""
        self._simulated = any(info.simulated for info in own)
        self._coverage = config.model.coverage
        self._queue = LabelQueue(config.queue)
        self._memory = config.queue.max_age
        self.change_model(predictor)

    def change_model(self, predictor: Predictor) -> None:
        """Begin anew with what hangs on the model: answers on what another one said tell nothing of this one."""
        opens = predictor.opens_untested and not self._simulated
        self._sets = AdaptiveSets(self._coverage, predictor.calibration_scores, predictor.untested, opens)
        untested = predictor.untested.get("face", {}) if opens else {}
        self._watch = NeutralWatch([predictor.classes[k] for k in untested])
        self._classes: tuple[str, ...] = ()
        self._recent: deque[_Predicted] = deque()

    def join(self, info: StreamInfo) -> None:
        self._windower.join(info)

    def take(self, item: Chunk | Label | NeutralFace | RunningNeutral | FaceObservation) -> _Step:
        """Take an item and return what follows from it, but for what its windows hold."""
        if isinstance(item, Label):
            return _Step(self._name, answer=item)
        if isinstance(item, RunningNeutral):
            self._windower.resume(item)
            return _Step()
        if isinstance(item, NeutralFace):
            return _Step(self._name, told=self._windower.take_neutral(item))
        if isinstance(item, FaceObservation):
            return self._step([], self._windower.see(item)) if abs(item.time) < LATEST_S else _NOTHING
        if item.stream == self._camera and not all_times(item.times.tolist()):
            return _NOTHING  # a picture of no moment says nothing of any
        faces: Sequence[FaceObservation] = ()
        if self._face is not None and item.stream == self._camera:
            faces = [seen() for seen in self._seen.popleft()] if self._seen else self._face.push(item)
        return self._step(faces, self._windower.take(item, faces))

    def look_at(self, items: Sequence[Item], submit: Submit) -> None:
        """Look at the pictures among some items before these are taken."""
        if self._face is None:
            return
        chunks = [item for item in items if isinstance(item, Chunk) and item.stream == self._camera]
        self._seen.extend(self._face.begin(chunk, submit) for chunk in chunks if all_times(chunk.times.tolist()))

    def _step(self, faces: Sequence[FaceObservation], events: Sequence[Cut | Notice | NeutralFace]) -> _Step:
        if not faces and not events:
            return _NOTHING
        told = [event for event in events if isinstance(event, Notice | NeutralFace)]
        cuts = [_Due(event, self.wants()) for event in events if isinstance(event, Cut)]
        return _Step(self._name, faces, told, cuts)

    def read(self, cuts: Sequence[Cut]) -> list[Window]:
        """Return the windows that were cut since the last time, in order."""
        return self._windower.read(cuts)

    def hear(self, told: Sequence[Notice | NeutralFace]) -> None:
        """Begin anew with what hangs on the neutral face if another one was read or taken up."""
        if any(isinstance(event, NeutralFace) and event.blendshapes for event in told):
            self._watch.forget()

    def wants(self) -> bool:
        """Return whether the next window is to be predicted, and count it."""
        if self.n_left > 0:
            self.n_left -= 1
            return True
        return self.n_left < 0

    def follow(self, prediction: Prediction) -> list[Prediction | Segment | Notice]:
        if prediction.status == "ok":
            condition = condition_of(prediction.weights, prediction.neutral, prediction.modalities)
            chosen = self._sets.sets(prediction.probabilities, condition)
            names = tuple(prediction.classes[k] for k in chosen)
            prediction = dataclasses.replace(prediction, prediction_set=names, coverage=self._sets.coverage)
            self._classes = prediction.classes
            self._recent.append(_Predicted(
                prediction.participant, prediction.start, prediction.stop, condition,
                np.array(prediction.probabilities),
            ))  # fmt: skip
        while self._recent and self._recent[0].stop < prediction.stop - self._memory:
            self._recent.popleft()
        segment = self._queue.offer(prediction)
        told = self._watch.push(prediction)
        notices = [Notice(self._camera, prediction.stop, "info", told)] if told else []
        return [prediction, *([] if segment is None else [segment]), *notices]

    def answer(self, label: Label) -> None:
        self._queue.answer(label)
        shares = {k: share for k, share in enumerate(shares_of(label, self._classes)) if share}
        if label.answer != "label" or not shares:
            return
        meant = [one for one in self._recent if covers(label, one)]
        if meant:
            # One answer is one observation, however many overlapping windows it covers; it counts for the sensors that
            # most of them were read from.
            (condition, _), *_ = Counter(one.condition for one in meant).most_common(1)
            mean = np.mean([one.probabilities for one in meant if one.condition == condition], axis=0)
            self._sets.update(mean, shares, condition)
