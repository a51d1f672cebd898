/** A part of a whole in percent; all of it, and nothing, only where it is so. */
export function rateText(rate: number): string {
  const percent = rate * 100;
  if (percent > 99 && percent < 100) {
    return ">99%";
  }
  return percent > 0 && percent < 1 ? "<1%" : `${Math.round(percent)}%`;
}
