"""The ways in which ``insula train people`` can teach the live network, by name.

Each changes what its words say and nothing else: encoders, windows, noise, the other losses, what is chosen and how are
the same for all, so that runs of two of them are a fair comparison. Every one makes a model that runs live.
`training.fuse` has the same fusions and losses on precomputed features.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from core.config import MethodConfig
from core.errors import ConfigError
from training.losses import Weights

DEFAULT = "udml"
ANY_SUBSET = 2 / 3
"""Share of windows with one of two sensors hidden that makes both, the EEG alone and the face alone equally likely."""

SOFTENING = 2.0
"""T of the distillation by teachers that were taught before."""
_TASK_ALONE = Weights(similarity=0.0, uncertainty=0.0, distillation=0.0)


@dataclass(frozen=True, slots=True)
class Method:
    """What a name stands for."""

    words: str
    """What it is, for a person."""
    fusion: str = "udml-noise"
    """Of `core.models.fusion`."""
    staged: bool = True
    """The second half of the epochs alone has noise, and UDML's weights with it; else all have."""
    modality_dropout: float = 0.0
    """How often one of two sensors is hidden from the network while it learns."""
    weights: Weights = field(default_factory=Weights)
    """Of the losses."""
    dfum: bool = False
    """Uncertainty of each modality as DUAL has it, in the place of UDML's variance heads."""
    teacher: Literal["", "cross-fitted"] = ""
    """What the face teaches by: its own branch as it learns, or teachers that were taught before."""


