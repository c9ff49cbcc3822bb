"""Uncertainty-aware distillation as the thesis describes it (arXiv 2511.15741), for any encoders.

A student (EEG) learns from ground truth and from a trained teacher (face) whose weights do not move. What the thesis
leaves open is a field of `ThesisRecipe`; `FAITHFUL` takes it at its word, the defaults are ours. The live network's own
version, with shared prototypes and a fusion, is `training.objective`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from core.models.heads import Prototypes, concentration
from training.losses import (
    Injection,
    Target,
    concordance,
    info_nce,
    masked_mean,
    prototype_loss,
    reliability,
    softened_divergence,
    sureness_weights,
    uncertainty_loss,
)
from training.teacher import TaskHead, Teachers

N_SHARED = 64
FREE_PROTOTYPES = 8
"""Prototypes of the continuous task, which has no classes (PAU's number)."""


@dataclass(frozen=True, slots=True)
class ThesisRecipe:
    """The four weights, the temperatures and the switches."""

    similarity: float = 0.1
    """lambda 1, L_sim."""
    uncertainty: float = 0.1
    """lambda 2, L_unc."""
    distillation: float = 0.5
    """lambda 3, L_kd."""
    task: float = 1.0
    """lambda 4, L_task: ground truth alone, on the student's own head."""
    instances: bool = True
    """Whether L_sim holds InfoNCE of matched pairs."""
    classes: bool = True
    """Whether L_sim holds the class prototypes."""
    temperature: float = 0.1
    """tau, of InfoNCE and of the prototypes."""
    beta: float = 0.2
    """Width of the evidence in units of cosine."""
    softening: float = 1.0
    """T of the discrete distillation."""
    target: Target = "margin"
    """What one minus vacuity is to follow; see `training.losses.reliability`."""
    layer: int = 1
    """Hidden layers of the teacher's head that the injected feature skips: 0, 1 or 2. It enters before the rectifier of
    the last of them, as in CrossKD, and so is rectified as the teacher's own feature is."""
    reweigh: bool = True
    """Weigh each window's L_kd and L_task by how sure the student is."""
    own_head: bool = False
    """Distil into the student's own head (Hinton et al. 2015). The thesis goes through the teacher's and keeps the
    teacher's answers away from the student's."""
    doubt: bool = False
    """Weigh each class label by the probability that the teacher gives it, where there is a teacher."""
    continuous: Literal["error", "concordance"] = "error"
    """The continuous distillation: mean squared error, or one minus concordance."""


FAITHFUL = ThesisRecipe(1.0, 1.0, 1.0, 1.0, target="literal")


class Lesson(NamedTuple):
    """A batch as the student's loss needs it. What is not there may hold anything finite."""

    student: Tensor
    """(batch, n_student): the student's feature, with gradient."""
    teacher: Tensor
    """(batch, n_teacher): the teacher's feature, without."""
    truth: Tensor
    """(batch,) int64, -1 where unknown; continuous: (batch, n_outputs), NaN where unknown."""
    group: Tensor
    """(batch,), int64: equal for windows of one trial."""
    has_student: Tensor
    """(batch,), bool."""
    has_teacher: Tensor
    """(batch,), bool."""


class Parts(NamedTuple):
    """The four losses, before they are weighed."""

    similarity: Tensor
    uncertainty: Tensor
    distillation: Tensor
    task: Tensor


class Distilled(nn.Module):
    """What the student learns with: its own head, the shared space, and the way into the teacher's head.

    Parameters
    ----------
    n_student : int
        Size of the student's feature.
    teacher : TaskHead or Teachers
        Trained; neither kept among the parameters nor moved. Of several, each teaches the windows of its fold.
    n_outputs : int
    recipe : ThesisRecipe
    discrete : bool
        Classes, or else numbers such as valence and arousal.
    """

    def __init__(
        self,
        n_student: int,
        teacher: TaskHead | Teachers,
        n_outputs: int,
        recipe: ThesisRecipe,
        discrete: bool = True,
    ) -> None:
        super().__init__()
        teachers = teacher if isinstance(teacher, Teachers) else Teachers([teacher])
        if not 0 <= recipe.layer < len(teachers.sizes):
            raise ValueError(f"layer is {recipe.layer}; this teacher's head has depths 0 to {len(teachers.sizes) - 1}")
        self.recipe, self.discrete = recipe, discrete
        self.head = TaskHead(n_student, n_outputs)
        self.place_student = nn.Linear(n_student, N_SHARED)
        self.place_teacher = nn.Linear(teachers.sizes[0], N_SHARED)
        self.prototypes = Prototypes(n_outputs if discrete else FREE_PROTOTYPES, N_SHARED)
        self.injection = Injection(n_student, teachers.sizes[recipe.layer], TaskHead.step_at(recipe.layer))
        self._teachers = teachers

    def vacuity(self, student: Tensor) -> Tensor:
        """Return how little evidence the student's feature holds, shape (batch,) (methods, eq. 5)."""
        return self._vacuity(nn.functional.normalize(self.place_student(student), dim=-1))

    def forward(self, student: Tensor) -> Tensor:
        """Return class probabilities or numbers, shape (batch, n_outputs), from the student's own head alone."""
        out: Tensor = self.head(student)
        return out.softmax(dim=-1) if self.discrete else out

    def loss(self, lesson: Lesson, fold: Tensor | None = None) -> Tensor:
        """Return the weighed sum of the four losses (methods, eq. 11); see `parts`."""
        r, parts = self.recipe, self.parts(lesson, fold)
        weights = (r.similarity, r.uncertainty, r.distillation, r.task)
        return torch.stack([w * part for w, part in zip(weights, parts, strict=True) if w]).sum()

    def parts(self, lesson: Lesson, fold: Tensor | None = None) -> Parts:
        """Return each loss over the windows that it applies to; 0 where there are none or it weighs nothing.

        `fold`, (batch,), says which of several teachers teaches each window; see `training.teacher.Teachers.each`.
        """
        r = self.recipe
        weight = lesson.student.new_ones(len(lesson.student))
        if r.reweigh:
            weight = sureness_weights(self.vacuity(lesson.student), lesson.has_student)
        pairs = lesson.has_student & lesson.has_teacher
        nothing = lesson.student.sum() * 0.0
        similarity, uncertainty, distilled = nothing, nothing, nothing
        if int(pairs.sum()) >= 2:
            student, teacher = lesson.student[pairs], lesson.teacher[pairs].detach()
            if r.similarity or r.uncertainty:
                similarity, uncertainty = self._aligned(student, teacher, lesson.group[pairs], lesson.truth[pairs])
            if r.distillation:
                distilled = self._distilled(student, teacher, weight[pairs], None if fold is None else fold[pairs])
        return Parts(similarity, uncertainty, distilled, self._task(lesson, weight, fold) if r.task else nothing)

    def _aligned(self, student: Tensor, teacher: Tensor, group: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
        """Return L_sim and L_unc (methods, eq. 1 to 6)."""
        r = self.recipe
        places = [
            nn.functional.normalize(place(feature), dim=-1)
            for place, feature in ((self.place_student, student), (self.place_teacher, teacher))
        ]
        similarity = student.sum() * 0.0
        if r.instances:
            similarity = similarity + info_nce(places[0], places[1], group, r.temperature)
        if r.classes and self.discrete:
            similarity = similarity + prototype_loss(places, self.prototypes.unit(), truth, r.temperature)
        vacuity = self._vacuity(places[0])
        return similarity, uncertainty_loss(vacuity, reliability(places[0], places[1], 1.0 - vacuity, r.target))

    def _vacuity(self, place: Tensor) -> Tensor:
        alpha = concentration(self.prototypes(place), self.recipe.beta)
        vacuity: Tensor = alpha.shape[-1] / alpha.sum(dim=-1)
        return vacuity

    def _distilled(self, student: Tensor, teacher: Tensor, weight: Tensor, fold: Tensor | None) -> Tensor:
        r, order, entered, outputs = self.recipe, [], [], []
        for rows, head in self._teachers.each(fold, len(student)):
            with torch.no_grad():
                inside, output = head.before(teacher[rows], self.injection.layer), head(teacher[rows])
            own = self.head(student[rows]) if r.own_head else self.injection(student[rows], inside, head.steps())
            order.append(rows)
            entered.append(own)
            outputs.append(output)
        if not order:
            return student.sum() * 0.0
        weight, injected, teacher_output = weight[torch.cat(order)], torch.cat(entered), torch.cat(outputs)
        if self.discrete:
            return softened_divergence(injected, teacher_output, r.softening, weight)
        if r.continuous == "concordance":
            return (1.0 - concordance(injected, teacher_output, weight)).mean()
        error: Tensor = weight * (injected - teacher_output).square().mean(dim=-1)
        return error.mean()

    @torch.no_grad()
    def _belief(self, lesson: Lesson, label: Tensor, fold: Tensor | None) -> Tensor:
        """Return the probability that the teacher gives each label, shape (batch,); 1 where it sees nothing."""
        belief = torch.ones_like(label, dtype=lesson.teacher.dtype)
        for rows, head in self._teachers.each(fold, len(label)):
            belief[rows] = head(lesson.teacher[rows]).softmax(dim=-1).gather(1, label[rows].unsqueeze(1)).squeeze(1)
        return belief.where(lesson.has_teacher, 1.0)

    def _task(self, lesson: Lesson, weight: Tensor, fold: Tensor | None) -> Tensor:
        predicted: Tensor = self.head(lesson.student)
        if self.discrete:
            known = lesson.has_student & (lesson.truth >= 0)
            label = lesson.truth.clamp(min=0)
            each = nn.functional.cross_entropy(predicted, label, reduction="none")
            return masked_mean(weight * (self._belief(lesson, label, fold) if self.recipe.doubt else 1.0) * each, known)
        known = lesson.has_student & lesson.truth.isfinite().all(dim=-1)
        if int(known.sum()) < 2:
            return predicted.sum() * 0.0
        missed: Tensor = 1.0 - concordance(predicted[known], lesson.truth[known], weight[known])
        return missed.mean()
