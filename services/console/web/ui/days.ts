/** The day that an instant is of, in the zone of the browser, as a field for dates has it. */
export function dayOf(instant: string): string {
  const date = new Date(instant);
  const two = (number: number) => String(number).padStart(2, "0");
  const year = String(date.getFullYear()).padStart(4, "0");
  return `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Whether its year is one that somebody means, and not the first digits of it. */
export function isWholeDay(day: string): boolean {
  return day >= "1000";
}

/** The first instant of a day in the zone of the browser. */
export function startOf(day: string): string {
  return new Date(`${day}T00:00:00`).toISOString();
}

/** The last one of it. */
export function endOf(day: string): string {
  return new Date(`${day}T23:59:59.999`).toISOString();
}
