"""Publishers' marks are found, masked and filled; then every picture becomes 256×256."""
