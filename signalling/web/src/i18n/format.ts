import { language } from './index';

const locale = (): string => (language() === 'vi' ? 'vi-VN' : 'en-GB');

/** "14:30, 24/11/2025" in the language of the page. */
export function formatMoment(ms: number): string {
  const time = formatTime(ms);
  const day = new Date(ms).toLocaleDateString(locale(), { day: '2-digit', month: '2-digit', year: 'numeric' });
  return `${time}, ${day}`;
}

/** "14:30" */
export function formatTime(ms: number): string {
  return new Date(ms).toLocaleTimeString(locale(), { hour: '2-digit', minute: '2-digit' });
}

/** "Thứ Hai, 24/11/2025" */
export function formatDay(ms: number): string {
  return new Date(ms).toLocaleDateString(locale(), {
    weekday: 'long',
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
  });
}

/** "tháng 11 năm 2025" */
export function formatMonth(ms: number): string {
  return new Date(ms).toLocaleDateString(locale(), { month: 'long', year: 'numeric' });
}

/** "T2" */
export function formatWeekday(ms: number): string {
  return new Date(ms).toLocaleDateString(locale(), { weekday: 'short' });
}

/** "5:07" or "1:05:07". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`;
}
