"""The types of sources: folders, archives, URL lists, galleries, Kaggle; ``registry`` lists them."""
