import dataclasses

import pytest
import torch
from torch.nn import functional

from core.models.heads import concentration
from training.losses import info_nce, prototype_loss, reliability, sureness_weights, uncertainty_loss
from training.teacher import TaskHead, Teachers
from training.thesis import FAITHFUL, Distilled, Lesson, ThesisRecipe

N_STUDENT, N_TEACHER, N_CLASSES = 6, 5, 3
ONLY = {
    "similarity": ThesisRecipe(1.0, 0.0, 0.0, 0.0),
    "uncertainty": ThesisRecipe(0.0, 1.0, 0.0, 0.0),
    "distillation": ThesisRecipe(0.0, 0.0, 1.0, 0.0),
    "task": ThesisRecipe(0.0, 0.0, 0.0, 1.0),
}


def lesson(size: int = 12, discrete: bool = True) -> Lesson:
    generator = torch.Generator().manual_seed(1)
    return Lesson(
        torch.randn(size, N_STUDENT, generator=generator, requires_grad=True),
        torch.randn(size, N_TEACHER, generator=generator),
        torch.arange(size) % N_CLASSES if discrete else torch.randn(size, N_CLASSES, generator=generator),
        torch.arange(size) // 2,
        torch.ones(size, dtype=torch.bool),
        torch.ones(size, dtype=torch.bool),
    )


def distilled(recipe: ThesisRecipe = FAITHFUL, discrete: bool = True) -> tuple[Distilled, TaskHead]:
    torch.manual_seed(3)
    teacher = TaskHead(N_TEACHER, N_CLASSES, n_hidden=8)
    return Distilled(N_STUDENT, teacher, N_CLASSES, recipe, discrete), teacher


def test_a_head_entered_at_any_depth_gives_what_it_gives_from_the_front():
    _, head = distilled()
    feature = torch.randn(4, N_TEACHER)
    for layer in range(4):
        out = head.before(feature, head.step_at(layer))
        for step in head.steps()[head.step_at(layer) :]:
            out = step(out)
        torch.testing.assert_close(out, head(feature))


def test_the_four_losses_follow_their_equations():
    recipe = dataclasses.replace(FAITHFUL, softening=2.0)
    model, teacher = distilled(recipe)
    batch = lesson()
    parts = model.parts(batch)
    z_s = functional.normalize(model.place_student(batch.student), dim=-1)
    z_t = functional.normalize(model.place_teacher(batch.teacher), dim=-1)
    alpha = concentration(z_s @ model.prototypes.unit().T, recipe.beta)
    vacuity = N_CLASSES / alpha.sum(-1)
    instances = info_nce(z_s, z_t, batch.group, recipe.temperature)
    classes = prototype_loss([z_s, z_t], model.prototypes.unit(), batch.truth, recipe.temperature)
    torch.testing.assert_close(parts.similarity, instances + classes)
    target = reliability(z_s, z_t, 1 - vacuity, "literal")
    torch.testing.assert_close(parts.uncertainty, uncertainty_loss(vacuity, target))
    weight = sureness_weights(vacuity)
    inside = teacher.hidden[0][0](batch.teacher)  # before the rectifier
    entered = model.injection.adapt(batch.student)
    entered = (entered - entered.mean(0)) / (entered.std(0, correction=0) + 1e-5)
    entered = functional.relu(entered * inside.std(0, correction=0) + inside.mean(0))
    injected = teacher.out(teacher.hidden[2](teacher.hidden[1](entered)))
    p, q = (teacher(batch.teacher) / 2).softmax(-1), (injected / 2).softmax(-1)
    torch.testing.assert_close(parts.distillation, 4 * (weight * (p * (p / q).log()).sum(-1)).mean())
    each = functional.cross_entropy(model.head(batch.student), batch.truth, reduction="none")
    torch.testing.assert_close(parts.task, (weight * each).mean())
    torch.testing.assert_close(model.loss(batch), sum(parts))


@pytest.mark.parametrize("layer", [0, 1, 2])
@pytest.mark.parametrize("discrete", [True, False])
def test_distillation_moves_the_student_and_never_the_teacher_nor_the_students_head(layer: int, discrete: bool):
    model, teacher = distilled(dataclasses.replace(ONLY["distillation"], layer=layer), discrete)
    before = [p.clone() for p in teacher.parameters()]
    batch = lesson(discrete=discrete)
    optimiser = torch.optim.SGD([*model.parameters(), batch.student], 0.1)
    model.train()
    model.loss(batch).backward()
    assert batch.student.grad is not None
    assert batch.student.grad.abs().sum() > 0
    assert all(p.grad is None for p in model.head.parameters())
    optimiser.step()
    assert all(torch.equal(a, b) for a, b in zip(before, teacher.parameters(), strict=True))
    assert not teacher.training


def test_task_loss_knows_ground_truth_alone():
    model, _ = distilled(ONLY["task"])
    batch = lesson()
    other = batch._replace(teacher=100.0 * torch.randn_like(batch.teacher))
    torch.testing.assert_close(model.loss(batch), model.loss(other))
    unknown = batch._replace(truth=torch.full_like(batch.truth, -1))
    assert model.loss(unknown) == 0.0


@pytest.mark.parametrize("discrete", [True, False])
def test_a_window_without_a_face_still_learns_from_its_label_and_from_nothing_else(discrete: bool):
    batch = lesson(discrete=discrete)
    there = torch.arange(12) < 8
    partly = batch._replace(has_teacher=there, teacher=batch.teacher.where(there.unsqueeze(1), 1e6))
    short = Lesson(*(part[:8] for part in batch))
    for name in ("similarity", "uncertainty", "distillation"):
        model, _ = distilled(dataclasses.replace(ONLY[name], reweigh=False), discrete)
        torch.testing.assert_close(model.loss(partly), model.loss(short))
    model, _ = distilled(dataclasses.replace(ONLY["task"], reweigh=False), discrete)
    torch.testing.assert_close(model.loss(partly), model.loss(batch))