METHODS: dict[str, Method] = {
    DEFAULT: Method("UDML as it is live: weights by the estimated noise level, 1/p, in two stages"),
    "udml-one-stage": Method("the same with noise and weights from the first epoch on", staged=False),
    "udml-square": Method("UDML with weights 1/p^2", "udml-square"),
    "udml-dependency": Method("UDML with weights 1/(p kappa): the dependency too", "udml-dependency"),
    "udml-square-dependency": Method("UDML with weights 1/(p^2 kappa), as its own benchmarks have it", "udml"),
    "udml-competence": Method("UDML's noise level and how much each sensor tells, learnt", "udml-competence"),
    "udml-paper": Method("UDML's weights as its paper has them: kappa of the logits and without bounds", "udml-paper"),
    "udml-code": Method("UDML's weights as its released code has them: gain 1 + M w", "udml-repo"),
    "static": Method("concatenation, both sensors counting the same", "static+concat"),
    "late": Method("late fusion: the mean of what each sensor says", "static"),
    "dropout": Method(
        "concatenation, with both, the EEG alone or the face alone equally often", "static+concat",
        modality_dropout=ANY_SUBSET,
    ),
    "learned": Method("one weight for each sensor, learnt, and concatenation", "learned+concat"),
    "pe": Method("weights by the inverse of each sensor's variance, and concatenation", "pe+concat"),
    "qmf": Method(
        "QMF: what each sensor says, by its energy; of two windows the better known one is to be the surer", "qmf",
        weights=Weights(rank=0.1),
    ),
    "tmc": Method(
        "TMC: what each sensor says as evidence, put together by Dempster's rule", "tmc",
        weights=Weights(evidential=True),
    ),
    "eau": Method(
        "EAU: a swapped softmax of the variances, concatenation, and InfoNCE between the sensors", "eau-unit+concat",
        weights=Weights(contrastive=0.1),
    ),
    "dual": Method("DUAL whole: DFUM, DAM and UCRL", "ucrl", weights=Weights(dam=True), dfum=True),
    "dual-dfum": Method("DUAL's feature uncertainty (DFUM) alone, and concatenation", "static+concat", dfum=True),
    "dual-dam": Method(
        "DUAL's modulation of the loss (DAM) alone, and concatenation", "static+concat", weights=Weights(dam=True)
    ),
    "dual-dfum-dam": Method(
        "DUAL's DFUM and DAM, and concatenation", "static+concat", weights=Weights(dam=True), dfum=True
    ),
    "ucrl": Method("DUAL's relations between sensors, weighed by their variance (UCRL), without DFUM and DAM", "ucrl"),
    "no-thesis": Method("UDML, and the face teaches the EEG nothing", weights=_TASK_ALONE),
    "thesis": Method(
        "UDML, and all of the thesis at weight 1, as it words it, by teachers taught before and cross-fitted, T = 2",
        weights=Weights(
            similarity=1.0, uncertainty=1.0, distillation=1.0, target="literal", injection=1, softening=SOFTENING,
            reweigh_task=True,
        ),
        teacher="cross-fitted",
    ),
    "thesis-sim": Method("UDML, and of the thesis L_sim alone", weights=replace(_TASK_ALONE, similarity=1.0)),
    "thesis-unc": Method(
        "UDML, and of the thesis L_unc alone, labels weighed by it",
        weights=replace(_TASK_ALONE, uncertainty=1.0, target="literal", reweigh_task=True),
    ),
    "thesis-kd": Method(
        "UDML, and of the thesis L_kd alone, by the cross-fitted teachers, T = 2",
        weights=replace(_TASK_ALONE, distillation=1.0, injection=1, softening=SOFTENING, reweigh=False),
        teacher="cross-fitted",
    ),
    "thesis-unc-kd": Method(
        "UDML, and of the thesis L_unc and L_kd, by the cross-fitted teachers, T = 2",
        weights=replace(
            _TASK_ALONE, uncertainty=1.0, target="literal", distillation=1.0, injection=1, softening=SOFTENING,
            reweigh_task=True,
        ),
        teacher="cross-fitted",
    ),
    "thesis-teacher": Method(
        "UDML with its low weights of the thesis' losses, and L_kd by the cross-fitted teachers, T = 2",
        weights=Weights(softening=SOFTENING), teacher="cross-fitted",
    ),
    "thesis-teacher-layer-1": Method(
        "the same, and L_kd enters behind the teachers' first layer",
        weights=Weights(softening=SOFTENING, injection=1), teacher="cross-fitted",
    ),
    "thesis-teacher-layer-2": Method(
        "the same, and L_kd enters behind the teachers' second layer",
        weights=Weights(softening=SOFTENING, injection=2), teacher="cross-fitted",
    ),
    "thesis-literal": Method("UDML, and L_unc follows the thesis' words", weights=Weights(target="literal")),
    "thesis-layer-1": Method("UDML, and L_kd enters behind the head's first layer", weights=Weights(injection=1)),
    "thesis-layer-2": Method("UDML, and L_kd enters behind the head's second layer", weights=Weights(injection=2)),
    "thesis-even": Method("UDML, and L_kd counts alike in all windows", weights=Weights(reweigh=False)),
    "thesis-imitation": Method("UDML, and the EEG imitates what the face says, too", weights=Weights(imitation=0.5)),
}  # fmt: skip
"""By name."""
GROUPS = {
    "thesis-losses": ("no-thesis", "thesis-sim", "thesis-unc", "thesis-kd", "thesis-unc-kd", "thesis"),
    "dual-parts": ("static", "dual-dfum", "dual-dam", "dual-dfum-dam", "ucrl", "dual"),
}
"""Names that stand for several methods where methods are compared: what comes first is what the others stand beside."""
_KINDS = {
    "UDML": ("udml",),
    "UDML, and what the face teaches the EEG": ("thesis", "no-thesis"),
    "DUAL": ("dual", "ucrl"),
    "Others": ("",),
}
"""How names begin that are told of together; the first that fits."""


