"""Fusion of M >= 2 modalities in the shared space, chosen by name.

A name is a weighting, or a weighting and a mixing: ``udml``, ``udml+attention``. To add a weighting, write the class
and register it::

    @register("mine")
    class Mine(Fusion): ...
"""

from core.models.fusion import dual, evidence, udml, weighting
from core.models.fusion.dual import Dfum, DfumHead, Ucrl
from core.models.fusion.evidence import TmcFusion
from core.models.fusion.interface import Fused, Fusion, build_fusion, known_fusions, places_of, register
from core.models.fusion.udml import PAPER, REPO, UdmlForm, UdmlFusion

__all__ = [
    "PAPER",
    "REPO",
    "Dfum",
    "DfumHead",
    "Fused",
    "Fusion",
    "TmcFusion",
    "Ucrl",
    "UdmlForm",
    "UdmlFusion",
    "build_fusion",
    "dual",
    "evidence",
    "known_fusions",
    "places_of",
    "register",
    "udml",
    "weighting",
]
