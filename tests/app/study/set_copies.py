"""Tiny copies of published data sets in their exact formats; signals are noise, or sines where files have records."""

import json
import pickle
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy.io import savemat
from scipy.signal import lfilter

from app.study.datasets import deap, eav, seed, seed_v
from tests.acquisition.cnt_files import write_cnt
from tests.acquisition.edf_files import Signal, sine, write_edf
from tests.app.study.test_filmed_files import film

BLACK = np.zeros((256, 256, 3), np.uint8)


def noise(shape: tuple[int, ...], seed: int = 0, uv: float = 10.0) -> np.ndarray:
    return np.asarray(uv * np.random.default_rng(seed).standard_normal(shape))


def eeg_like(shape: tuple[int, ...], seed: int = 0, uv: float = 10.0, axis: int = -1) -> np.ndarray:
    """Return noise that is weaker the faster it is: white noise passes for muscle, and nothing is learnt of it."""
    slow = lfilter([1.0], [1.0, -0.95], noise(shape, seed, 1.0), axis=axis)
    return np.asarray(uv * slow / slow.std())


def cells(arrays: list[Any]) -> np.ndarray:
    """Return what MATLAB has as a row of cells."""
    made = np.empty((1, len(arrays)), object)
    made[0] = arrays
    return made


def dasps_copy(folder: Path, turned: Any = False, **changed: Any) -> tuple[np.ndarray, np.ndarray]:
    """Write a person as h5py shows the real files: data 12 x 1920 x 14, labels 2 x 12; `turned` the other way round."""
    data = changed.get("data", noise((12, 1920, 14)))
    labels = changed.get("labels", np.stack([np.arange(1, 13) % 9 + 1, 9 - np.arange(12) % 9]).astype(float))
    with h5py.File(folder / changed.get("name", "S01.mat"), "w", userblock_size=512) as file:
        file["data"], file["labels"] = (data.T, labels.T) if turned else (data, labels)
        file["hamilton"], file["situation"] = np.zeros((2, 1)), np.zeros((1, 12))
    return data, labels


def dreamer_copy(folder: Path, n_clips: int = 18, high: float = 5.0, n_people: int = 2) -> list[np.ndarray]:
    """Write people who all have the same EEG and the same scores, from 1 to `high`."""
    clips = [4200.0 + eeg_like((400 + 8 * k, 14), k, axis=0) for k in range(n_clips)]
    rest = [4200.0 + noise((128, 14), 50 + k) for k in range(n_clips)]
    scores = np.linspace(1.0, high, n_clips)[:, np.newaxis]
    person = {
        "Age": "22", "Gender": "male", "EEG": {"baseline": cells(rest).T, "stimuli": cells(clips).T},
        "ScoreValence": scores, "ScoreArousal": scores[::-1], "ScoreDominance": scores,
    }  # fmt: skip
    data = {"DREAMER": {"Data": cells([person] * n_people), "EEG_SamplingRate": 128}}
    savemat(folder / "DREAMER.mat", data)
    return clips


def deap_copy(
    folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str, order: list[int], people: tuple[int, ...] = (1,)
) -> np.ndarray:
    """Write people of four videos of 4 s: preprocessed rows by video, faces by trial, as `order` has them shown."""
    for name, value in {"N_TRIALS": 4, "N_TIMES": 7 * 128, "VIDEO_S": 4.0}.items():
        monkeypatch.setattr(deap, name, value)
    data = eeg_like((4, 40, 7 * 128))
    labels = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 5.0, 5.0, 5.0], [9.0, 1.0, 9.0, 9.0], [3.0, 7.0, 7.0, 7.0]])
    rows = ["Participant_id,Trial,Experiment_id,Start_time,Valence,Arousal,Dominance,Liking,Familiarity"]
    for who in people:
        if kind == "dat":
            (folder / f"s{who:02d}.dat").write_bytes(pickle.dumps({"data": data, "labels": labels}, protocol=2))
        elif kind == "mat":
            savemat(folder / f"s{who:02d}.mat", {"data": data, "labels": labels})
        else:
            deap_bdf(folder / f"s{who:02d}.bdf")
        for trial, video in enumerate(order, start=1):
            rows.append(f"{who},{trial},{video},0,{','.join(map(str, labels[video - 1]))},")
        film(folder / f"s{who:02d}_trial01.avi", lambda _: BLACK, 4.0)
        film(folder / f"s{who:02d}_trial02.avi", lambda _: BLACK, 7.0)
    (folder / "participant_ratings.csv").write_text("\n".join(rows), encoding="utf-8")
    return data


