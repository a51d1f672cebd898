/** The instant that a field for date and time names, in the zone of the browser; none where it is empty. */
export function instantOf(local: string): string | undefined {
  const instant = new Date(local);
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}

/** What such a field shows for an instant. */
export function localText(instant: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const year = String(instant.getFullYear()).padStart(4, "0");
  const day = `${year}-${two(instant.getMonth() + 1)}-${two(instant.getDate())}`;
  return `${day}T${two(instant.getHours())}:${two(instant.getMinutes())}`;
}