def test_a_window_without_eeg_counts_for_nothing():
    model, _ = distilled()
    batch = lesson()
    there = torch.arange(12) < 8
    partly = batch._replace(has_student=there, student=batch.student.where(there.unsqueeze(1), 50.0))
    torch.testing.assert_close(model.loss(partly), model.loss(Lesson(*(part[:8] for part in batch))))
    nobody = batch._replace(has_student=torch.zeros(12, dtype=torch.bool))
    assert model.loss(nobody) == 0.0


def test_without_labels_the_face_alone_teaches():
    model, _ = distilled()
    batch = lesson()
    parts = model.parts(batch._replace(truth=torch.full_like(batch.truth, -1)))
    assert parts.task == 0.0
    assert parts.distillation > 0.0
    assert parts.similarity > 0.0


def test_reweighing_favours_windows_with_much_evidence():
    torch.manual_seed(0)
    sure, _ = distilled(ThesisRecipe(0, 0, 0, 1.0))
    plain, _ = distilled(ThesisRecipe(0, 0, 0, 1.0, reweigh=False))
    batch = lesson()
    each = functional.cross_entropy(plain.head(batch.student), batch.truth, reduction="none")
    weight = sureness_weights(sure.vacuity(batch.student))
    assert weight.std() > 0.01
    torch.testing.assert_close(plain.loss(batch), each.mean())
    torch.testing.assert_close(sure.loss(batch), (weight * each).mean())


def test_the_teachers_answers_reach_the_students_own_head_where_that_is_asked_for():
    model, teacher = distilled(dataclasses.replace(ONLY["distillation"], own_head=True, reweigh=False))
    batch = lesson()
    p, q = teacher(batch.teacher).softmax(-1), model.head(batch.student).softmax(-1)
    torch.testing.assert_close(model.loss(batch), (p * (p / q).log()).sum(-1).mean())


def test_a_label_that_the_teacher_doubts_counts_less():
    model, teacher = distilled(dataclasses.replace(ONLY["task"], doubt=True, reweigh=False))
    batch = lesson()
    each = functional.cross_entropy(model.head(batch.student), batch.truth, reduction="none")
    belief = teacher(batch.teacher).softmax(-1)[torch.arange(12), batch.truth]
    torch.testing.assert_close(model.loss(batch), (belief * each).mean())
    there = torch.arange(12) < 8
    partly = batch._replace(has_teacher=there)
    torch.testing.assert_close(model.loss(partly), (belief.where(there, 1.0) * each).mean())


def test_concordance_is_taught_where_it_is_asked_for():
    batch = lesson(discrete=False)
    model, _ = distilled(dataclasses.replace(ONLY["task"], continuous="concordance"), discrete=False)
    optimiser = torch.optim.Adam([*model.parameters(), batch.student], 0.02)
    first = model.loss(batch).detach()
    for _ in range(60):
        optimiser.zero_grad()
        model.loss(batch).backward()
        optimiser.step()
    assert model.loss(batch) < 0.3 * first


def test_a_depth_that_the_head_does_not_have_is_refused():
    with pytest.raises(ValueError, match="layer is 7; this teacher's head has depths 0 to 3"):
        distilled(dataclasses.replace(FAITHFUL, layer=7))


def test_what_enters_behind_a_layer_is_rectified_as_the_teachers_own_feature_is():
    model, teacher = distilled(dataclasses.replace(ONLY["distillation"], layer=2, reweigh=False))
    seen = []
    teacher.hidden[2][0].register_forward_hook(lambda module, given, made: seen.append(given[0]))
    model.loss(lesson())
    of_teacher, of_student = seen
    assert of_student.min() == 0.0
    assert of_teacher.min() == 0.0
    assert (of_student > 0).any()


def test_each_window_is_taught_by_the_teacher_of_its_fold_alone():
    torch.manual_seed(4)
    heads = [TaskHead(N_TEACHER, N_CLASSES, n_hidden=8) for _ in range(2)]
    recipe = dataclasses.replace(ONLY["distillation"], own_head=True, reweigh=False, softening=2.0)
    model = Distilled(N_STUDENT, Teachers(heads), N_CLASSES, recipe)
    batch, fold = lesson(), torch.tensor([0, 1, -1] * 4)
    taught = torch.stack([head(batch.teacher) for head in heads])[fold, torch.arange(12)]
    p, q = (taught / 2).softmax(-1), (model.head(batch.student) / 2).softmax(-1)
    each = 4 * (p * (p / q).log()).sum(-1)
    torch.testing.assert_close(model.loss(batch, fold), each[fold >= 0].mean())
    assert all(parameter.grad is None for head in heads for parameter in head.parameters())
    nobody = torch.full_like(fold, -1)
    assert model.loss(batch, nobody) == 0.0


def test_a_label_is_doubted_by_the_teacher_that_has_not_seen_it():
    torch.manual_seed(5)
    heads = [TaskHead(N_TEACHER, N_CLASSES, n_hidden=8) for _ in range(2)]
    model = Distilled(
        N_STUDENT, Teachers(heads), N_CLASSES, dataclasses.replace(ONLY["task"], doubt=True, reweigh=False)
    )
    batch, fold = lesson(), torch.tensor([0, 1, -1] * 4)
    each = functional.cross_entropy(model.head(batch.student), batch.truth, reduction="none")
    belief = torch.stack([head(batch.teacher) for head in heads]).softmax(-1)[fold, torch.arange(12), batch.truth]
    torch.testing.assert_close(model.loss(batch, fold), (belief.where(fold >= 0, 1.0) * each).mean())
