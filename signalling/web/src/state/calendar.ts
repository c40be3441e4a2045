/** Days of the browser's own clock, each as the millisecond it begins. */

const DAYS_IN_WEEK = 7;

export function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

/** As many days later; right over a change of summer time, too. */
export function addDays(dayMs: number, days: number): number {
  const date = new Date(dayMs);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

/** Monday of the week of this moment. */
export function startOfWeek(ms: number): number {
  const day = startOfDay(ms);
  return addDays(day, -((new Date(day).getDay() + 6) % DAYS_IN_WEEK));
}

export function weekOf(ms: number): number[] {
  const monday = startOfWeek(ms);
  return Array.from({ length: DAYS_IN_WEEK }, (_, i) => addDays(monday, i));
}

export function startOfMonth(ms: number): number {
  const date = new Date(ms);
  return new Date(date.getFullYear(), date.getMonth(), 1).getTime();
}

export function addMonths(ms: number, months: number): number {
  const date = new Date(ms);
  return new Date(date.getFullYear(), date.getMonth() + months, 1).getTime();
}

/** Whole weeks, from the Monday before the first to the Sunday after the last of the month. */
export function monthGrid(ms: number): number[] {
  const end = addMonths(ms, 1);
  const days: number[] = [];
  for (let day = startOfWeek(startOfMonth(ms)); day < end || days.length % DAYS_IN_WEEK > 0; day = addDays(day, 1)) {
    days.push(day);
  }
  return days;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** As <input type="date"> and <input type="time"> have them. */
export function toInputs(ms: number): { date: string; time: string } {
  const at = new Date(ms);
  return {
    date: `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    time: `${two(at.getHours())}:${two(at.getMinutes())}`,
  };
}

/** NaN when they are no date and time. */
export function fromInputs(date: string, time: string): number {
  return new Date(`${date}T${time}`).getTime();
}

/** The next full hour. */
export function nextHour(ms: number): number {
  return new Date(ms).setMinutes(60, 0, 0);
}
