/** When a `Tooltip` shows that says what stands nowhere else: Mantine's own are for a mouse alone. */
export const HINTS = { hover: true, focus: true, touch: true };
