import { formatTime } from "../ui/time";

/** Milliseconds without events after which the next event begins a new visit. */
const PAUSE_MS = 30 * 60_000;

interface Timed {
  readonly created_at: string;
}

/** Consecutive events without a pause. */
export interface Visit<Event extends Timed> {
  /** Newest first. */
  readonly events: readonly Event[];
  readonly seconds: number;
  /** False if earlier events of the visit may not be loaded yet. */
  readonly isWhole: boolean;
}

export interface Day<Event extends Timed> {
  /** `2026-11-30` in the time zone of the console. */
  readonly date: string;
  readonly visits: readonly Visit<Event>[];
}

/**
 * Groups events by day, and by pauses into visits. A visit over midnight belongs to the day of its last event.
 * @param events newest first
 * @param hasMore whether earlier events exist
 */
export function groupVisits<Event extends Timed>(
  events: readonly Event[],
  hasMore: boolean,
  timeZone: string,
): Day<Event>[] {
  const groups: Event[][] = [];
  for (const event of events) {
    const visit = groups.at(-1);
    const later = visit?.at(-1);
    if (visit && later && timeOf(later) - timeOf(event) < PAUSE_MS) visit.push(event);
    else groups.push([event]);
  }
  const days: { date: string; visits: Visit<Event>[] }[] = [];
  groups.forEach((visit, index) => {
    const [last] = visit;
    const first = visit.at(-1);
    if (!last || !first) return;
    const date = formatTime(last.created_at, timeZone).slice(0, 10);
    const whole = { events: visit, seconds: (timeOf(last) - timeOf(first)) / 1_000 };
    const shown = { ...whole, isWhole: !hasMore || index < groups.length - 1 };
    const day = days.at(-1);
    if (day?.date === date) day.visits.push(shown);
    else days.push({ date, visits: [shown] });
  });
  return days;
}

function timeOf({ created_at }: Timed): number {
  return Date.parse(created_at);
}