_WEIGHTS = {
    "dam": "dam", "similarity": "similarity", "uncertainty": "uncertainty", "distillation": "distillation",
    "imitation": "imitation", "reliability": "target", "layer": "injection", "temperature": "softening",
    "reweigh_distillation": "reweigh", "reweigh_task": "reweigh_task",
}  # fmt: skip
"""Switches of the table ``[method]`` that are fields of `Weights`, and which."""
_BELONGS = (
    (("stages",), "methods of UDML and the thesis", ("udml", "thesis", "no-thesis")),
    (("dfum", "dam", "ucrl"), "methods of DUAL", ("dual", "ucrl")),
    (
        (*(key for key in _WEIGHTS if key != "dam"), "teacher"), "methods of the thesis", ("thesis", "no-thesis"),
    ),
)  # fmt: skip
"""Switches, whose they are in words, and how the names begin that take them."""


def method_of(name: str) -> Method:
    """Return the method of a name; an empty one is the default.

    Raises
    ------
    ConfigError
        There is none of this name; those that are spelt much alike are told first, then all, kind by kind.
    """
    try:
        return METHODS[name or DEFAULT]
    except KeyError:
        near = difflib.get_close_matches(name.lower(), METHODS)
        meant = f" Spelt much like it: {', '.join(near)}." if near else ""
        raise ConfigError(f"No method is called {name!r}.{meant} There are:\n{_list_in_kinds()}") from None


def _list_in_kinds() -> str:
    """Return all methods with their words, one a line, each kind below its heading."""
    kinds: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for name, one in METHODS.items():
        kind = next(kind for kind, begins in _KINDS.items() if name.startswith(begins))
        kinds[kind].append(f"  {name}: {one.words}")
    return "\n".join(line for kind, lines in kinds.items() for line in (f"{kind}:", *lines))


def switched(name: str, switches: MethodConfig) -> tuple[Method, str]:
    """Return the method of a name with the table ``[method]`` laid over it, and what it is called then.

    What it is called is the name alone where nothing is otherwise; the name in `switches` is not looked at.

    Raises
    ------
    ConfigError
        There is no method of this name, or a switch does not belong to it or would change nothing; all such are named.
    """
    method = method_of(name)
    given = {key: value for key, value in asdict(switches).items() if key != "name" and value is not None}
    problems = [
        f"method.{key} belongs to {whose}, not to {name or DEFAULT}"
        for key in given
        for keys, whose, begins in _BELONGS
        if key in keys and not (name or DEFAULT).startswith(begins)
    ]
    if not problems:
        method = _laid_over(method, given)
        problems = list(_idle(method, given))
    if problems:
        raise ConfigError("; ".join(problems) + ".")
    told = ", ".join(f"{key} {_told(value)}" for key, value in given.items())
    return method, f"{name or DEFAULT} with {told}" if told else name or DEFAULT


def _laid_over(method: Method, given: Mapping[str, Any]) -> Method:
    weights = {_WEIGHTS[key]: value for key, value in given.items() if key in _WEIGHTS}
    changes: dict[str, Any] = {"weights": replace(method.weights, **weights)}
    if "stages" in given:
        changes["staged"] = given["stages"] == 2
    if "dfum" in given:
        changes["dfum"] = given["dfum"]
    if "ucrl" in given:
        changes["fusion"] = METHODS["dual" if given["ucrl"] else "dual-dam"].fusion
    if "teacher" in given:
        changes["teacher"] = "" if given["teacher"] == "own" else given["teacher"]
    return replace(method, **changes)


def _idle(method: Method, given: Mapping[str, Any]) -> Iterator[str]:
    """Give what was switched and cannot act."""
    w = method.weights
    if "temperature" in given and not method.teacher:
        yield 'method.temperature is of teachers that were taught before: it takes teacher = "cross-fitted"'
    for key in ("layer", "temperature", "teacher", "reweigh_distillation"):
        if key in given and not w.distillation:
            yield f"method.{key} is of L_kd, which has weight 0: it takes distillation = 1"
    if "reliability" in given and not w.uncertainty:
        yield "method.reliability is of L_unc, which has weight 0: it takes uncertainty = 1"


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def methods_of(names: Sequence[str]) -> list[str]:
    """Return the methods to compare, those of a group in its place."""
    return [name for one in names for name in GROUPS.get(one, (one,))]