def deap_bdf(path: Path) -> None:
    channels = [Signal(name, sine(6.0, 60.0, 256.0, phase=k), 256.0) for k, name in enumerate(deap.CHANNELS)]
    status = np.zeros(60 * 256)
    for k in range(4):
        status[256 * (5 + 12 * k) : 256 * (5 + 12 * k) + 20] = 4
        status[256 * (2 + 12 * k) : 256 * (2 + 12 * k) + 20] = 3
    write_edf(path, [*channels, Signal("EXG1", sine(1.0, 60.0, 256.0), 256.0), biosemi_status(status)])


def biosemi_status(values: np.ndarray) -> Signal:
    return Signal("Status", values, 256.0, "Boolean", (-8388608, 8388607))


def mahnob_copy(folder: Path, rises: int = 2, number: int = 132, who: int = 2, felt: int = 11, up: float = 0) -> None:
    """Write a session: EEG of 40 s with the clip from 10 to 30 s; film and gaze as the set has them.

    `up` stands in Status in the first samples, as a trigger line that was up when the recording began.
    """
    session = folder / "Sessions" / str(number)
    session.mkdir(parents=True)
    status = np.zeros(40 * 256)
    status[:20] = up
    for at in (10, 30)[:rises]:
        status[at * 256 : at * 256 + 50] = 16
    others = ("EXG1 EXG2 EXG3 EXG4 EXG5 EXG6 EXG7 EXG8 GSR1 GSR2 Erg1 Erg2 Resp Temp").split()
    signals = [Signal(name, sine(6.0, 40.0, 256.0, phase=k), 256.0) for k, name in enumerate(deap.CHANNELS)]
    signals += [Signal(name, sine(1.0, 40.0, 256.0), 256.0) for name in others]
    write_edf(session / f"Part_{who}_S_Trial1_emotion.bdf", [*signals, biosemi_status(status)])
    name = f"P{who}-Rec1-2009.07.09.17.53.46_C1 trigger _C_Section_2.avi"
    film(session / name, lambda _: BLACK, 4.0)
    (session / "session.xml").write_text(
        f'<session sessionId="{number}" isStim="1" feltEmo="{felt}" feltArsl="3" feltVlnc="8" feltCtrl="5" '
        'feltPred="9" vidRate="60.97" audRate="44100" audBeginSmp="100000" mediaFile="53.avi">'
        f'<subject id="{who}"/><track filename="Part_{who}_S_Trial1_emotion.bdf" type="Physiological"/>'
        f'<track filename="{name}" type="Video" color="1"/></session>',
        encoding="utf-8",
    )
    head = ["System Properties:"] * 23
    rows = ["Timestamp\tEvent\tAudioSampleNumber", "0\t\t188200", "broken", "1000\tMovieStart\t", "1016\t\t233006"]
    table = session / f"P{who}-Rec1-All-Data-New_Section_2.tsv"
    table.write_text("\n".join([*head, *rows]), encoding="latin-1")
    neutral = folder / "Sessions" / "131"
    neutral.mkdir(exist_ok=True)
    (neutral / "session.xml").write_text('<session sessionId="131" isStim="0"/>', encoding="utf-8")
    labels = np.empty((1, 1), object)
    labels[0, 0] = np.array([[0.0, 0.1, -0.25]])
    included = np.array([[2, 2]], np.uint8)
    savemat(folder / "lable_continous_Mahnob.mat", {"trials_included": included, "labels": labels})


