"""Text as amazon-textract-textractor 1.10 writes it, for those who compare or move from there."""
