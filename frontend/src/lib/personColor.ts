// The editor's hash hardly tells neighbouring numbers apart; with this factor the first people get well-spread hues.
const SPREAD = 59_083;

/** The id under which the editor knows a person; it derives the colour of a cursor from it. */
export function cursorIdentity(userId: number): string {
  return `person-${userId * SPREAD}`;
}

/** A person's hue: the editor's own formula, so that an avatar and a cursor have the same colour. */
export function personHue(userId: number): number {
  let hash = 0;
  for (const char of cursorIdentity(userId)) hash = (hash << 5) - hash + char.charCodeAt(0);
  return (Math.abs(hash) % 37) * 10;
}
