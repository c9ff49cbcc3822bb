"""The methods that the fusion benchmarks compare: one recipe per row of a table."""

from __future__ import annotations

from dataclasses import replace

from core.models.fusion import PAPER, REPO, UdmlForm
from training.fuse import FuseRecipe

UDML = FuseRecipe("udml+concat", noise=1.0, signal=True, noise_rate=3.0)
"""Ours: no draws and no prior, which cost two points of corrupted accuracy on validation speakers (seeds 10 and 11)."""
PUBLISHED = FuseRecipe("udml+concat", sampled=True, blocked=True)
WIDE = (0.25, 1.75)
LETTER = replace(PAPER, kappa_range=(1e-6, 1e6), of_logits=True)
"""The paper's weights with nothing of ours in them: kappa of the logits, and no bounds."""
BY_THE_LETTER = replace(PUBLISHED, form=LETTER, noise=1.0)
FAMILIES = ("concat", "attention", "gating", "mmtm", "transformer")

BASELINES = {
    "static concatenation": FuseRecipe("static+concat"),
    "static, clean data only": FuseRecipe("static+concat", noisy=False),
    "late fusion": FuseRecipe("static+mean"),
    "learned weights": FuseRecipe("learned+concat"),
    "modality dropout": FuseRecipe("static+concat", drop=True),
    "probabilistic embeddings": FuseRecipe("pe+concat", sampled=True, prior=1e-3),
    "QMF": FuseRecipe("qmf+mean", rank=0.1),
    "TMC": FuseRecipe("tmc+mean", evidential=True),
    "EAU-like": FuseRecipe("eau+concat", sampled=True, prior=1e-3, contrastive=0.1),
}
DUAL = {
    "DUAL-M": FuseRecipe("ucrl", dfum=True, dam=True, prior=1e-3),
    "DUAL: DFUM": FuseRecipe("static+concat", dfum=True, prior=1e-3),
    "DUAL: DFUM + DAM": FuseRecipe("static+concat", dfum=True, dam=True, prior=1e-3),
    "DUAL: UCRL": FuseRecipe("ucrl"),
    "DUAL: UCRL, prior on Sigma": FuseRecipe("ucrl", relation_prior=1e-3),
}
FORMS = {
    "UDML": UDML,
    "UDML, paper's form": replace(PUBLISHED, form=PAPER, noise=1.0),
    "UDML, code's form": replace(PUBLISHED, form=REPO, noise=0.1, redraw=False, unimodal=4.0, prior=1e-5),
    "UDML, as it is live": replace(UDML, fusion="udml-noise+mean"),
    "UDML, as it is live, concatenated": replace(UDML, fusion="udml-noise+concat"),
    "UDML, draws and prior": replace(UDML, sampled=True, prior=1e-3),
    "UDML, kappa 0.25 to 1.75": replace(UDML, form=UdmlForm(kappa_range=WIDE)),
    "UDML, learnt competence": replace(UDML, form=UdmlForm(dependency=False, competence=True)),
}
ABLATION = {
    "UDML - signal power": replace(UDML, signal=False),
    "UDML - noise estimator": replace(UDML, form=UdmlForm(estimator=False)),
    "UDML - dependency": replace(UDML, form=UdmlForm(dependency=False)),
    "UDML - progressive": replace(UDML, progressive=False),
}
OTHERS = {
    "UDML, as it is live - progressive": replace(UDML, fusion="udml-noise+mean", progressive=False),
    "UDML, kappa 0.25 to 1.75 - noise estimator": replace(UDML, form=UdmlForm(estimator=False, kappa_range=WIDE)),
}
PAPER_ABLATION = {
    "UDML by the letter": BY_THE_LETTER,
    "UDML by the letter - noise estimator": replace(BY_THE_LETTER, form=replace(LETTER, estimator=False)),
    "UDML by the letter - dependency": replace(BY_THE_LETTER, form=replace(LETTER, dependency=False)),
    "UDML by the letter - progressive": replace(BY_THE_LETTER, progressive=False),
}
"""The paper's Table 4 in its own form: gradient of L_est blocked at Sigma, draws fused, unbounded kappa of logits."""
IN_FAMILIES = {
    f"{name}: {family}": replace(recipe, fusion=f"{weighting}+{family}")
    for family in FAMILIES[1:]
    for name, weighting, recipe in (("static", "static", FuseRecipe()), ("UDML", "udml", UDML))
}
METHODS: dict[str, FuseRecipe] = {
    **BASELINES,
    **FORMS,
    **ABLATION,
    **OTHERS,
    **PAPER_ABLATION,
    **DUAL,
    **IN_FAMILIES,
}
