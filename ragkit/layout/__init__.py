"""Documents as pages, elements, lines and words, and how they become text."""
