"""From video frames to face observations: a fixed grid of data time, one person, one look per frame."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from core import face_track
from core.config import FaceConfig
from core.data import NOT_LOOKED_AT, Array, Chunk, FaceObservation, StreamInfo, frozen
from core.face_geometry import align, cut_for_mesh, roll_deg, yaw_deg
from core.face_grid import FaceGrid
from core.face_quality import burnt, judge
from core.face_submit import Submit, at_once
from core.models.face import Box, Detection, FaceReader


class FaceStage:
    """Looks at one frame for each point of a fixed grid of data time, and follows one person through them.

    The frame that is looked at is the first one at or after the grid point; a grid point within a gap gives nothing.
    What comes out depends on the frames and their stamps alone.

    Parameters
    ----------
    info : StreamInfo
        The video stream.
    config : FaceConfig
        The grid's rate, and what is too small, too dark, turned too far.
    reader : FaceReader
        The loaded models.
    """

    def __init__(self, info: StreamInfo, config: FaceConfig, reader: FaceReader) -> None:
        self._participant = info.participant
        self._config = config
        self._reader = reader
        self._grid = FaceGrid(config.rate)
        self._followed: tuple[Box, float] | None = None

    def push(self, chunk: Chunk) -> list[FaceObservation]:
        """Return what the chunk's frames on the grid show, in order."""
        return [seen() for seen in self.begin(chunk, at_once)]

    def begin(self, chunk: Chunk, submit: Submit) -> list[Callable[[], FaceObservation]]:
        """Find the face in the chunk's frames on the grid; return, in order, what gives what each of them shows.

        Which face is followed hangs on the frames before, what it shows does not: `submit` may have that read on
        other threads while the next one is looked for.
        """
        return [
            self._begin(frame, float(time), submit)
            for frame, time in zip(chunk.data, chunk.times, strict=True)
            if self._grid.takes(float(time))
        ]

    def look(self, frame: Array, time: float) -> FaceObservation:
        """Return what a frame shows that is on the grid; one without pixels is passed over.

        Numbers are those of single precision, so that a recording can keep them whole.
        """
        return self._begin(frame, time, at_once)()

    def _begin(self, frame: Array, time: float, submit: Submit) -> Callable[[], FaceObservation]:
        if not frame.size:
            return lambda: FaceObservation(self._participant, time, problem=NOT_LOOKED_AT)
        face = self._find(frame, time)
        if face is None:
            return lambda: FaceObservation(self._participant, time, problem="no face")
        self._followed = face.box, time
        return self._read(frame, time, face, submit)

    def _read(self, frame: Array, time: float, face: Detection, submit: Submit) -> Callable[[], FaceObservation]:
        crop = align(frame, face.keypoints)
        yaw = yaw_deg(face.keypoints)
        quality = judge(crop, face.box[2] - face.box[0], yaw, self._config)
        seen = FaceObservation(
            self._participant,
            time,
            problem=quality.problem,
            box=_single(face.box),
            landmarks=frozen(face.keypoints),
            quality=float(np.float32(quality.value)),
            yaw_deg=float(np.float32(yaw)),
            roll_deg=float(np.float32(roll_deg(face.keypoints))),
            burnt=float(np.float32(burnt(crop))),
        )
        if quality.problem:
            return lambda: seen
        embedded = submit("expression", lambda: self._embed(crop))
        meshed = submit("mesh", lambda: self._read_mesh(cut_for_mesh(frame, face.keypoints)))

        def whole() -> FaceObservation:
            embedding, expression = embedded()
            return dataclasses.replace(seen, embedding=embedding, expression=expression, blendshapes=meshed())

        return whole

    def _find(self, frame: Array, time: float) -> Detection | None:
        if self._followed is None or not 0 <= time - self._followed[1] <= face_track.MEMORY_S:
            return face_track.largest(self._reader.detect(frame))
        last, seen = self._followed
        near = face_track.same(self._reader.detect(frame, near=last), last, time - seen)
        return near or face_track.same(self._reader.detect(frame), last, time - seen)

    def _embed(self, crop: Array) -> tuple[Array, Array]:
        # One at a time: in a batch of another size the same face would come out with other last bits.
        embeddings, probabilities = self._reader.embed(crop[np.newaxis])
        return frozen(embeddings[0].copy()), frozen(probabilities[0].copy())

    def _read_mesh(self, head: Array) -> Array | None:
        _, blendshapes, presence = self._reader.mesh(head[np.newaxis])
        return frozen(blendshapes[0].copy()) if presence[0] > 0 else None


def _single(box: Box) -> Box:
    left, top, right, bottom = (float(np.float32(side)) for side in box)
    return left, top, right, bottom
