/** How many of its tags a listed action shows; the rest is a number. */
export const MOST_TAGS = 4;
