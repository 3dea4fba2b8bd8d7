"""Where images come from: folders, archives, URLs, galleries, Kaggle."""
