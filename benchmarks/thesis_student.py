"""One teacher and one EEG student by the thesis, trained on some people's pairs and asked about other people's EEG."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.load_models import SHRINK, Student, follow
from benchmarks.pairs import Ints, Pairs
from training.losses import concordance
from training.teacher import N_FOLDS, TaskHead, Teachers, cross_fit, deal
from training.thesis import Distilled, Lesson, ThesisRecipe

STEPS, BATCH, RATE = 160, 64, 1e-3
TEACHER_STEPS = 120
TEACHER_DROPOUT = 0.3
Floats = NDArray[np.float64]


class StudentOutputs(NamedTuple):
    """What student and teacher say of all windows that they were asked about."""

    student: Floats
    """(n, n_outputs): class probabilities, or valence and arousal."""
    vacuity: Floats
    """(n,): of the student."""
    teacher: Floats
    """(n, n_outputs); of no meaning where there is no face."""
    agreement: Floats
    """(n,): cosine of the EEG and the face in the shared space."""


class Lessons:
    """Pairs as tensors, with each person's baseline as of the training people's population.

    Parameters
    ----------
    pairs : Pairs
    train : array of shape (n,), int64
        The windows that may be learnt from, with or without their labels.
    discrete : bool
        Classes, or else valence and arousal.
    """

    def __init__(self, pairs: Pairs, train: Ints, discrete: bool) -> None:
        self.pairs, self.discrete = pairs, discrete
        self.population = pairs.power[train].mean(axis=0)
        baseline = follow(pairs.power, pairs.person, pairs.start, self.population)
        change = np.stack([pairs.power[train], baseline[train, 1]]) - baseline[train, 0]
        self.spread = torch.from_numpy(np.sqrt((change**2).mean(axis=1)) + 1e-3)
        self.power, self.baseline = torch.from_numpy(pairs.power), torch.from_numpy(baseline)
        mean, spread = pairs.face[train].mean(axis=0), pairs.face[train].std(axis=0) + 1e-3
        self.face = torch.from_numpy((pairs.face - mean) / spread)
        self.has_face = torch.from_numpy(pairs.has_face)
        self.truth = torch.from_numpy(pairs.label if discrete else pairs.affect)
        self.trial = torch.from_numpy(pairs.trial)
        self.n_outputs = pairs.n_classes if discrete else 2

    def without_labels(self, hidden: Ints) -> None:
        """Forget the labels of the windows at these indices."""
        self.truth = self.truth.clone()
        self.truth[hidden] = -1 if self.discrete else float("nan")

    def student(self) -> Student:
        """Return a new student that knows the population."""
        student = Student(max(self.n_outputs, 2))
        student.encoder.population.copy_(torch.from_numpy(self.population))
        student.encoder.spread.copy_(self.spread)
        return student

    def labelled(self, among: Ints) -> Ints:
        """Return those of the windows whose truth is known."""
        truth = self.truth[among]
        known: NDArray[np.bool_] = (truth >= 0 if self.discrete else truth.isfinite().all(dim=-1)).numpy()
        return np.asarray(among[known])


def fit_teacher(lessons: Lessons, train: Ints, seed: int) -> TaskHead:
    """Return a head that reads faces, taught on the labelled windows at `train` that have one."""
    torch.manual_seed(seed)
    head = TaskHead(lessons.face.shape[1], lessons.n_outputs)
    usable = lessons.labelled(train)
    usable = usable[lessons.has_face[usable].numpy()]
    optimiser = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=1e-2, fused=True)
    for index in _draws(lessons, usable, TEACHER_STEPS, seed):
        said = head(nn.functional.dropout(lessons.face[index], TEACHER_DROPOUT))
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(_error(said, lessons.truth[index], lessons.discrete))
        optimiser.step()
    return head.eval()


def fit_teachers(lessons: Lessons, train: Ints, seed: int) -> tuple[Teachers, Ints]:
    """Return heads that read faces, each taught without a part of the people, and which has not seen each window."""
    fold = deal(lessons.pairs.person, train, N_FOLDS, seed)
    return cross_fit(lambda index: fit_teacher(lessons, index, seed), fold), fold


def fit_student(
    lessons: Lessons,
    train: Ints,
    teacher: TaskHead | Teachers,
    recipe: ThesisRecipe,
    seed: int,
    fold: Ints | None = None,
) -> tuple[Student, Distilled]:
    """Return a student taught by the recipe on the windows at `train`, labelled or not.

    `fold` says of each window which of several teachers teaches it.
    """
    torch.manual_seed(seed)
    student = lessons.student()
    model = Distilled(student.encoder.n_features, teacher, lessons.n_outputs, recipe, lessons.discrete)
    parameters = [*student.encoder.reader.parameters(), *model.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=RATE, weight_decay=1e-2, fused=True)
    student.train()
    alone = not (recipe.similarity or recipe.uncertainty or recipe.distillation)
    pool = lessons.labelled(train) if alone else train
    for step, index in enumerate(_draws(lessons, pool, STEPS, seed)):
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1.0 - 0.95 * step / STEPS)
        feature = student.feature(lessons.power[index], lessons.baseline[index])
        there = torch.ones(len(index), dtype=torch.bool)
        lesson = Lesson(
            feature, lessons.face[index], lessons.truth[index], lessons.trial[index], there, lessons.has_face[index]
        )
        optimiser.zero_grad(set_to_none=True)
        own = None if fold is None else torch.from_numpy(fold)[index]
        torch.autograd.backward(model.loss(lesson, own) + SHRINK * student.shrinkage())
        nn.utils.clip_grad_norm_(parameters, 5.0)
        optimiser.step()
    student.eval()
    return student, model.eval()


@torch.inference_mode()
def predict(
    lessons: Lessons, student: Student, model: Distilled, teacher: TaskHead | Teachers, index: Ints
) -> StudentOutputs:
    """Return what both say of the windows at `index`."""
    feature = student.feature(lessons.power[index], lessons.baseline[index])
    face = lessons.face[index]
    taught = teacher(face)
    places = [
        nn.functional.normalize(place(part), dim=-1)
        for place, part in ((model.place_student, feature), (model.place_teacher, face))
    ]
    parts = (
        model(feature),
        model.vacuity(feature),
        taught.softmax(dim=-1) if lessons.discrete else taught,
        (places[0] * places[1]).sum(dim=-1),
    )
    return StudentOutputs(*(part.double().numpy() for part in parts))


def _draws(lessons: Lessons, index: Ints, steps: int, seed: int) -> list[Tensor]:
    """Return the windows of each step; the classes that are known come up equally often."""
    rng = np.random.default_rng([seed, 5])
    share = np.ones(len(index))
    if lessons.discrete:
        _, member, count = np.unique(lessons.truth[index].numpy(), return_inverse=True, return_counts=True)
        share = 1.0 / count[member]
    return [torch.from_numpy(rng.choice(index, BATCH, p=share / share.sum())) for _ in range(steps)]


def _error(said: Tensor, truth: Tensor, discrete: bool) -> Tensor:
    if discrete:
        return nn.functional.cross_entropy(said, truth)
    return (1.0 - concordance(said, truth)).mean()
