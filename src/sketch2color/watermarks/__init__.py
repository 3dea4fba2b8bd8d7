"""Publishers' marks are found, masked and filled; then every image becomes 256×256."""