def amigos_copy(folder: Path, n_channels: int = 17, who: int = 2) -> list[np.ndarray]:
    """Write a person's 20 videos, the fourth without samples, the fifth with one that is no number.

    Each was annotated in segments of 20 s as the set has them: valence .2, .4, .6 and so on, arousal less than 0.
    """
    clips = [eeg_like((128 * (8 + k), n_channels), k, axis=0) for k in range(20)]
    clips[3] = np.zeros((0, 0))
    clips[4][10, 2] = np.nan
    own = [
        np.array([[1.0 + (4 * k + who) % 9, 1.0 + (k + who) % 9, 5.0, 5.0, 1.0, 0, 0, 1, 0, 0, 0, 0]])
        for k in range(20)
    ]
    outer = [np.array([[j, j / 5, -j / 5] for j in range(1, 3 + (3 + k) // 20)]) for k in range(20)]
    home = folder / f"Data_Preprocessed_P{who:02d}"
    home.mkdir()
    savemat(
        home / f"Data_Preprocessed_P{who:02d}.mat",
        {
            "VideoIDs": cells([*map(str, range(10, 26)), "N1", "P1", "B1", "U1"]), "joined_data": cells(clips),
            "labels_selfassessment": cells(own), "labels_ext_annotation": cells(outer),
        },
    )  # fmt: skip
    (folder / f"Exp1_P{who:02d}_face").mkdir()
    film(folder / f"Exp1_P{who:02d}_face" / f"P{who}_11_face.mov", lambda _: BLACK, 4.0)
    return clips


def eav_copy(
    folder: Path, monkeypatch: pytest.MonkeyPatch, key: str = "seg1", who: int = 1, picture: np.ndarray = BLACK
) -> np.ndarray:
    """Write a person of ten trials of 4 s; films of the first and the fourth show `picture`."""
    monkeypatch.setattr(eav, "SHAPE", (2000, 30, 10))
    home = folder / f"subject{who}"
    for name in ("EEG", "Video"):
        (home / name).mkdir(parents=True)
    data = eeg_like((2000, 30, 10), uv=3e4, axis=0)
    savemat(home / "EEG" / f"subject{who}_eeg.mat", {key: data})
    savemat(home / "EEG" / f"subject{who}_eeg_label.mat", {"label": np.eye(10, dtype=np.uint8)})
    film(home / "Video" / "001_Trial_01_Listening_Neutral.mp4", lambda _: picture, 4.0)
    film(home / "Video" / "004_Trial_04_Speaking_Sadness.mp4", lambda _: picture, 4.0)
    return data


def seed_copy(folder: Path, people: tuple[str, ...] = ("djc",), n_times: int = 800) -> dict[str, np.ndarray]:
    """Write two sessions of each person, and the labels; return the clips of the first one's.

    Features lie beside them in files of the same names, as in the set's download.
    """
    home, features = folder / "Preprocessed_EEG", folder / "ExtractedFeatures"
    home.mkdir()
    features.mkdir()
    clips = {f"eeg{k}": eeg_like((62, n_times + k), k) for k in range(1, 16)}
    for number, who in enumerate(people, start=1):
        for date, initials in (("20131107", who), ("20131027", "xyz")):
            savemat(home / f"{number}_{date}.mat", {f"{initials}_{key}": clip for key, clip in clips.items()})
            savemat(features / f"{number}_{date}.mat", {f"de_LDS{k}": np.zeros((62, 4, 5)) for k in range(1, 16)})
    savemat(home / "label.mat", {"label": np.array([seed.LABELS])})
    return clips


def seed_v_copy(folder: Path, monkeypatch: pytest.MonkeyPatch, people: tuple[int, ...] = (1,)) -> np.ndarray:
    """Write the first session of each, its clips of 3 s a second apart; return its EEG in µV."""
    starts = tuple(range(1, 61, 4))
    monkeypatch.setattr(seed_v, "STARTS", (starts,) * 3)
    monkeypatch.setattr(seed_v, "STOPS", (tuple(start + 3 for start in starts),) * 3)
    labels = [*seed.CHANNELS[:32], "M1", *seed.CHANNELS[32:42], "M2", *seed.CHANNELS[42:], "VEO", "HEO"]
    data = eeg_like((66, 61_000))
    for who in people:
        write_cnt(folder / f"{who}_1_20180804.cnt", labels, data, 1000)
    return data[[labels.index(name) for name in seed.CHANNELS]]


def faced_copy(folder: Path, who: int = 7) -> np.ndarray:
    """Write a person's 28 clips, and features of them beside, as the set's other archive has them."""
    data = eeg_like((28, 32, 7500)).astype(np.float32)
    (folder / f"sub{who:03d}.pkl").write_bytes(pickle.dumps(data))
    (folder / f"sub{who:03d}.pkl.pkl").write_bytes(pickle.dumps(np.zeros((28, 32, 30, 5))))
    return data


def bids_copy(folder: Path, sidecar: dict[str, Any] | None = None, who: str = "01", session: str = "") -> Path:
    """Write a person with a film beside the EEG, which `sidecar` places."""
    home, first = folder / f"sub-{who}", f"sub-{who}"
    if session:
        home, first = home / f"ses-{session}", f"{first}_ses-{session}"
    eeg = home / "eeg"
    eeg.mkdir(parents=True)
    (folder / "dataset_description.json").write_text('{"Name": "Tiny", "BIDSVersion": "1.9.0", "License": "CC0"}')
    signals = [Signal(name, sine(6.0, 40.0, phase=k)) for k, name in enumerate(("Fp1", "Fp2", "O1", "O2"))]
    write_edf(eeg / f"{first}_task-film_eeg.edf", signals)
    rows = [
        "onset\tduration\ttrial_type\tstim_file\tvalence",
        "2\t8\thappy\ta.mp4\t9",
        "12\t0\tsad\tb.mp4\t1",
        "25\t10\tn/a\t\t",
    ]
    (eeg / f"{first}_task-film_events.tsv").write_text("\n".join(rows) + "\n")
    (eeg / f"{first}_task-film_events.json").write_text(json.dumps({"valence": {"Minimum": 1, "Maximum": 9}}))
    beh = home / "beh"
    beh.mkdir()
    name = f"{first}_task-film_recording-face_video"
    film(beh / f"{name}.mp4", lambda _: BLACK, 4.0)
    if sidecar is not None:
        (beh / f"{name}.json").write_text(json.dumps(sidecar))
    return folder
