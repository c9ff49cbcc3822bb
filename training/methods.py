"""The ways in which ``insula train people`` can teach the live network, by name.

Each changes what its words say and nothing else: encoders, windows, noise, the other losses, what is chosen and how are
the same for all, so that runs of two of them are a fair comparison. Every one makes a model that runs live. What the
live network cannot do (QMF, TMC, DUAL's DFUM and DAM) is in `training.fuse` alone, on precomputed features.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from core.errors import ConfigError
from training.losses import Weights

DEFAULT = "udml"
ANY_SUBSET = 2 / 3
"""Share of windows with one of two sensors hidden that makes both, the EEG alone and the face alone equally likely."""


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


METHODS: dict[str, Method] = {
    DEFAULT: Method("UDML as it is live: weights by the estimated noise level, 1/p, in two stages"),
    "udml-one-stage": Method("the same with noise and weights from the first epoch on", staged=False),
    "udml-square": Method("UDML with weights 1/p^2", "udml-square"),
    "udml-dependency": Method("UDML with weights 1/(p kappa): the dependency too", "udml-dependency"),
    "udml-square-dependency": Method("UDML with weights 1/(p^2 kappa), as its own benchmarks have it", "udml"),
    "udml-competence": Method("UDML's noise level and how much each sensor tells, learnt", "udml-competence"),
    "udml-paper": Method("UDML's weights as its paper has them: kappa without bounds", "udml-paper"),
    "udml-code": Method("UDML's weights as its released code has them: gain 1 + M w", "udml-repo"),
    "static": Method("concatenation, both sensors counting the same", "static+concat"),
    "late": Method("late fusion: the mean of what each sensor says", "static"),
    "dropout": Method(
        "concatenation, with both, the EEG alone or the face alone equally often", "static+concat",
        modality_dropout=ANY_SUBSET,
    ),
    "learned": Method("one weight for each sensor, learnt, and concatenation", "learned+concat"),
    "pe": Method("weights by the inverse of each sensor's variance, and concatenation", "pe+concat"),
    "eau": Method("EAU's weights, a swapped softmax of the variances, and concatenation", "eau+concat"),
    "ucrl": Method("DUAL's relations between sensors, weighed by their variance (UCRL), without DFUM and DAM", "ucrl"),
    "no-thesis": Method(
        "UDML, and the face teaches the EEG nothing", weights=Weights(similarity=0.0, uncertainty=0.0, distillation=0.0)
    ),
    "thesis-literal": Method("UDML, and L_unc follows the thesis' words", weights=Weights(target="literal")),
    "thesis-layer-1": Method("UDML, and L_kd enters behind the head's first layer", weights=Weights(injection=1)),
    "thesis-layer-2": Method("UDML, and L_kd enters behind the head's second layer", weights=Weights(injection=2)),
    "thesis-even": Method("UDML, and L_kd counts alike in all windows", weights=Weights(reweigh=False)),
    "thesis-imitation": Method("UDML, and the EEG imitates what the face says, too", weights=Weights(imitation=0.5)),
}  # fmt: skip
"""By name."""


def method_of(name: str) -> Method:
    """Return the method of a name; an empty one is the default.

    Raises
    ------
    ConfigError
        There is none of this name; all are listed.
    """
    try:
        return METHODS[name or DEFAULT]
    except KeyError:
        known = "; ".join(f"{each} ({one.words})" for each, one in METHODS.items())
        raise ConfigError(f"No method is called {name!r}. Known: {known}.") from None
