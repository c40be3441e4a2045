import type { Hand, Seat, SeatState } from '../protocol';

const URGENCY: Record<SeatState, number> = {
  missing: 0,
  lost: 1,
  calling: 2,
  connecting: 3,
  joined: 4,
};

/** A seat that is in the meeting but whose picture or sound is not right. */
export const isTroubled = (seat: Seat): boolean => seat.trouble.length > 0;

const urgencyOf = (seat: Seat): number => URGENCY[seat.state] - (isTroubled(seat) ? 0.5 : 0);

/**
 * Worst first: who is missing needs the host, then who is not seen or heard well; then in the order of `places` (sources, poorest
 * connection first), and of the seats.
 */
export function worstFirst(seats: readonly Seat[], places: readonly number[] = []): Seat[] {
  const at = new Map(places.map((source, index) => [source, index]));
  const place = ({ source }: Seat): number => at.get(source) ?? places.length;
  return [...seats].sort(
    (a, b) => urgencyOf(a) - urgencyOf(b) || place(a) - place(b) || a.source - b.source,
  );
}

/** How many of the invited sites are in the picture. A user who joined with a camera is no site. */
export function joinedCount(seats: readonly Seat[]): { joined: number; total: number } {
  const sites = seats.filter((seat) => seat.site !== null);
  return {
    joined: sites.filter((seat) => seat.state === 'joined').length,
    total: sites.length,
  };
}

export function isAbsent(seat: Seat): boolean {
  return seat.state === 'missing' || seat.state === 'lost';
}

/** Where each raised hand is in the queue: its source → 1, 2, … */
export function queuePlaces(hands: readonly Hand[]): ReadonlyMap<number, number> {
  return new Map(hands.map(({ source }, index) => [source, index + 1]));
}
