import torch

from core.models.face_sequence import FaceSequence


def test_expression_starts_as_the_mean_of_the_usable_frames():
    torch.manual_seed(0)
    face = FaceSequence(n_embedding=12, n_classes=3).eval()
    embeddings, mask = torch.randn(2, 16, 12), torch.zeros(2, 16, dtype=torch.bool)
    mask[:, 10:] = True
    feature = face(embeddings * mask.unsqueeze(-1), torch.rand(2, 16), mask)
    expected = face.classifier(embeddings[:, 10:]).softmax(-1).mean(1)
    torch.testing.assert_close(feature[:, :3], expected)
    assert feature.shape == (2, face.n_features)


def test_without_any_face_the_feature_is_finite():
    face = FaceSequence(n_embedding=12, n_classes=3).eval()
    assert face(torch.zeros(1, 16, 12), torch.zeros(1, 16), torch.zeros(1, 16, dtype=torch.bool)).isfinite().all()
