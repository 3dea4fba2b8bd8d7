import numpy as np
import pytest

from sketch2color.metrics.memorization import memorization, nearest, spacing_of


@pytest.fixture
def training():
    return np.random.default_rng(1).normal(0, 1, (60, 20))


def test_the_nearest_is_found_and_its_distance(training):
    distance, index = nearest(training[17] + 0.01, training)
    assert index == 17
    assert distance == pytest.approx(0.01 * 20**0.5)


def test_a_copy_scores_one_and_a_fresh_image_next_to_nothing(training):
    spacing = spacing_of(training)
    fresh = np.random.default_rng(2).normal(0, 1, (60, 20))

    def scores(images):
        return [memorization(nearest(image, training)[0], spacing) for image in images]

    assert scores(training) == [1] * 60
    assert np.mean(scores(fresh)) < 0.02
    noisy = [np.mean(scores(training + step * np.ones(20))) for step in (0.05, 0.2, 0.4)]
    assert 1 > noisy[0] > noisy[1] > noisy[2] > 0


def test_the_spacing_is_in_the_unit_of_distances(training):
    assert spacing_of(3 * training) == pytest.approx(3 * spacing_of(training))


def test_a_few_doubles_in_the_training_set_do_not_set_the_spacing(training):
    doubled = np.concatenate([training, training[:1]])
    assert spacing_of(doubled) == pytest.approx(spacing_of(training), rel=0.2)


def test_without_others_there_is_no_spacing(training):
    assert spacing_of(training[:1]) is None
    assert spacing_of(np.empty((0, 0))) is None
    assert spacing_of(np.ones((5, 3))) is None
